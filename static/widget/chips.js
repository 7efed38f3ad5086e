import { el, icon, setText } from "../shared/dom.js";
import { glyphOf, sizeText } from "./files.js";

const CROSS = "M18 6L6 18M6 6l12 12";
const AGAIN = "M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8M3 3v5h5";
const SIDE = 80; // px of a small picture: twice what it is shown at
const LARGEST = 25_000_000; // bytes of an image that is decoded for it

/** The files of what is being written: each with its progress, what went wrong, and a way out. */
export class Chips {
  node = el("ul", { class: "chips", "aria-label": "Files", "data-part": "chips", hidden: true });
  #chips = new Map(); // Upload → Chip
  #onRemove;

  /** `onRemove(upload)`; the focus is then on another chip, or `onEmpty()` takes it. */
  constructor(onRemove, onEmpty) {
    this.#onRemove = onRemove;
    this.onEmpty = onEmpty;
  }

  draw(uploads) {
    for (const upload of this.#chips.keys()) if (!uploads.includes(upload)) this.#drop(upload);
    const news = uploads.filter((upload) => !this.#chips.has(upload));
    for (const upload of uploads) (this.#chips.get(upload) ?? this.#add(upload)).draw();
    this.node.hidden = uploads.length === 0;
    if (news.length) this.node.scrollTop = this.node.scrollHeight;
  }

  #add(upload) {
    const chip = new Chip(upload, () => this.#onRemove(upload));
    this.#chips.set(upload, chip);
    this.node.append(chip.node);
    return chip;
  }

  #drop(upload) {
    const { node } = this.#chips.get(upload);
    const hadFocus = node.contains(node.getRootNode().activeElement);
    const near = node.nextElementSibling ?? node.previousElementSibling;
    this.#chips.delete(upload);
    node.remove();
    if (hadFocus && near) near.querySelector(".chip-remove").focus();
    else if (hadFocus) this.onEmpty();
  }
}

class Chip {
  #upload;
  #state = el("span", { class: "chip-state", role: "status", dir: "auto" });
  #bar;
  #retry;

  constructor(upload, onRemove) {
    this.#upload = upload;
    const { name, type } = upload.file;
    const picture = el("span", { class: "chip-picture", "aria-hidden": "true" }, icon(glyphOf(type)));
    const words = el("span", { class: "chip-words" }, el("bdi", { class: "chip-name", title: name }, name), this.#state);
    this.#bar = el("progress", { max: 1, "aria-label": `Uploading ${name}` });
    this.#retry = button(`Upload ${name} again`, AGAIN, () => upload.start(), "chip-retry");
    const remove = button(`Remove ${name}`, CROSS, onRemove, "chip-remove");
    this.node = el("li", { class: "chip", "data-part": "chip" }, picture, words, this.#retry, remove, this.#bar);
    showPicture(picture, upload.file);
  }

  draw() {
    const { state, progress, problem, mayRetry, file } = this.#upload;
    this.node.dataset.state = state;
    this.#retry.hidden = !(state === "waiting" || (state === "failed" && mayRetry));
    this.#bar.hidden = state !== "uploading";
    this.#bar.value = progress;
    setText(this.#state, problem ?? sizeText(file.size));
  }
}

function button(label, path, onclick, part) {
  return el("button", { type: "button", class: part, title: label, "aria-label": label, "data-part": part, onclick }, icon(path));
}

/** Draws the image itself into the chip: without an address, which the page's policy might not allow. */
async function showPicture(place, file) {
  if (!file.type.startsWith("image/") || file.size > LARGEST) return;
  const image = await createImageBitmap(file).catch(() => null); // the server tells what is wrong with it
  if (!image) return;
  const canvas = el("canvas", { width: SIDE, height: SIDE });
  const scale = SIDE / Math.min(image.width, image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  canvas.getContext("2d").drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  image.close();
  place.replaceChildren(canvas);
}
