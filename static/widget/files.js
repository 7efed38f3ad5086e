/** Attachments: their addresses, and how they are told. */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
const SHEET = "M15 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V7zM14 2v4a2 2 0 0 0 2 2h4";
const KINDS = [
  [/^(application\/pdf|text\/)|document|msword/, `${SHEET}M16 13H8M16 17H8M10 9H8`],
  [/^image\//, "M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM21 15l-3.1-3.1a2 2 0 0 0-2.8 0L6 21M11 9a2 2 0 1 1-4 0 2 2 0 0 1 4 0z"],
  [/^audio\//, "M11 5L6 9H2v6h4l5 4zM15.5 8.5a5 5 0 0 1 0 7M19 5a10 10 0 0 1 0 14"],
  [/^video\//, "M22 8l-6 4 6 4zM4 6h10a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2z"],
  [/zip|compressed|archive|tar$/, "M21 8v13H3V8M1 3h22v5H1zM10 12h4"],
];

/** Where Deskbell is for this page, whatever name the server goes by elsewhere. `more`: further query parameters. */
export function addressOf(url, more = {}) {
  const { pathname, search } = new URL(url, import.meta.url);
  const address = new URL(pathname + search, import.meta.url);
  for (const [name, value] of Object.entries(more)) address.searchParams.set(name, value);
  return address.href;
}

/** Whether the address has stopped working. */
export function isExpired(url) {
  const expires = Number(new URL(url, import.meta.url).searchParams.get("expires"));
  return expires > 0 && expires * 1000 < Date.now();
}

export function isPicture({ contentType, url, width, height }) {
  return Boolean(url && width && height && contentType.startsWith("image/"));
}

/** The path of the icon for a type. */
export function glyphOf(contentType) {
  return KINDS.find(([pattern]) => pattern.test(contentType))?.[1] ?? SHEET;
}

/** 1536 → "1.5 kB". */
export function sizeText(bytes) {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const number = bytes / 1000 ** power;
  const maximumFractionDigits = number < 10 && power ? 1 : 0;
  const format = { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits };
  return new Intl.NumberFormat(undefined, format).format(number);
}
