import { el } from "../shared/dom.js";

const SHOWN = 7000; // ms

/** Short notices of what did not work. */
export class Toasts {
  #root;

  constructor(root) {
    this.#root = root;
  }

  show(text) {
    const toast = el("p", { class: "toast" }, text);
    this.#root.append(toast);
    setTimeout(() => toast.remove(), SHOWN);
  }
}
