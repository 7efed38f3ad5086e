import { el } from "../shared/dom.js";

const SHOWN = 7000; // ms

/** Short notices: of what did not work, or with kind "done" of what did. */
export class Toasts {
  #root;

  constructor(root) {
    this.#root = root;
  }

  show(text, kind = "problem") {
    const toast = el("p", { class: "toast", "data-kind": kind }, text);
    this.#root.append(toast);
    setTimeout(() => toast.remove(), SHOWN);
  }
}
