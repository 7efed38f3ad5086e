const TEAM = new Set(["AGENT", "BOT"]);
const PROGRESS = ["QUEUED", "SENT", "DELIVERED", "READ"];

/**
 * The messages of one conversation in their order, and what is on its way: numbered ones by seq, then the
 * visitor's own that have no number yet, by age. Knows nothing of the page; `onChange(entry)` draws, `onRemove(entry)`
 * takes away.
 *
 * An entry: {key, id, clientId, seq, role, text, attachments, createdAt, author, status, meta, state, problem, uploads};
 * id, seq and status are null until the server has stored it; state is "pending", "waiting" for the connection or the
 * server, or "failed", and then "sent". `uploads` are the files of what this page sends.
 */
export class Timeline {
  entries = [];
  lastSeq = 0; // every message up to this one is here, from firstSeq on
  unread = 0;
  #byKey = new Map();
  #onChange;
  #onRemove;
  #onReset;

  constructor({ onChange, onRemove, onReset }) {
    this.#onChange = onChange;
    this.#onRemove = onRemove;
    this.#onReset = onReset;
  }

  get firstSeq() {
    return this.entries[0]?.seq ?? null;
  }

  /** Whether a message is missing before one that is here. */
  get hasGap() {
    const newest = this.entries.findLast((entry) => entry.seq !== null);
    return newest !== undefined && newest.seq > this.lastSeq;
  }

  get newestOfTeam() {
    return this.entries.findLast((entry) => TEAM.has(entry.role));
  }

  /** The visitor's newest message that has arrived, or is on its way. */
  get newestOwn() {
    return this.entries.findLast((entry) => entry.role === "USER" && entry.state !== "failed");
  }

  /** Begins with another conversation's newest messages; what is not stored yet stays. */
  reset(messages) {
    this.entries = this.entries.filter((entry) => entry.seq === null);
    this.#byKey = new Map(this.entries.map((entry) => [entry.key, entry]));
    this.#onReset();
    this.lastSeq = messages.length ? messages[0].seq - 1 : 0;
    this.entries.forEach((entry) => this.#onChange(entry));
    messages.forEach((message) => this.upsert(message));
  }

  /** A message of the visitor's that goes out. `uploads`: files that are uploaded. Returns its entry. */
  begin({ clientId, text, uploads = [], attachments = null, createdAt = new Date().toISOString() }) {
    const message = { id: null, clientId, seq: null, role: "USER", text, author: null, status: null, meta: {}, createdAt };
    const files = attachments ?? uploads.map(({ attachment }) => attachment);
    const key = keyOf(message);
    const known = this.#byKey.get(key);
    return known ?? this.#put({ ...message, attachments: files, uploads, key, state: "pending", problem: null });
  }

  /** What was not sent and is not going to be. */
  drop(entry) {
    if (entry.seq !== null || !this.#byKey.delete(entry.key)) return;
    this.#remove(entry);
    this.#onRemove(entry);
  }

  /** `problem`: text for the visitor, or null. */
  setState(entry, state, problem = null) {
    if (entry.seq !== null || (entry.state === state && entry.problem === problem)) return;
    Object.assign(entry, { state, problem });
    this.#onChange(entry);
  }

  /** Takes in a message as the server tells it, new or known. Who answers has read what came before. */
  upsert(message) {
    this.#take(message);
    if (message.role === "AGENT") this.#raise("READ", (entry) => entry.role === "USER" && entry.seq < message.seq);
  }

  #take(message) {
    const known = this.#byKey.get(keyOf(message));
    const isNews = TEAM.has(message.role) && message.status !== "READ" && known === undefined;
    if (isNews && message.seq > this.lastSeq) this.unread += 1;
    if (known) {
      this.#remove(known);
      message = { ...message, status: further(known.status, message.status) };
    }
    this.#put(Object.assign(known ?? {}, message, { key: keyOf(message), state: "sent", problem: null, uploads: [] }));
    this.#count();
  }

  /** A change of a message's status is a watermark: it holds for the older ones of that side, too. */
  update(message) {
    if (this.#byKey.has(keyOf(message))) this.upsert(message);
    const isTeam = TEAM.has(message.role);
    this.#raise(message.status, (entry) => entry.seq < message.seq && TEAM.has(entry.role) === isTeam);
    if (isTeam && message.status === "READ") this.#countUnreadAfter(message.seq);
  }

  #raise(to, concerns) {
    for (const entry of this.entries) {
      if (entry.seq === null || !concerns(entry)) continue;
      const status = further(entry.status, to);
      if (status !== entry.status) this.#onChange(Object.assign(entry, { status }));
    }
  }

  #countUnreadAfter(seq) {
    this.unread = this.entries.filter((entry) => TEAM.has(entry.role) && entry.seq > seq).length;
  }

  #count() {
    for (const entry of this.entries) {
      if (entry.seq === this.lastSeq + 1) this.lastSeq = entry.seq;
    }
  }

  #put(entry) {
    const after = this.entries.findLastIndex((other) => other.seq !== null && other.seq < (entry.seq ?? Infinity));
    const at = entry.seq === null ? this.entries.length : after + 1;
    this.entries.splice(at, 0, entry);
    this.#byKey.set(entry.key, entry);
    this.#onChange(entry);
    return entry;
  }

  #remove(entry) {
    this.entries.splice(this.entries.indexOf(entry), 1);
  }
}

/** The visitor's own messages are known by clientId before they have an id. */
function keyOf({ role, clientId, id }) {
  return role === "USER" && clientId ? `own:${clientId}` : `id:${id}`;
}

/** A status only goes forward. */
function further(one, other) {
  return PROGRESS.indexOf(one) > PROGRESS.indexOf(other) ? one : other;
}
