import { Chips } from "./chips.js";
import { el, icon, setText } from "../shared/dom.js";
import { filesOf } from "./drop.js";
import { Uploads } from "./uploads.js";
import { wellFormed } from "./visit.js";

const LIMIT = 4000; // code points of a message
const NEAR_LIMIT = 200; // code points left at which the count is shown
const TALLEST = 140; // px
const UPLOADING = "It is sent as soon as the files are uploaded. Keep this page open.";
const WATCHED = "We can see what you type before you send it.";
const NOT_UPLOADED = "Remove the file that was not uploaded, or try it again.";
const CLIP =
  "m21.44 11.05-9.19 9.19a6 6 0 0 1-8.49-8.49l8.57-8.57A4 4 0 1 1 18 8.84l-8.59 8.57a2 2 0 0 1-2.83-2.83l8.49-8.48";

/** Where the visitor writes and adds files. What he has not sent yet survives a reload, but for the files. */
export class Composer {
  node;
  #store;
  #onSend;
  #onType;
  #onRest;
  #input;
  #picker = el("input", { type: "file", multiple: true, hidden: true, "data-part": "picker" });
  #attach;
  #send;
  #uploads;
  #chips = new Chips(
    (upload) => this.#remove(upload),
    () => this.#input.focus(),
  );
  #note = el("div", { class: "composer-note", role: "status", "data-part": "composer-note" });
  #watched = el("p", { class: "watched", id: "deskbell-watched", "data-part": "watched", hidden: true }, WATCHED);
  #isHeldUp = false; // sent, but for files that are still being uploaded
  #count = el("div", { class: "count", "data-part": "count", hidden: true });

  /**
   * `upload` as Uploads calls it. `onSend(text, uploads)` returns false to keep both. `onType(text)`: what stands in
   * the field now; `onRest()`: he left it.
   */
  constructor(store, { upload, onSend, onType, onRest }) {
    this.#store = store;
    this.#onSend = onSend;
    this.#onType = onType;
    this.#onRest = onRest;
    this.#uploads = new Uploads(upload, () => this.#drawFiles());
    this.#input = this.#makeInput();
    this.#attach = button("attach", "Attach files", CLIP, { type: "button", onclick: () => this.#picker.click() });
    this.#send = button("send", "Send", "M12 19V5.5M6 11.5l6-6 6 6", { type: "submit" });
    const field = el("div", { class: "field" }, this.#picker, this.#attach, this.#input, this.#send);
    this.node = el("form", { class: "composer", "data-part": "composer" }, this.#chips.node, field);
    this.node.append(this.#note, this.#watched, this.#count);
    this.node.addEventListener("submit", (event) => this.#submit(event));
    this.node.addEventListener("paste", (event) => this.#paste(event));
    this.#picker.addEventListener("change", () => this.#pick());
    this.#input.value = store.read("draft") ?? "";
    this.#changed();
  }

  focus() {
    this.#input.focus();
    this.fit();
  }

  setPlaceholder(text) {
    this.#input.placeholder = text;
  }

  /** Whether the team sees what is not sent yet; who writes is told so. */
  setWatched(isWatched) {
    this.#watched.hidden = !isWatched;
  }

  disable() {
    for (const control of [this.#input, this.#attach, this.#send]) control.disabled = true;
  }

  /** Takes files into what is being written. */
  add(files) {
    if (this.#input.disabled || files.length === 0) return;
    setText(this.#note, this.#uploads.add(files));
    this.#input.focus();
  }

  get #text() {
    return wellFormed(this.#input.value.trim());
  }

  get #isEmpty() {
    return this.#text === "" && this.#uploads.all.length === 0;
  }

  #makeInput() {
    return el("textarea", {
      class: "input",
      rows: "1",
      dir: "auto",
      enterkeyhint: "send",
      placeholder: "Write a message…",
      "aria-label": "Your message",
      "data-part": "input",
      "aria-describedby": "deskbell-watched",
      oninput: () => this.#typed(),
      onblur: () => this.#onRest(),
      onkeydown: (event) => this.#key(event),
    });
  }

  #pick() {
    this.add([...this.#picker.files]);
    this.#picker.value = ""; // so that the same file can be picked again
  }

  /** What has a text as well, cells of a table with their picture, is meant as text. */
  #paste(event) {
    const files = filesOf(event.clipboardData);
    if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    this.add(files);
  }

  /** Enter sends, Shift+Enter breaks; Enter that ends the composition of a word (Japanese …) does neither. */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#text;
    if (this.#isEmpty || left(text) < 0) return;
    if (this.#uploads.areDone) this.#sendOff(text);
    else this.#holdUp();
    this.#input.focus();
  }

  #sendOff(text) {
    if (this.#onSend(text, this.#uploads.all) === false) return;
    this.#uploads.take();
    this.#input.value = "";
    this.#typed();
  }

  #typed() {
    this.#changed();
    this.#onType(this.#input.value);
  }

  #holdUp() {
    this.#isHeldUp = !this.#uploads.haveFailed;
    setText(this.#note, this.#isHeldUp ? UPLOADING : NOT_UPLOADED);
  }

  /** An upload got further: what waits for it goes out, or cannot. */
  #goOn() {
    if (!this.#uploads.areDone) return this.#holdUp();
    this.#letGo();
    this.#sendOff(this.#text);
  }

  #letGo() {
    this.#isHeldUp = false;
    setText(this.#note, "");
  }

  #remove(upload) {
    this.#letGo();
    this.#uploads.remove(upload);
  }

  #changed() {
    const { value } = this.#input;
    if (value) this.#store.write("draft", value);
    else this.#store.remove("draft");
    this.#letGo();
    this.#drawCount(left(this.#text));
    this.#drawSend();
    this.fit();
  }

  #drawFiles() {
    this.#chips.draw(this.#uploads.all);
    if (this.#isHeldUp) this.#goOn();
    this.#drawSend();
  }

  #drawCount(remaining) {
    this.#count.hidden = remaining > NEAR_LIMIT;
    this.#count.textContent = remaining < 0 ? `${-remaining} too many` : `${remaining} left`;
    this.#count.toggleAttribute("data-over", remaining < 0);
    this.#input.setAttribute("aria-invalid", String(remaining < 0));
  }

  #drawSend() {
    this.#send.disabled = this.#input.disabled || this.#isEmpty || left(this.#text) < 0 || this.#uploads.haveFailed;
  }

  /** As high as its text; it has no height to measure before it is shown. */
  fit() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${Math.min(this.#input.scrollHeight, TALLEST)}px`;
  }
}

function button(part, label, path, attributes) {
  return el("button", { class: part, "aria-label": label, title: label, "data-part": part, ...attributes }, icon(path));
}

function left(text) {
  return LIMIT - Array.from(text).length;
}
