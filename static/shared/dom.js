/** Building nodes without markup: text goes in as text, so that nothing a person wrote can become HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * el("button", {class: "send", type: "button", onclick: send}, "Send")
 * A function under on… becomes a listener; true an empty attribute; false, null and undefined none at all.
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** A 24 × 24 line icon. `path`: the d of its one path. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** Sets the text only if it differs: a selection in it, or a screen reader's place, survives. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
