const PROGRESS = ["QUEUED", "SENT", "DELIVERED", "READ"];

/**
 * The messages of the open conversation that are loaded, in their order: those with a seq by it, then what is on its
 * way. One `upsert` takes in answers and events; the pending message becomes the real one by its clientId. An entry is
 * never changed but replaced. `onChange()` draws.
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
    return this.stored[0]?.seq ?? null;
  }

  /** Every message up to this one is here, from the first loaded one on. */
  get lastSeq() {
    let last = (this.firstSeq ?? 1) - 1;
    for (const { seq } of this.stored) {
      if (seq > last + 1) break;
      last = seq;
    }
    return last;
  }

  get newestSeq() {
    return this.stored.at(-1)?.seq ?? 0;
  }

  get hasGap() {
    return this.newestSeq > this.lastSeq;
  }

  get stored() {
    return this.all.filter(({ seq }) => seq !== null);
  }

  has(seq) {
    return this.all.some((message) => message.seq === seq);
  }

  knows(clientId) {
    return this.all.some((message) => message.clientId === clientId);
  }

  /** Takes in messages as the server tells them. */
  take(messages) {
    for (const message of messages) this.#put(message);
    this.all.sort((one, other) => (one.seq ?? Infinity) - (other.seq ?? Infinity) || one.order - other.order);
    this.#onChange();
  }

  /** Shows another part of the conversation; what is on its way stays. */
  replace(messages) {
    this.all = this.all.filter(({ seq }) => seq === null);
    this.take(messages);
  }

  /** Keeps this many of the oldest ones. True if some were let go. */
  keepOldest(count) {
    return this.#keep(this.stored.slice(0, count));
  }

  keepNewest(count) {
    return this.#keep(this.stored.slice(-count));
  }

  /** Lets go of what stands after a gap. */
  cutAtGap() {
    const last = this.lastSeq;
    return this.#keep(this.stored.filter(({ seq }) => seq <= last));
  }

  /** A message of ours that goes out now: {clientId, text, private, replyTo, attachments, createdAt?, state?, problem?}. */
  begin(message) {
    const { id, name, avatarUrl } = this.#me;
    this.all.push({
      id: null, seq: null, order: this.all.length, role: "AGENT", author: { id, name, avatarUrl }, status: null, meta: {},
      createdAt: new Date().toISOString(), state: "pending", problem: null, ...message,
    }); // prettier-ignore
    this.#onChange();
  }

  /** Changes what is on its way, unless it was stored meanwhile. */
  setPending(clientId, fields) {
    this.#change((other) => other.clientId === clientId && other.seq === null, fields);
  }

  /** What was not sent is given up. */
  drop(clientId) {
    if (!clientId) return;
    this.all = this.all.filter((other) => other.seq !== null || other.clientId !== clientId);
    this.#onChange();
  }

  /** A status is a watermark: it holds for the older messages of that side, too. */
  update(message) {
    if (this.all.some(({ id }) => id === message.id)) this.#put(message);
    const isTeam = message.role !== "USER";
    this.all = this.all.map((other) => {
      const isBelow = other.seq !== null && other.seq < message.seq && other.status && (other.role !== "USER") === isTeam;
      const status = isBelow ? further(other.status, message.status) : other.status;
      return status === other.status ? other : { ...other, status };
    });
    if (message.meta?.removed) this.#forgetQuotes(message.id);
    this.#onChange();
  }

  #forgetQuotes(id) {
    this.#change((other) => other.replyTo?.id === id, { replyTo: null });
  }

  #change(matches, fields) {
    let isChanged = false;
    this.all = this.all.map((message) => {
      if (!matches(message)) return message;
      isChanged = true;
      return { ...message, ...fields };
    });
    if (isChanged) this.#onChange();
  }

  #keep(kept) {
    if (kept.length === this.stored.length) return false;
    this.all = [...kept, ...this.all.filter(({ seq }) => seq === null)];
    this.#onChange();
    return true;
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
