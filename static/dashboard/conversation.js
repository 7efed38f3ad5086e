import { newId } from "../shared/ids.js";
import { Messages } from "./messages.js";

const PAGE = 50;
const MOST = 400; // messages that are loaded at a time: beyond, the other end is let go
const AROUND = 25; // messages after the one to jump to
const FAR = 20; // pages that are looked through for a message
const AGAIN = 3000; // ms before a failed load is tried again

/**
 * The open conversation: a window of its messages, and everything that asks the server about them. The window is at the
 * live end, where new messages are added, or somewhere in the past, where they are only counted.
 */
export class OpenConversation {
  newSeq = null; // the first message that was unread when the conversation was opened
  #api;
  #outbox;
  #unsent;
  #view;
  #hasOlder = true;
  #hasNewer = false;
  #heardSeq = 0; // the highest one that was told of
  #readSeq = 0;
  #unread; // a promise of how many customer messages were unread at the beginning
  #isLoaded = false;
  #isCatchingUp = false;
  #asking = null; // the last of the pages that are being asked for
  #uploads = new Map(); // clientId → the files of a message on its way

  /**
   * `view`: {show(messages), reveal(seq), toEnd(), missed(), state("loading" | "failed" | "loaded", text)} draws, and
   * {isOpen(), isAtEnd(), isInView()} tells; `unread`: a promise of the unread count; `onError(error)` tells.
   */
  constructor(id, { api, outbox, unsent, me, view, unread, onError }) {
    this.id = id;
    this.#api = api;
    this.#outbox = outbox;
    this.#unsent = unsent;
    this.#view = view;
    this.#unread = unread;
    this.onError = onError;
    this.messages = new Messages(me, () => view.show(this.messages.all));
    this.showUnsent();
  }

  /** What waits here and was sent by an earlier page or by another tab. */
  showUnsent() {
    const waiting = this.#unsent.of(this.id);
    for (const message of waiting) if (!this.messages.knows(message.clientId)) this.#beginWaiting(message);
    for (const { clientId, problem } of waiting) if (problem) this.messages.setPending(clientId, { state: "failed", problem });
  }

