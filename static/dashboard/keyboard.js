import { el } from "../shared/dom.js";
import { openDialog } from "./dialogs.js";

const KEYS = [
  ["j", "Next conversation"],
  ["k", "Previous conversation"],
  ["Enter", "Open it"],
  ["r", "Write a reply"],
  ["n", "Write a private note"],
  ["e", "Resolve, or open again"],
  ["a", "Assign"],
  ["/", "Search"],
  ["Esc", "Out of a field or a menu, back to the list"],
  ["?", "These shortcuts"],
];
const TYPING = "input, textarea, select, [contenteditable]";

/** The dashboard without a mouse. Keys with Ctrl, Alt or Meta are the browser's. */
export class Keyboard {
  #does;

  /** `does`: {next, previous, reply, note, resolve, assign, search, back}, each a function. */
  constructor(does) {
    this.#does = does;
  }

  start() {
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  showKeys() {
    const rows = KEYS.map(([key, what]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)));
    const close = el("button", { type: "button", class: "primary", onclick: ({ target }) => target.closest("dialog").close() }, "Close");
    openDialog({ title: "Keyboard shortcuts", content: [el("dl", { class: "keys" }, ...rows)], buttons: [close] });
  }

  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open], details.menu[open]")) return; // they have keys of their own
    if (event.key === "Escape") return this.#does.back();
    if (event.target.closest(TYPING)) return;
    const act = this.#actOf(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  }

  #actOf(key) {
    const { next, previous, reply, note, resolve, assign, search } = this.#does;
    const acts = { j: next, k: previous, r: reply, n: note, e: resolve, a: assign, "/": search, "?": () => this.showKeys() };
    return acts[key.length === 1 ? key.toLowerCase() : ""];
  }
}
