import { el, icon } from "../shared/dom.js";
import { wellFormed } from "./visit.js";

const LIMIT = 4000; // code points of a message
const NEAR_LIMIT = 200; // code points left at which the count is shown
const TALLEST = 140; // px

/** Where the visitor writes. What he has not sent yet survives a reload. */
export class Composer {
  node;
  #store;
  #onSend;
  #input;
  #send;
  #count = el("div", { class: "count", "data-part": "count", hidden: true });

  /** `onSend(text)` returns false to keep the text. */
  constructor(store, onSend) {
    this.#store = store;
    this.#onSend = onSend;
    this.#input = el("textarea", {
      class: "input",
      rows: "1",
      dir: "auto",
      enterkeyhint: "send",
      placeholder: "Write a message…",
      "aria-label": "Your message",
      "data-part": "input",
      oninput: () => this.#changed(),
      onkeydown: (event) => this.#key(event),
    });
    this.#send = el("button", { class: "send", type: "submit", "aria-label": "Send", "data-part": "send" });
    this.#send.append(icon("M12 19V5.5M6 11.5l6-6 6 6"));
    this.node = el("form", { class: "composer", "data-part": "composer" });
    this.node.addEventListener("submit", (event) => this.#submit(event));
    this.node.append(el("div", { class: "field" }, this.#input, this.#send), this.#count);
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

  disable() {
    this.#input.disabled = true;
    this.#send.disabled = true;
  }

  get #text() {
    return wellFormed(this.#input.value.trim());
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
    if (text === "" || left(text) < 0 || this.#onSend(text) === false) return;
    this.#input.value = "";
    this.#changed();
    this.#input.focus();
  }

  #changed() {
    const { value } = this.#input;
    if (value) this.#store.write("draft", value);
    else this.#store.remove("draft");
    this.#drawCount(left(this.#text));
    this.fit();
  }

  #drawCount(remaining) {
    this.#count.hidden = remaining > NEAR_LIMIT;
    this.#count.textContent = remaining < 0 ? `${-remaining} too many` : `${remaining} left`;
    this.#count.toggleAttribute("data-over", remaining < 0);
    this.#input.setAttribute("aria-invalid", String(remaining < 0));
    this.#send.disabled = remaining < 0 || this.#text === "";
  }

  /** As high as its text; it has no height to measure before it is shown. */
  fit() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${Math.min(this.#input.scrollHeight, TALLEST)}px`;
  }
}

function left(text) {
  return LIMIT - Array.from(text).length;
}
