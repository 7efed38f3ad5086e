import { el } from "../shared/dom.js";

const TINTS = 8;

/** "Ada Lovelace" → "AL", "ada" → "A". */
export function initials(name) {
  const words = name.trim().split(/\s+/u);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...word][0] ?? "").join("").toUpperCase();
}

/** Fills a .avatar with somebody's picture, or with his initials on a colour that his id chooses. */
export function drawAvatar(node, { id, name, avatarUrl }) {
  const drawn = `${id} ${name} ${avatarUrl}`;
  if (node.dataset.drawn === drawn) return;
  node.dataset.drawn = drawn;
  node.dataset.tint = tint(id ?? name);
  if (!avatarUrl) return node.replaceChildren(initials(name));
  const picture = el("img", { src: avatarUrl, alt: "", referrerpolicy: "no-referrer" });
  picture.addEventListener("error", () => node.replaceChildren(initials(name)));
  return node.replaceChildren(picture);
}

/** A new .avatar of this person. */
export function avatar(person) {
  const node = el("span", { class: "avatar", "aria-hidden": "true" });
  drawAvatar(node, person);
  return node;
}

function tint(text) {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % TINTS;
}
