const HOLDS = 6000; // ms that "is typing" is believed without being said again
const AGAIN = 3000; // ms between two times of saying it

/** Who of the team is typing. */
export class Typists {
  #known = new Map(); // id → {name, timer}
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
  }

  get names() {
    return [...new Set([...this.#known.values()].map(({ name }) => name))];
  }

  hear({ authorId, name, isTyping }) {
    this.#forget(authorId);
    if (isTyping) this.#known.set(authorId, { name, timer: setTimeout(() => this.#end(authorId), HOLDS) });
    this.#onChange();
  }

  /** What somebody was typing is here. */
  hasWritten(name) {
    for (const [id, typist] of this.#known) if (typist.name === name) this.#end(id);
  }

  #end(id) {
    this.#forget(id);
    this.#onChange();
  }

  #forget(id) {
    clearTimeout(this.#known.get(id)?.timer);
    this.#known.delete(id);
  }
}

/** Tells that the visitor is typing: seldom enough, and that he stopped once. */
export class TypingSignal {
  #tell;
  #text = "";
  #saidAt = -AGAIN;
  #hasSaid = false;
  #timer = null;

  /** `tell(isTyping, text)` returns whether it could be told. */
  constructor(tell) {
    this.#tell = tell;
  }

  /** What stands in the field now. */
  typed(text) {
    this.#text = text;
    if (text.trim() === "") return this.stop();
    const wait = this.#saidAt + AGAIN - performance.now();
    if (wait <= 0) this.#say();
    else this.#timer ??= setTimeout(() => this.#say(), wait);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#hasSaid) this.#tell(false, this.#text);
    this.#hasSaid = false;
  }

  #say() {
    this.#timer = null;
    this.#saidAt = performance.now();
    this.#hasSaid = this.#tell(true, this.#text) || this.#hasSaid;
  }
}
