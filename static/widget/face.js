import { el } from "../shared/dom.js";

/** A person's picture in a circle, or the first letter where there is none or it cannot be had. */
export function face({ name, avatarUrl }) {
  const node = el("span", { class: "face", "aria-hidden": "true" }, initial(name));
  if (!avatarUrl) return node;
  const src = new URL(avatarUrl, import.meta.url).href;
  node.append(el("img", { src, alt: "", onerror: (event) => event.target.remove() }));
  return node;
}

function initial(name) {
  return Array.from(name.trim())[0]?.toUpperCase() ?? "";
}