  #beginWaiting(message) {
    this.messages.begin({ ...message, state: message.problem ? "failed" : "pending", isWaiting: true });
    if (!message.problem) this.#send(message);
  }

  /** The window ends at the newest message. */
  get isLive() {
    return !this.#hasNewer;
  }

  get hasUnsent() {
    return this.messages.all.some(({ seq }) => seq === null);
  }

  /** The newest page, or with `seq` the page around that message. Resolves true when it is there. */
  async load(seq = null) {
    this.#view.state("loading");
    try {
      await (seq ? this.#loadAround(seq) : this.#loadNewest());
    } catch (error) {
      this.#failed(error, seq);
      return false;
    }
    this.#isLoaded = true;
    this.#view.state("loaded");
    this.#follow();
    return true;
  }

  /** Goes to a message, wherever it is. */
  async jumpTo(seq) {
    if (!this.messages.has(seq)) await this.#next(() => this.#loadAround(seq));
    this.#view.reveal(seq);
  }

  /** Goes to a message that is named by its id: it is looked for in older pages. */
  async jumpToId(id) {
    const known = this.messages.all.find((message) => message.id === id);
    const seq = known?.seq ?? (await this.#find(id).catch(() => null));
    if (seq) await this.jumpTo(seq);
    else this.onError(new Error("The message was not found."));
  }

  async #find(id) {
    let before = this.messages.firstSeq;
    for (let pages = 0; pages < FAR && before > 1; pages++) {
      const { messages } = await this.#page({ before, limit: 100 });
      const found = messages.find((message) => message.id === id);
      if (found) return found.seq;
      before = messages[0]?.seq ?? 0;
    }
    return null;
  }

  /** Goes to the live end. */
  async toNewest() {
    if (this.#hasNewer) await this.#next(() => this.#loadNewest());
    this.#view.toEnd();
    this.#follow();
  }

  async older() {
    if (!this.#hasOlder || this.#asking || !this.#isLoaded) return;
    await this.#next(async () => {
      const page = await this.#page({ before: this.messages.firstSeq ?? 1 });
      this.#hasOlder = page.hasMore;
      this.#take(page);
      if (this.messages.keepOldest(MOST)) this.#hasNewer = true;
    });
  }

  async newer() {
    if (!this.#hasNewer || this.#asking) return;
    await this.#next(async () => {
      const page = await this.#page({ after: this.messages.lastSeq });
      this.#hasNewer = page.hasMore;
      this.#take(page);
      if (this.messages.keepNewest(MOST)) this.#hasOlder = true;
    });
    this.#follow();
  }

  /** What was missed since the last message without a gap. Much of it is left to scrolling. */
  async catchUp() {
    if (this.#isCatchingUp || !this.#isLoaded) return;
    this.#isCatchingUp = true;
    await this.#next(async () => {
      this.#isCatchingUp = false;
      if (this.#hasNewer) return;
      const page = await this.#page({ after: this.messages.lastSeq, limit: 100 });
      this.#take(page);
      if (page.hasMore) await this.#fallBehind();
    });
  }

  hear(message) {
    const isNew = message.seq > this.#heardSeq;
    this.#heardSeq = Math.max(this.#heardSeq, message.seq);
    if (!this.#isLoaded) return;
    this.#settle(message);
    if (this.#hasNewer && isNew) this.#view.missed();
    if (this.messages.hasGap) this.catchUp();
  }

  /** `draft`: {text, private, replyTo, uploads}. */
  async write({ uploads, ...draft }) {
    const clientId = newId();
    const message = { ...draft, clientId, conversationId: this.id, createdAt: new Date().toISOString(), attachments: uploads.map((upload) => upload.shown) };
    this.#uploads.set(clientId, uploads);
    this.#unsent.add({ ...message, attachments: [], ...(uploads.length && { hadFiles: true }) });
    this.newSeq = null;
    if (this.#hasNewer) await this.#next(() => this.#loadNewest());
    this.messages.begin(message);
    this.#send(message);
  }

  retry(message) {
    this.messages.setPending(message.clientId, { state: "pending", problem: null });
    this.#unsent.change(message.clientId, { problem: null });
    this.#send(message);
  }

  /** What was not sent shall not be sent any more. */
  discard({ clientId }) {
    this.#unsent.remove(clientId);
    this.#uploads.delete(clientId);
    this.messages.drop(clientId);
  }

  /** Takes back a message of the team. */
  async remove({ id }) {
    const { message } = await this.#api.delete(`/api/messages/${id}`);
    this.messages.update(message);
  }

  /** Asks for a message again: the addresses of its files live for a day or so. */
  async refresh({ seq }) {
    const page = await this.#page({ before: seq + 1, limit: 1 });
    this.messages.take(page.messages);
  }

  /** Tells that the team has read up to the newest message, if somebody really sees it. */
  async markRead() {
    const seq = this.messages.lastSeq;
    if (this.#hasNewer || seq <= this.#readSeq || !this.#view.isInView()) return;
    this.#readSeq = seq;
    await this.#api.post(`/api/conversations/${this.id}/read`, { seq }).catch(() => (this.#readSeq = 0));
  }

  async #send(message) {
    const { clientId } = message;
    try {
      const onWait = () => this.messages.setPending(clientId, { isWaiting: true });
      const files = this.#uploads.has(clientId) ? { files: () => this.#filesOf(clientId) } : {};
      const stored = await this.#outbox.send(message, { onWait, ...files });
      this.#uploads.delete(clientId);
      if (stored) this.#settle(stored);
      else this.catchUp(); // another tab has sent it
    } catch (error) {
      this.messages.setPending(clientId, { state: "failed", problem: error.message });
    }
  }

  /** The ids of a message's files, as soon as they are there. */
  async #filesOf(clientId) {
    const files = await Promise.all(this.#uploads.get(clientId).map((upload) => upload.finish()));
    return files.map(({ id }) => id);
  }

  async #loadNewest() {
    const unread = (await this.#unread) ?? 0;
    const page = await this.#page({ limit: Math.min(100, Math.max(PAGE, unread + 10)) });
    this.#hasOlder = page.hasMore;
    this.#hasNewer = false;
    this.#markNew(page, unread);
    this.#show(page);
  }

  async #loadAround(seq) {
    const page = await this.#page({ before: seq + AROUND });
    const last = page.messages.at(-1)?.seq ?? 0;
    this.#hasOlder = page.hasMore;
    this.#hasNewer = last < page.lastSeq;
    this.#show(page);
  }

  /** The first of the customer's messages that nobody had read. */
  #markNew({ messages }, unread) {
    this.#unread = null;
    const theirs = messages.filter(({ role }) => role === "USER");
    if (unread > 0 && theirs.length >= unread) this.newSeq = theirs.at(-unread).seq;
  }

  #show(page) {
    this.#heardSeq = Math.max(this.#heardSeq, page.lastSeq);
    this.messages.replace(page.messages);
    this.#forgetSent(page.messages);
  }

  #take(page) {
    this.#heardSeq = Math.max(this.#heardSeq, page.lastSeq);
    this.messages.take(page.messages);
    this.#forgetSent(page.messages);
  }

  /** A stored message takes its place, or is beyond the window. */
  #settle(message) {
    if (this.#hasNewer && !this.messages.has(message.seq)) this.messages.drop(message.clientId);
    else this.messages.take([message]);
    this.#forgetSent([message]);
  }

  /** More was missed than one page: who is at the end goes to the new end, who reads the past stays there. */
  async #fallBehind() {
    if (this.#view.isAtEnd()) return this.#loadNewest();
    this.messages.cutAtGap();
    this.#hasNewer = true;
    this.#view.missed();
  }

  /** At the live end nothing that was told of may be missing. */
  #follow() {
    if (this.isLive && this.#heardSeq > this.messages.lastSeq) this.catchUp();
  }

  #failed(error, seq) {
    this.#view.state("failed", error.status === 404 ? "This conversation is not there." : error.message);
    if (error.isPassing) setTimeout(() => this.#view.isOpen() && this.load(seq), AGAIN);
  }

  #forgetSent(messages) {
    for (const { clientId } of messages) if (clientId) this.#unsent.remove(clientId);
  }

  #page(query) {
    return this.#api.get(`/api/conversations/${this.id}/messages`, query);
  }

  /** One question after the other. */
  async #next(ask) {
    const asking = (this.#asking ?? Promise.resolve()).then(ask).catch(this.onError);
    this.#asking = asking;
    await asking;
    if (this.#asking === asking) this.#asking = null;
  }
}
