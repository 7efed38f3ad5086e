import { pause } from "./wait.js";

const WAITS = [1000, 2000, 4000, 8000]; // ms before each further attempt
const LONGEST_WAIT = 60_000; // ms; a server that asks for more is not waited for

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
        await this.#deliver(entry);
      } catch (problem) {
        this.#onFailure(entry, problem);
      }
    }
    this.#running = false;
  }

  async #deliver(entry) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#post(entry);
      } catch (problem) {
        if (!problem.passing || attempt === WAITS.length || problem.retryAfter > LONGEST_WAIT) throw problem;
        await pause(WAITS[attempt], problem.retryAfter);
      }
    }
  }
}
