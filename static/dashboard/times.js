const MINUTE = 60_000;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const fullDate = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const longDate = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const dayTime = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** For the list: "now", "5 m", "14:02", "Tue", "3 Nov". */
export function short(iso, now = new Date()) {
  const then = new Date(iso);
  const age = now - then;
  if (age < MINUTE) return "now";
  if (age < 60 * MINUTE) return `${Math.floor(age / MINUTE)} m`;
  if (sameDay(then, now)) return clock.format(then);
  return age < 6 * 24 * 60 * MINUTE ? weekday.format(then) : date.format(then);
}

export function time(iso) {
  return clock.format(new Date(iso));
}

export function full(iso) {
  return moment.format(new Date(iso));
}

/** For a line between two days: "Today", "Yesterday", or the date. */
export function day(iso, now = new Date()) {
  const then = new Date(iso);
  if (sameDay(then, now)) return "Today";
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  return sameDay(then, yesterday) ? "Yesterday" : fullDate.format(then);
}

/** For something to come or past: "today 14:02", "tomorrow 09:00", "Mon, 3 Nov, 09:00". */
export function moments(iso, now = new Date()) {
  const then = new Date(iso);
  const days = Math.round((startOfDay(then) - startOfDay(now)) / (24 * 60 * MINUTE));
  const word = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  return word ? `${word} ${clock.format(then)}` : dayTime.format(then);
}

/** For a date alone: "3 November 2026". */
export function dateOf(iso) {
  return longDate.format(new Date(iso));
}

/** What the clock shows in a time zone such as "Europe/Oslo"; null if there is no such zone. */
export function clockIn(timeZone, now = new Date()) {
  try {
    return new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", timeZone }).format(now);
  } catch {
    return null;
  }
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

export function sameDay(one, other) {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

/** When a snooze of this name ends. */
export function snoozeEnd(name, now = new Date()) {
  const end = new Date(now);
  if (name === "hour") {
    end.setHours(end.getHours() + 1);
    return end;
  }
  const days = name === "tomorrow" ? 1 : (8 - end.getDay()) % 7 || 7; // to Monday
  end.setDate(end.getDate() + days);
  end.setHours(9, 0, 0, 0);
  return end;
}
