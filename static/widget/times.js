const DAY = 24 * 3600 * 1000; // ms
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dateWithYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });

/** 14:05, or as the visitor's language has it. */
export function timeOf(entry) {
  return clock.format(new Date(entry.createdAt));
}

/** Today, Yesterday, or the date. */
export function dayOf(entry) {
  const moment = new Date(entry.createdAt);
  const day = moment.toDateString();
  if (day === new Date().toDateString()) return "Today";
  if (day === new Date(Date.now() - DAY).toDateString()) return "Yesterday";
  return (moment.getFullYear() === new Date().getFullYear() ? date : dateWithYear).format(moment);
}
