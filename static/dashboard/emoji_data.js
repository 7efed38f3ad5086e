/** The emoji of the panel, by group: each with its name and other words to find it by. */
export const GROUPS = [
  ["Faces", `
😀 grinning happy|😃 smiley happy|😄 smile happy|😁 grin|😅 sweat_smile relief|😂 joy tears laugh|🤣 rofl laugh|🙂 slight_smile|🙃 upside_down
😉 wink|😊 blush pleased|😇 innocent angel|🥰 hearts_face love|😍 heart_eyes love|🤩 star_struck wow|😘 kiss|😋 yum tasty|😛 tongue|🤪 zany crazy
🤗 hug|🤭 giggle oops|🤫 shush quiet|🤔 thinking hmm|🤨 raised_eyebrow|😐 neutral|😶 speechless|😏 smirk|🙄 eye_roll|😬 grimace|😌 relieved calm
😔 pensive sad|😴 sleeping tired|🤒 sick thermometer|🤯 mind_blown|🥳 party celebrate|😎 cool sunglasses|🤓 nerd|😕 confused|😟 worried|🙁 frown sad
😮 surprised wow|😳 flushed|🥺 pleading please|😢 cry sad|😭 sob cry|😱 scream fear|😞 disappointed|😓 sweat|😩 weary|😤 huff|😡 angry rage|😈 devil`],
  ["People", `
👍 thumbs_up yes like +1|👎 thumbs_down no -1|👌 ok perfect|✌️ peace victory|🤞 fingers_crossed luck|🤟 love_you|🤙 call_me|👈 point_left|👉 point_right
👆 point_up|👇 point_down|👋 wave hello bye|✋ hand stop|🖐️ hand_spread five|👏 clap bravo|🙌 raised_hands hooray|👐 open_hands|🤝 handshake deal
🙏 pray thanks please|💪 muscle strong|✍️ writing|🤷 shrug dunno|🤦 facepalm|🙋 raising_hand|🙇 bow sorry|💁 info|👀 eyes look|🧠 brain|👤 person|👥 people`],
  ["Hearts and signs", `
❤️ heart love red|🧡 orange_heart|💛 yellow_heart|💚 green_heart|💙 blue_heart|💜 purple_heart|🖤 black_heart|💔 broken_heart|💯 hundred perfect
✨ sparkles new|⭐ star|🔥 fire hot|⚡ zap fast|💥 boom|💡 idea bulb|✅ check done yes|❌ cross no|❗ exclamation|❓ question|⚠️ warning|🚫 forbidden no
♻️ recycle|➡️ arrow_right|⬅️ arrow_left|⬆️ arrow_up|⬇️ arrow_down|🆗 ok_sign|🆕 new_sign|💬 speech chat|💤 zzz sleep`],
  ["Nature and food", `
☀️ sun|🌤️ partly_sunny|🌧️ rain|❄️ snow|🌈 rainbow|🌍 earth world|🌱 seedling plant|🌸 blossom flower|🌹 rose|🌳 tree|🍀 clover luck|🐶 dog|🐱 cat
🐻 bear|🐝 bee|🦋 butterfly|🐢 turtle slow|🦄 unicorn|☕ coffee|🍵 tea|🍺 beer|🍷 wine|🥂 cheers toast|🍕 pizza|🍔 burger|🥗 salad|🍎 apple|🍓 strawberry
🍰 cake|🎂 birthday_cake|🍪 cookie|🍫 chocolate`],
  ["Things", `
🎉 tada party congratulations|🎊 confetti|🎁 gift present|🏆 trophy win|🥇 gold_medal first|🎯 target bullseye|🚀 rocket launch|✈️ airplane flight
🚗 car|🚚 truck delivery shipping|🚲 bicycle|🏠 house home|🏢 office building|🏬 store shop|⏰ alarm_clock|⏳ hourglass wait|📅 calendar date|📦 package parcel
🛒 cart shopping|💳 credit_card payment|💰 money_bag|🧾 receipt invoice|📈 chart_up|📉 chart_down|📎 paperclip|📌 pin|📝 memo note|✏️ pencil|📧 email|📞 phone call
📱 mobile|💻 laptop computer|🖥️ desktop|🖨️ printer|📷 camera photo|🔒 lock secure|🔑 key|🔍 search magnifier|🔧 wrench fix|🛠️ tools repair|⚙️ gear settings
🔗 link|🔔 bell|🔕 bell_off mute|🎵 music|🐛 bug`],
].map(([title, lines]) => ({ title, emoji: lines.trim().split(/[|\n]/).map(parsed) }));

export const ALL = GROUPS.flatMap(({ emoji }) => emoji);

/** Those with a word that begins with what was typed; a name that does comes first. */
export function findEmoji(typed, most) {
  const wanted = typed.toLowerCase().replace(/\s+/g, "_");
  const starts = ALL.filter(({ name }) => name.startsWith(wanted));
  const others = ALL.filter((one) => !starts.includes(one) && one.words.some((word) => word.startsWith(wanted)));
  return [...starts, ...others].slice(0, most);
}

function parsed(line) {
  const [character, name, ...others] = line.split(" ");
  return { character, name, words: [name, ...name.split("_"), ...others] };
}
