import { persist } from "./wait.js";

/** Sends the visitor's messages one after the other, so that they arrive in the order in which they were written. */
export class Outbox {
  #queue = [];
  #running = false;
  #post;
  #onFailure;

  /** `post(entry)` stores one message or throws Problem; `onFailure(entry, problem)` hears of the final one. */
  constructor({ post, onFailure }) {
    this.#post = post;
    this.#onFailure = onFailure;
  }

  add(entry) {
    this.#queue.push(entry);
    if (!this.#running) this.#run();
  }

  async #run() {
    this.#running = true;
    while (this.#queue.length) {
      const entry = this.#queue.shift();
      try {
        await persist(() => this.#post(entry));
      } catch (problem) {
        this.#onFailure(entry, problem);
      }
    }
    this.#running = false;
  }
}
