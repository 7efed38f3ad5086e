import { newId } from "../shared/ids.js";
import { Messages } from "./messages.js";

/** The open conversation: its messages, and everything that asks the server about them. */
export class OpenConversation {
  #api;
  #outbox;
  #view;
  #hasOlder = true;
  #readSeq = 0;
  #asking = null; // the page that is being asked for

  /** `view`: {show(messages), isInView(), note(text)} draws; `onError(error)` tells. */
  constructor(id, { api, outbox, me, view, onError }) {
    this.id = id;
    this.#api = api;
    this.#outbox = outbox;
    this.#view = view;
    this.onError = onError;
    this.messages = new Messages(me, () => view.show(this.messages.all));
  }

  /** The newest page. */
  async load() {
    this.#view.note("Loading…");
    try {
      const page = await this.#api.get(`/api/conversations/${this.id}/messages`);
      this.#hasOlder = page.hasMore;
      this.#view.note(null);
      this.messages.take(page.messages);
    } catch (error) {
      this.#view.note(error.status === 404 ? "This conversation is not there." : `${error.message} Trying again…`);
      if (error.isPassing) setTimeout(() => this.load(), 3000);
    }
  }

  async older() {
    if (!this.#hasOlder || this.messages.firstSeq === null) return;
    await this.#once(async () => {
      const page = await this.#page({ before: this.messages.firstSeq });
      this.#hasOlder = page.hasMore;
      this.messages.take(page.messages);
    });
  }

  /** What was missed since the last message without a gap. */
  async catchUp() {
    await this.#once(async () => {
      for (let more = true; more; ) {
        const page = await this.#page({ after: this.messages.lastSeq, limit: 100 });
        this.messages.take(page.messages);
        more = page.hasMore;
      }
    });
  }

  hear(message) {
    this.messages.take([message]);
    if (this.messages.hasGap) this.catchUp();
  }

  write(text, isPrivate) {
    const clientId = newId();
    this.messages.begin(clientId, text, isPrivate);
    this.#send(clientId, text, isPrivate);
  }

  retry({ clientId, text, private: isPrivate }) {
    this.messages.setState(clientId, "pending");
    this.#send(clientId, text, isPrivate);
  }

  /** Tells that the team has read up to the newest message, if somebody really sees it. */
  async markRead() {
    const seq = this.messages.lastSeq;
    if (seq <= this.#readSeq || !this.#view.isInView()) return;
    this.#readSeq = seq;
    await this.#api.post(`/api/conversations/${this.id}/read`, { seq }).catch(() => (this.#readSeq = 0));
  }

  async #send(clientId, text, isPrivate) {
    const body = { conversationId: this.id, text, clientId, private: isPrivate };
    try {
      this.messages.take([await this.#outbox.send(body)]);
    } catch (error) {
      this.messages.setState(clientId, "failed", error.message);
    }
  }

  #page(query) {
    return this.#api.get(`/api/conversations/${this.id}/messages`, query);
  }

  async #once(ask) {
    if (this.#asking) return;
    this.#asking = ask().catch(this.onError);
    await this.#asking;
    this.#asking = null;
  }
}
