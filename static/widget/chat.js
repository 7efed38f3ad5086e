import { Live } from "./live.js";
import { newId } from "./ids.js";
import { Outbox } from "./outbox.js";
import { pause } from "./wait.js";
import { Session } from "./session.js";
import { visit } from "./visit.js";

const LONGEST_WAIT = 30_000; // ms between two attempts to begin
const AGAIN = 5000; // ms until a failed catching up is repeated
const FRESH = 60_000; // ms that the team's online state is believed

/**
 * One visitor's conversation: begins the visit, sends, listens, and makes good what the socket missed.
 * `timeline` holds the messages; `onChange()` hears of all that is not one message.
 */
export class Chat {
  config = null;
  contact = null;
  conversation = null;
  refusal = null; // why this page may not chat at all, or null
  connected = true; // false once a connection is lost, or could not be made
  about = () => ({}); // {name, email} as far as the server does not know them yet
  onSent = () => {};
  onRefused = () => {};
  #api;
  #session;
  #timeline;
  #outbox;
  #live;
  #widgetKey;
  #onChange;
  #starting = null;
  #catching = null;
  #catchAgain = false;
  #readSeq = 0;
  #configAt = 0;
  #open = false;

  constructor({ api, store, home, widgetKey, timeline, onChange }) {
    this.#api = api;
    this.#timeline = timeline;
    this.#widgetKey = widgetKey;
    this.#onChange = onChange;
    this.#session = new Session(api, store, widgetKey, (answer) => this.#become(answer));
    this.#outbox = new Outbox({
      post: (entry) => this.#post(entry),
      onFailure: (entry, problem) => this.#refused(entry, problem),
    });
    this.#live = new Live(home, this.#session, {
      onUp: () => this.#up(),
      onDown: () => this.#setConnected(false),
      onMessage: (event) => this.#hear(event),
      onUpdate: ({ message }) => this.#hearUpdate(message),
      onConversation: (event) => this.#hearConversation(event),
    });
    document.addEventListener("visibilitychange", () => this.#returned());
    window.addEventListener("pageshow", (event) => event.persisted && this.catchUp());
  }

  /** Begins the visit, once. Throws Problem. */
  start() {
    this.#starting ??= this.#session.begin().then(
      (answer) => this.#adopt(answer),
      (problem) => {
        this.#starting = null;
        throw problem;
      },
    );
    return this.#starting;
  }

  /** Begins the visit, however long that takes, unless the server refuses it. */
  async keepStarting() {
    for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        await this.start();
        return this.#listen();
      } catch (problem) {
        if (!problem.passing) return this.#refuse(problem);
        this.#setConnected(false);
        await pause(wait, problem.retryAfter);
      }
    }
  }

  /** The panel opened or closed: a visitor who has not written needs the socket only while he looks. */
  setOpen(open) {
    this.#open = open;
    if (!this.config) return;
    if (open) this.#refreshConfig();
    this.#listen();
  }

  send(text) {
    this.#outbox.add(this.#timeline.begin(newId(), text));
  }

  retry(entry) {
    if (entry.state !== "failed") return;
    this.#timeline.setState(entry, "pending");
    this.#outbox.add(entry);
  }

  /** The page before the oldest message here: [] if there is none or it cannot be had now. */
  async older() {
    const before = this.#timeline.firstSeq;
    if (!this.conversation || before === null || before <= 1) return [];
    const id = this.conversation.id;
    const page = await this.#page({ before }).catch(() => null);
    return page && id === this.conversation?.id ? page.messages : [];
  }

  /** Everything that is here has been seen. */
  async markRead() {
    const seq = this.#timeline.lastSeq;
    if (!this.conversation || !this.#timeline.unread || seq <= this.#readSeq) return;
    const before = this.#readSeq;
    this.#readSeq = seq;
    try {
      const { conversation } = await this.#session.withToken((token) => this.#api.read(token, seq));
      this.#setConversation(conversation);
    } catch {
      this.#readSeq = before; // the next look at the panel tries again
    }
  }

  /** Fetches what came after the newest message here. Called while it runs, it runs once more. */
  catchUp() {
    if (!this.config) return;
    this.#catchAgain = this.#catching !== null;
    this.#catching ??= this.#fetchMissing()
      .catch((problem) => problem.passing && setTimeout(() => this.catchUp(), problem.retryAfter ?? AGAIN))
      .finally(() => {
        this.#catching = null;
        if (this.#catchAgain) this.catchUp();
      });
  }

  async #fetchMissing() {
    for (let more = true; more; ) {
      const id = this.conversation?.id;
      const page = await this.#page({ after: this.#timeline.lastSeq });
      if (id !== this.conversation?.id) return;
      if (!id && page.messages.length) return this.#adopt(await this.#session.look());
      page.messages.forEach((message) => this.#timeline.upsert(message));
      this.#confirm(page.messages);
      more = page.hasMore;
    }
    this.#onChange();
  }

  #page(query) {
    const conversationId = this.conversation?.id;
    if (conversationId) query = { ...query, conversationId };
    return this.#session.withToken((token) => this.#api.messages(token, query));
  }

  async #post(entry) {
    await this.start();
    await this.#session.claim();
    const body = { clientId: entry.clientId, text: entry.text, ...this.about(), ...visit() };
    const stored = await this.#session.withToken((token) => this.#api.send(token, body));
    this.onSent();
    this.#receive(stored);
    this.#listen();
  }

  #refused(entry, problem) {
    this.#timeline.setState(entry, "failed", problem.status ? problem.message : "There is no connection.");
    this.onRefused(problem);
  }

  #hear({ message, conversation }) {
    this.#receive({ message, conversation });
    this.#confirm([message]);
  }

  /** A message of the current conversation, or of a newer one that begins with it. */
  #receive({ message, conversation }) {
    if (this.conversation && conversation.id !== this.conversation.id) {
      if (conversation.createdAt < this.conversation.createdAt) return;
      this.#timeline.reset([], 0);
      this.#readSeq = 0;
    }
    this.#timeline.upsert(message);
    this.#setConversation(conversation);
    if (this.#timeline.hasGap) this.catchUp();
  }

  #hearUpdate(message) {
    if (message.conversationId !== this.conversation?.id) return;
    this.#timeline.update(message);
    this.#onChange();
  }

  #hearConversation({ conversationId, status, assignee }) {
    if (conversationId !== this.conversation?.id) return;
    Object.assign(this.conversation, { status, assignee });
    this.#onChange();
  }

  /** Tells the team that its messages have arrived. */
  #confirm(messages) {
    const newest = messages.findLast((message) => message.role === "AGENT" || message.role === "BOT");
    if (newest && newest.status === "SENT") this.#live.delivered(newest);
  }

  #adopt({ config, contact, conversation, messages }) {
    this.#setConfig(config);
    this.contact = contact;
    if (conversation && conversation.id === this.conversation?.id) {
      messages.forEach((message) => this.#timeline.upsert(message));
      if (this.#timeline.hasGap) this.catchUp();
    } else {
      this.#timeline.reset(messages, conversation?.unreadCount ?? 0);
      this.#readSeq = 0;
    }
    this.conversation = conversation;
    this.#timeline.unread = conversation?.unreadCount ?? 0;
    this.#onChange();
  }

  /** The token is another visitor's now. */
  #become(answer) {
    this.#adopt(answer);
    this.#listen();
    this.#live.reconnect();
  }

  #setConversation(conversation) {
    if (this.conversation?.id === conversation.id && conversation.lastSeq < this.conversation.lastSeq) return;
    this.conversation = conversation;
    this.#timeline.unread = conversation.unreadCount;
    this.#onChange();
  }

  #setConfig(config) {
    this.config = config;
    this.#configAt = Date.now();
  }

  #refreshConfig() {
    if (Date.now() - this.#configAt < FRESH) return;
    this.#api.config(this.#widgetKey).then(
      (config) => {
        this.#setConfig(config);
        this.#onChange();
      },
      () => {}, // what is known stays good enough
    );
  }

  #refuse(problem) {
    this.refusal = problem.message;
    this.#onChange();
  }

  #listen() {
    if (this.conversation || this.#open) this.#live.connect();
    else this.#live.disconnect();
  }

  #up() {
    this.#setConnected(true);
    this.catchUp();
  }

  #returned() {
    if (document.visibilityState !== "visible") return;
    if (this.conversation) this.catchUp();
    this.#onChange();
  }

  #setConnected(connected) {
    this.connected = connected;
    this.#onChange();
  }
}
