import { setText } from "../shared/dom.js";

/** The bubble at the thread's end while the customer is typing, with what he typed where the channel shows that. */
export class Typists {
  #part;
  #thread;

  constructor(part, thread) {
    this.#part = part;
    this.#thread = thread;
  }

  /** `typing`: {name, preview} or null. */
  show(typing) {
    const wasAtEnd = this.#thread.isAtEnd;
    this.#part("typing").hidden = !typing;
    if (!typing) return;
    setText(this.#part("typing-who"), `${typing.name} is typing`);
    setText(this.#part("typing-preview"), typing.preview);
    this.#part("typing-unsent").hidden = !typing.preview;
    if (wasAtEnd) this.#thread.toEnd();
  }
}
