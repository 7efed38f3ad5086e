import { el, setText } from "../shared/dom.js";

const QUIET = 30_000; // ms in which a listener is not told the same again
const list = new Intl.ListFormat("en", { type: "conjunction" });

/** "Ada is typing…", as a bubble under the last message and as words for those who listen. */
export class Dots {
  node;
  spoken = el("p", { class: "unseen", role: "status" });
  #names = el("div", { class: "author", dir: "auto" });
  #forgetting;

  constructor() {
    const dots = el("div", { class: "text dots" }, el("i"), el("i"), el("i"));
    const marks = { "data-part": "typing", "data-first": "true", "data-last": "true", "aria-hidden": "true" };
    this.node = el("div", { class: "row", hidden: true, ...marks }, this.#names, el("div", { class: "body" }, dots));
  }

  draw(names) {
    this.node.hidden = names.length === 0;
    if (names.length === 0) return;
    const words = `${list.format(names)} ${names.length === 1 ? "is" : "are"} typing…`;
    setText(this.#names, words);
    setText(this.spoken, words);
    clearTimeout(this.#forgetting);
    this.#forgetting = setTimeout(() => setText(this.spoken, ""), QUIET);
  }
}
