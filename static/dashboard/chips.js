import { el, setText } from "../shared/dom.js";
import { glyphOf, isPicture, sizeText, thumbnailOf } from "./files.js";
import { icon } from "./icon.js";

/** The files of a draft under the text: each with its progress, what went wrong, and a way out. */
export class Chips {
  #root;
  #nodes = new Map();
  #onRemove;

  /** `onRemove(upload)` */
  constructor(root, onRemove) {
    this.#root = root;
    this.#onRemove = onRemove;
  }

  show(uploads) {
    for (const [upload, node] of this.#nodes) if (!uploads.includes(upload)) this.#drop(upload, node);
    for (const upload of uploads) this.#fill(this.#nodes.get(upload) ?? this.#make(upload), upload);
    this.#root.hidden = uploads.length === 0;
  }

  #make(upload) {
    const { name } = upload.file;
    const retry = el("button", { type: "button", class: "plain icon-only", "aria-label": `Upload ${name} again`, title: "Again", onclick: () => upload.retry() }, icon("rotate-ccw"));
    const remove = el("button", { type: "button", class: "plain icon-only", "aria-label": `Remove ${name}`, title: "Remove", onclick: () => this.#onRemove(upload) }, icon("x"));
    const words = el("span", { class: "chip-words" }, el("bdi", { class: "chip-name", title: name }, name), el("span", { class: "chip-state", role: "status" }));
    const node = el("li", { class: "chip", "data-part": "chip" }, el("span", { class: "chip-picture" }, icon(glyphOf(upload.file.type))), words, retry, remove, el("progress", { max: 1, "aria-label": `Uploading ${name}` }));
    this.#nodes.set(upload, node);
    this.#root.append(node);
    return node;
  }

  #fill(node, upload) {
    const { state, progress, problem, file, attachment } = upload;
    const [retry] = node.querySelectorAll("button");
    node.dataset.state = state;
    retry.hidden = state !== "failed" || !upload.mayRetry;
    node.querySelector("progress").hidden = state !== "uploading";
    node.querySelector("progress").value = progress;
    setText(node.querySelector(".chip-state"), { uploading: "Uploading…", failed: problem, done: sizeText(file.size) }[state]);
    if (attachment && isPicture(attachment)) this.#showPicture(node.querySelector(".chip-picture"), attachment);
  }

  #showPicture(place, { url }) {
    if (!place.querySelector("img")) place.replaceChildren(el("img", { src: thumbnailOf(url), alt: "" }));
  }

  /** The focus goes on to the next chip's button, or back to the text. */
  #drop(upload, node) {
    const hadFocus = node.contains(document.activeElement);
    const next = node.nextElementSibling ?? node.previousElementSibling;
    this.#nodes.delete(upload);
    node.remove();
    if (hadFocus) (next?.querySelector("button:not([hidden])") ?? this.#root.closest("form").querySelector("textarea")).focus();
  }
}
