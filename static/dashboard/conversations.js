/**
 * The conversations that this page knows, by id. One `upsert` takes in what answers and events say; an older revision
 * never overwrites a newer one. `onChange(conversation, before)` draws; `before` is undefined for a new one.
 */
export class Conversations {
  rev = 0; // everything up to this revision is known
  #byId = new Map();
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
  }

  get(id) {
    return this.#byId.get(id);
  }

  get all() {
    return [...this.#byId.values()];
  }

  upsert(conversation) {
    const known = this.#byId.get(conversation.id);
    if (known && known.rev > conversation.rev) return;
    this.#set({ ...known, ...conversation }, known);
  }

  /** Some fields of a conversation. False if it is not known, and must be asked for. */
  patch(id, fields) {
    const known = this.#byId.get(id);
    if (!known) return false;
    if (known.rev <= fields.rev) this.#set({ ...known, ...fields }, known);
    return true;
  }

  /**
   * An event or an answer carried this revision. False if revisions before it were missed.
   */
  saw(rev) {
    if (rev <= this.rev) return true;
    if (rev > this.rev + 1) return false;
    this.rev = rev;
    return true;
  }

  #set(conversation, before) {
    this.#byId.set(conversation.id, conversation);
    this.#onChange(conversation, before);
  }
}
