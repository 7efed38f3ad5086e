const AGAIN = 10_000; // ms until a failed catching up is repeated, more or less

/**
 * The visitor's current conversation: takes in what the server tells, and makes good what the socket missed.
 * The messages stand in the timeline; `facts` is the rest, as the server tells it, null before the first message.
 */
export class Conversation {
  facts = null;
  #api;
  #session;
  #timeline;
  #onChange;
  #onArrival;
  #catching = null;
  #catchAgain = false;
  #timer;
  #readSeq = 0;

  /** `onChange()`: the facts or the unread count changed. `onArrival(message)`: the team's newest, if it knows not yet. */
  constructor({ api, session, timeline, onChange, onArrival }) {
    this.#api = api;
    this.#session = session;
    this.#timeline = timeline;
    this.#onChange = onChange;
    this.#onArrival = onArrival;
  }

  /** Takes over what init answered: more of the same conversation, or another one. */
  adopt({ conversation, messages }) {
    if (conversation && conversation.id === this.facts?.id) {
      messages.forEach((message) => this.#timeline.upsert(message));
      this.#closeGap();
    } else {
      this.#reset(messages);
    }
    this.facts = conversation;
    this.#timeline.unread = conversation?.unreadCount ?? 0;
    this.#onChange();
  }

  /** A message of this conversation, or of a newer one that begins with it. */
  receive({ message, conversation }) {
    if (this.facts && conversation.id !== this.facts.id) {
      if (conversation.createdAt < this.facts.createdAt) return;
      this.#reset([]);
    }
    this.#timeline.upsert(message);
    this.#setFacts(conversation);
    this.#closeGap();
  }

  /** The same from the socket. */
  hear(event) {
    this.receive(event);
    this.#confirm();
  }

  hearUpdate({ message }) {
    if (message.conversationId !== this.facts?.id) return;
    this.#timeline.update(message);
    this.#onChange();
  }

  hearChange({ conversationId, status, assignee }) {
    if (conversationId !== this.facts?.id) return;
    Object.assign(this.facts, { status, assignee });
    this.#onChange();
  }

  /** Asks for the newest messages once more: the addresses of their files live a day or two. */
  async refresh() {
    const answer = await this.#session.look().catch(() => null);
    if (answer) this.adopt(answer);
  }

  /** The page before the oldest message here: [] if there is none or it cannot be had now. */
  async older() {
    const before = this.#timeline.firstSeq;
    if (!this.facts || before === null || before <= 1) return [];
    const { id } = this.facts;
    const page = await this.#page({ before }).catch(() => null);
    return page && id === this.facts?.id ? page.messages : [];
  }

  /** Everything that is here has been seen. */
  async markRead() {
    const seq = this.#timeline.lastSeq;
    if (!this.facts || !this.#timeline.unread || seq <= this.#readSeq) return;
    const before = this.#readSeq;
    this.#readSeq = seq;
    try {
      const { conversation } = await this.#session.withToken((token) => this.#api.read(token, seq));
      this.#setFacts(conversation);
    } catch {
      this.#readSeq = before; // the next look at the panel tries again
    }
  }

  /** Fetches what came after the newest message here. Called while it runs, it runs once more. Resolves after it. */
  catchUp() {
    this.#catchAgain = this.#catching !== null;
    this.#catching ??= this.#fetchMissing()
      .catch((problem) => this.#catchUpLater(problem))
      .finally(() => {
        this.#catching = null;
        return this.#catchAgain ? this.catchUp() : null;
      });
    return this.#catching;
  }

  #catchUpLater(problem) {
    clearTimeout(this.#timer);
    if (!problem.passing) return;
    this.#timer = setTimeout(() => this.catchUp(), problem.retryAfter ?? AGAIN * (0.5 + Math.random()));
  }

  async #fetchMissing() {
    for (let more = true; more; ) {
      const id = this.facts?.id;
      const page = await this.#page({ after: this.#timeline.lastSeq });
      if (id !== this.facts?.id) return;
      if (!id && page.messages.length) return this.adopt(await this.#session.look());
      page.messages.forEach((message) => this.#timeline.upsert(message));
      more = page.hasMore;
    }
    this.#confirm();
    this.#onChange();
  }

  #page(query) {
    const conversationId = this.facts?.id;
    if (conversationId) query = { ...query, conversationId };
    return this.#session.withToken((token) => this.#api.messages(token, query));
  }

  #closeGap() {
    if (this.#timeline.hasGap) this.catchUp();
  }

  #confirm() {
    const newest = this.#timeline.newestOfTeam;
    if (newest?.status === "SENT") this.#onArrival(newest);
  }

  #reset(messages) {
    this.#timeline.reset(messages);
    this.#readSeq = 0;
  }

  /** What a slow answer says of an earlier moment is dropped. */
  #setFacts(facts) {
    if (this.facts?.id === facts.id && facts.lastSeq < this.facts.lastSeq) return;
    this.facts = facts;
    this.#timeline.unread = facts.unreadCount;
    this.#onChange();
  }
}
