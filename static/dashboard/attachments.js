import { el } from "../shared/dom.js";
import { glyphOf, isExpired, isPicture, pathOf, sizeText, thumbnailOf } from "./files.js";
import { icon } from "./icon.js";

const WIDEST = 320; // px of a picture in the thread
const TALLEST = 240;

/**
 * A message's files: pictures as thumbnails with their place kept free, all others as cards to download.
 * `onPicture(attachment, node)` shows it large; `onExpired()` asks for addresses that work.
 */
export function attachmentNodes(attachments, { onPicture, onExpired }) {
  const make = (one) => (isPicture(one) && one.url ? picture(one, onPicture, onExpired) : card(one, onExpired));
  return attachments.map(make);
}

function picture(attachment, onPicture, onExpired) {
  const { name, url, width, height } = attachment;
  const scale = Math.min(1, WIDEST / width, TALLEST / height);
  const size = { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
  const image = el("img", { src: thumbnailOf(url), alt: name, ...size, decoding: "async", draggable: "false" });
  const button = el("button", { type: "button", class: "picture", "data-part": "picture", title: name }, image);
  button.addEventListener("click", () => onPicture(attachment, button));
  image.addEventListener("error", () => {
    button.replaceWith(card(attachment, onExpired));
    if (isExpired(url)) onExpired();
  });
  return button;
}

function card(attachment, onExpired) {
  const { name, contentType, size, url } = attachment;
  const words = el("span", { class: "card-words" }, el("bdi", { class: "card-name" }, name), el("span", { class: "card-size" }, sizeText(size)));
  if (!url) return el("span", { class: "card", "data-part": "file" }, icon(glyphOf(contentType)), words);
  const link = el("a", { class: "card", "data-part": "file", href: pathOf(url), download: name, title: name }, icon(glyphOf(contentType)), words, icon("download"));
  link.addEventListener("click", (event) => {
    if (!isExpired(url)) return;
    event.preventDefault();
    onExpired();
  });
  return link;
}
