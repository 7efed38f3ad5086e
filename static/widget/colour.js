const DARK = "#14171f";
const LIGHT = "#ffffff";

/** The launcher's and panel's look from the channel's settings: {position, accent, onAccent}. */
export function lookOf({ position, colors }) {
  const accent = sixDigits(colors.accent) ?? "#2f5bea";
  return { position, accent, onAccent: readableOn(accent) };
}

/** White, or black if white would be too pale on this colour (WCAG asks for 4.5 : 1). */
export function readableOn(colour) {
  const ground = luminance(colour);
  if (contrast(luminance(LIGHT), ground) >= 4.5) return LIGHT;
  return contrast(luminance(LIGHT), ground) > contrast(luminance(DARK), ground) ? LIGHT : DARK;
}

/** #rgb or #rrggbb as #rrggbb; null for anything else. */
function sixDigits(colour) {
  if (/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  return /^#[0-9a-f]{3}$/i.test(colour) ? colour.replace(/[0-9a-f]/gi, "$&$&") : null;
}

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(part) {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function contrast(one, other) {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
