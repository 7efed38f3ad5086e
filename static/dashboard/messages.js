const PROGRESS = ["QUEUED", "SENT", "DELIVERED", "READ"];

/**
 * The messages of the open conversation in their order: those with a seq by it, then what is on its way. One `upsert`
 * takes in answers and events; the pending message becomes the real one by its clientId. `onChange()` draws.
 *
 * A pending message has seq null and `state` "pending" or "failed" with a `problem`.
 */
export class Messages {
  all = [];
  #me;
  #onChange;

  constructor(me, onChange) {
    this.#me = me;
    this.#onChange = onChange;
  }

  get firstSeq() {
    return this.#stored[0]?.seq ?? null;
  }

  /** Every message up to this one is here, from the first on. */
  get lastSeq() {
    let last = (this.firstSeq ?? 1) - 1;
    for (const { seq } of this.#stored) {
      if (seq > last + 1) break;
      last = seq;
    }
    return last;
  }

  get newestSeq() {
    return this.#stored.at(-1)?.seq ?? 0;
  }

  get hasGap() {
    return this.newestSeq > this.lastSeq;
  }

  get #stored() {
    return this.all.filter(({ seq }) => seq !== null);
  }

  /** Takes in messages as the server tells them. */
  take(messages) {
    for (const message of messages) this.#put(message);
    this.all.sort((one, other) => (one.seq ?? Infinity) - (other.seq ?? Infinity) || one.order - other.order);
    this.#onChange();
  }

  /** A message of ours that goes out now. */
  begin(clientId, text, isPrivate) {
    const { id, name, avatarUrl } = this.#me;
    const now = new Date().toISOString();
    this.all.push({
      id: null, clientId, seq: null, order: this.all.length, role: "AGENT", text, private: isPrivate, createdAt: now,
      author: { id, name, avatarUrl }, status: null, state: "pending", problem: null,
    }); // prettier-ignore
    this.#onChange();
  }

  setState(clientId, state, problem = null) {
    const message = this.all.find((other) => other.clientId === clientId && other.seq === null);
    if (!message) return; // stored meanwhile
    Object.assign(message, { state, problem });
    this.#onChange();
  }

  /** A status is a watermark: it holds for the older messages of that side, too. */
  update(message) {
    if (this.all.some(({ id }) => id === message.id)) this.#put(message);
    const isTeam = message.role !== "USER";
    for (const other of this.#stored) {
      if (other.seq < message.seq && other.status && (other.role !== "USER") === isTeam) {
        other.status = further(other.status, message.status);
      }
    }
    this.#onChange();
  }

  #put(message) {
    const at = this.all.findIndex((other) => other.id === message.id || (other.seq === null && this.#isMine(other, message)));
    const known = this.all[at];
    const status = known ? further(known.status, message.status) : message.status;
    const entry = { ...message, status, state: "sent", problem: null, order: 0 };
    if (known) this.all[at] = entry;
    else this.all.push(entry);
  }

  #isMine(pending, message) {
    return pending.clientId === message.clientId && message.author?.id === this.#me.id;
  }
}

/** A status only goes forward; FAILED and what has no place in the order are taken as they come. */
function further(one, other) {
  const known = PROGRESS.includes(one) && PROGRESS.includes(other);
  return known && PROGRESS.indexOf(one) > PROGRESS.indexOf(other) ? one : other;
}
