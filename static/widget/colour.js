const DARK = "#14171f";
const LIGHT = "#ffffff";
const BLACK = "#000000";
const GROUNDS = { light: "#f0f1f4", dark: "#292d37" }; // of each theme the ground on which a colour stands out least
const ENOUGH = 4.5; // : 1, what WCAG asks for text

/** The widget's look from the channel's settings: {position, theme, colours: {role: #rrggbb}}. */
export function lookOf({ position, theme = "auto", colors }) {
  const accent = sixDigits(colors.accent) ?? "#2f5bea";
  const colours = {
    accent,
    "on-accent": readableOn(accent),
    "accent-on-light": towards(BLACK, accent, GROUNDS.light),
    "accent-on-dark": towards(LIGHT, accent, GROUNDS.dark),
  };
  return { position, theme, colours };
}

/** White, near-black or black: the first that can be read on this colour. One of them always can. */
export function readableOn(ground) {
  return [LIGHT, DARK, BLACK].find((colour) => contrast(colour, ground) >= ENOUGH);
}

/** The colour itself, or as much nearer to `goal` as it must be to be read on `ground`. */
function towards(goal, colour, ground) {
  const mixes = Array.from({ length: 21 }, (_, step) => mix(colour, goal, step / 20));
  return mixes.find((mixed) => contrast(mixed, ground) >= ENOUGH);
}

function mix(one, other, share) {
  const [from, to] = [one, other].map(parts);
  return `#${from.map((part, at) => hex(part + (to[at] - part) * share)).join("")}`;
}

function hex(part) {
  return Math.round(part).toString(16).padStart(2, "0");
}

/** #rgb or #rrggbb as #rrggbb; null for anything else. */
function sixDigits(colour) {
  if (/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  return /^#[0-9a-f]{3}$/i.test(colour) ? colour.replace(/[0-9a-f]/gi, "$&$&") : null;
}

/** #rrggbb as [red, green, blue], each 0–255. */
function parts(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

function luminance(colour) {
  const [red, green, blue] = parts(colour).map((part) => linear(part / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(part) {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

export function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}
