/** Attachments: their addresses and how they are told. */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
const KINDS = [
  [/^(application\/pdf|text\/)|document|msword/, "file-text"],
  [/^image\//, "image"],
  [/^audio\//, "volume-2"],
  [/zip|compressed|archive|tar$/, "archive"],
];

/** The address on our own host, whatever name the server goes by elsewhere. */
export function pathOf(url) {
  const { pathname, search } = new URL(url, location.origin);
  return pathname + search;
}

export function thumbnailOf(url) {
  return `${pathOf(url)}&thumbnail=1`;
}

/** Whether the address has stopped working. */
export function isExpired(url) {
  const expires = Number(new URL(url, location.origin).searchParams.get("expires"));
  return expires > 0 && expires * 1000 < Date.now();
}

export function isPicture({ contentType, width, height }) {
  return Boolean(contentType?.startsWith("image/") && width && height);
}

/** The name of the icon for a type. */
export function glyphOf(contentType) {
  return KINDS.find(([pattern]) => pattern.test(contentType ?? ""))?.[1] ?? "file";
}

/** 1536 → "1.5 kB". */
export function sizeText(bytes) {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const number = bytes / 1000 ** power;
  const format = { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: number < 10 && power ? 1 : 0 };
  return new Intl.NumberFormat(undefined, format).format(number);
}
