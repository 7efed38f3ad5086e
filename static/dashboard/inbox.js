import { setText } from "../shared/dom.js";
import { Conversations } from "./conversations.js";
import { Feed } from "./feed.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { Pane } from "./pane.js";
import { Toasts } from "./toasts.js";

const CONNECTION = { live: "Live", reconnecting: "Reconnecting…", offline: "Offline" };

/** The dashboard: what is known, what is open, and who draws it. */
export class Inbox {
  #root;
  #api;
  #drawing = false;
  #loading = new Map(); // conversations that events named and that are being asked for
  #catchingUp = null;

  constructor(root, { me, agents }, api) {
    this.#root = root;
    this.#api = api;
    this.toasts = new Toasts(document.querySelector('[data-part="toasts"]'));
    this.conversations = new Conversations(() => this.#draw());
    this.list = new List(this.#part("conversation-list"), (id) => this.#go(id));
    this.feed = new Feed(root, { api, me, conversations: this.conversations, onChange: () => this.#draw() });
    const { toasts, conversations } = this;
    const ask = (id) => this.#ask(id);
    this.pane = new Pane(root, { me, agents, api, toasts, conversations, ask, go: (id) => this.#go(id) });
  }

  start() {
    this.#part("back").addEventListener("click", () => this.#go(null));
    window.addEventListener("popstate", () => this.#show(idInAddress()));
    window.addEventListener("focus", () => this.pane.markRead());
    document.addEventListener("visibilitychange", () => document.hidden || this.#woke());
    this.feed.start();
    this.#show(idInAddress());
    this.live = new Live({
      onState: (state) => this.#showConnection(state),
      onEvent: (name, payload) => this.#hear(name, payload),
      onUp: () => this.#up(),
    });
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }

  // What is open

  #go(id) {
    if (id !== idInAddress()) history.pushState(null, "", id ? `/conversations/${id}` : "/");
    this.#show(id);
  }

  #show(id) {
    const before = this.pane.id;
    if (before === id) return;
    if (before) this.live.leave(before);
    this.#root.dataset.pane = id ? "conversation" : "list";
    this.pane.open(id);
    this.#draw();
    if (!id) return before && this.list.focus(before);
    this.live?.join(id);
  }

  // What is heard

  #hear(name, payload) {
    if (payload.conversation) this.conversations.upsert(payload.conversation);
    else if (name === "conversation:updated") this.#patch(payload);
    else if (name === "conversation:view-update") {
      const { conversationId, message, lastMessageAt, rev } = payload;
      this.#patch({ conversationId, lastMessage: message, lastMessageAt, rev });
    }
    this.pane.hear(name, payload);
    if (!this.conversations.saw(payload.rev)) this.#catchUp();
  }

  #patch({ conversationId, ...fields }) {
    if (!this.conversations.patch(conversationId, fields)) this.#ask(conversationId);
  }

  /** A conversation that is not known yet: one question, however many events name it. */
  #ask(id) {
    if (!this.#loading.has(id)) this.#loading.set(id, this.#askNow(id));
    return this.#loading.get(id);
  }

  async #askNow(id) {
    const answer = await this.#api.get(`/api/conversations/${id}`).catch(() => null);
    this.#loading.delete(id);
    if (answer) this.conversations.upsert(answer.conversation);
    return answer?.conversation ?? null;
  }

  // What was missed

  #up() {
    if (this.pane.id) this.live.join(this.pane.id);
    this.#woke();
  }

  #woke() {
    this.#catchUp();
    this.pane.catchUp();
  }

  /** Everything that changed since the last revision that is known; one question at a time. */
  async #catchUp() {
    if (this.#catchingUp || !this.feed.isLoaded) return;
    this.#catchingUp = this.#changes().catch(() => {});
    await this.#catchingUp;
    this.#catchingUp = null;
  }

  async #changes() {
    for (let more = true; more; ) {
      const answer = await this.#api.get("/api/conversations", { changedAfter: this.conversations.rev, limit: 100 });
      answer.conversations.forEach((conversation) => this.conversations.upsert(conversation));
      this.conversations.rev = Math.max(this.conversations.rev, answer.rev);
      more = answer.hasMore;
    }
  }

  // What is shown

  #showConnection(state) {
    this.#part("connection").dataset.state = state;
    setText(this.#part("connection-text"), CONNECTION[state]);
  }

  /** Once for all changes of a moment. */
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      this.#drawNow();
    });
  }

  #drawNow() {
    const openId = this.pane.id;
    this.list.show(this.feed.rows(openId), openId);
    this.feed.showNote(this.list.size);
    const { unread } = this.conversations;
    document.title = unread ? `(${unread}) Deskbell` : "Deskbell";
    this.pane.draw();
  }
}

function idInAddress() {
  return location.pathname.match(/^\/conversations\/([^/]+)$/)?.[1] ?? null;
}
