import { el, setText } from "../shared/dom.js";

const SHORT = 1500; // ms without a connection that are not worth a word
const LONG = 12_000; // ms after which it no longer looks like a hiccup

/** Tells of a lost connection, in a line that floats over the thread, so that nothing moves. */
export class Status {
  node = el("div", { class: "status", role: "status", dir: "auto", "data-part": "status" });
  #timers = [];
  #connected = true;

  constructor() {
    window.addEventListener("offline", () => this.#connected || this.#say());
  }

  set(connected) {
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.#timers.forEach(clearTimeout);
    if (connected) setText(this.node, "");
    else this.#timers = [setTimeout(() => this.#say(), SHORT), setTimeout(() => this.#say(true), LONG)];
  }

  #say(isLong = false) {
    setText(this.node, isLong || !navigator.onLine ? "No connection: we keep trying" : "Reconnecting…");
  }
}
