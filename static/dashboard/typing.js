const SHOWN = 6000; // ms that "is typing" holds without being said again
const AGAIN = 3000; // ms after which it is said again

/** Who among the customers is typing, and for how long that is believed. */
export class TypingCustomers {
  #onChange;
  #known = new Map(); // conversation's id → {name, preview, timer}

  /** `onChange(conversationId)` */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** {name, preview} or null. */
  of(conversationId) {
    return this.#known.get(conversationId) ?? null;
  }

  hear({ conversationId, role, name, isTyping, preview }) {
    if (role !== "USER") return;
    this.stop(conversationId);
    if (!isTyping) return;
    const timer = setTimeout(() => this.stop(conversationId), SHOWN);
    this.#known.set(conversationId, { name, preview: preview ?? "", timer });
    this.#onChange(conversationId);
  }

  /** He has sent it, or is quiet. */
  stop(conversationId) {
    const known = this.#known.get(conversationId);
    if (!known) return;
    clearTimeout(known.timer);
    this.#known.delete(conversationId);
    this.#onChange(conversationId);
  }
}

/** Tells that the agent writes a reply: not more often than needed, and that it is over. */
export class OwnTyping {
  #tell;
  #in = null; // the conversation that it was told of
  #toldAt = 0;

  /** `tell(conversationId, isTyping)` */
  constructor(tell) {
    this.#tell = tell;
  }

  goesOn(conversationId) {
    if (this.#in !== conversationId) this.ends();
    if (this.#in && Date.now() - this.#toldAt < AGAIN) return;
    this.#in = conversationId;
    this.#toldAt = Date.now();
    this.#tell(conversationId, true);
  }

  ends() {
    if (!this.#in) return;
    this.#tell(this.#in, false);
    this.#in = null;
  }
}
