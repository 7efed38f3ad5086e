/**
 * The conversations that this page knows, by id. One `upsert` takes in what answers and events say; an older revision
 * never overwrites a newer one. `onChange(conversation)` draws.
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

  /** Those that pass, newest activity first. */
  sorted(passes) {
    return [...this.#byId.values()].filter(passes).sort(byActivity);
  }

  /** The team's unread messages in all that is known. */
  get unread() {
    let sum = 0;
    for (const conversation of this.#byId.values()) sum += conversation.unreadCount;
    return sum;
  }

  upsert(conversation) {
    const known = this.#byId.get(conversation.id);
    if (known && known.rev > conversation.rev) return;
    this.#set(conversation.id, { ...known, ...conversation });
  }

  /** Some fields of a conversation. False if it is not known, and must be asked for. */
  patch(id, fields) {
    const known = this.#byId.get(id);
    if (!known) return false;
    if (known.rev <= fields.rev) this.#set(id, { ...known, ...fields });
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

  #set(id, conversation) {
    this.#byId.set(id, conversation);
    this.#onChange(conversation);
  }
}

function byActivity(one, other) {
  if (one.lastMessageAt !== other.lastMessageAt) return one.lastMessageAt < other.lastMessageAt ? 1 : -1;
  return one.id < other.id ? 1 : -1;
}
