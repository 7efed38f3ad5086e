import { setText } from "../shared/dom.js";
import { Composer } from "./composer.js";
import { OpenConversation } from "./conversation.js";
import { Conversations } from "./conversations.js";
import { Head } from "./head.js";
import { Feed } from "./feed.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { Thread } from "./thread.js";
import { Toasts } from "./toasts.js";

const CONNECTION = { live: "Live", reconnecting: "Reconnecting…", offline: "Offline" };

/** The dashboard: what is known, what is open, and who draws it. */
export class Inbox {
  #root;
  #me;
  #api;
  #outbox;
  #open = null;
  #drawing = false;
  #loading = new Set(); // conversations that events named and that are being asked for
  #catchingUp = null;

  constructor(root, { me, agents }, api) {
    this.#root = root;
    this.#me = me;
    this.#api = api;
    this.#outbox = new Outbox(api);
    this.toasts = new Toasts(document.querySelector('[data-part="toasts"]'));
    this.conversations = new Conversations(() => this.#draw());
    this.list = new List(this.#part("conversation-list"), (id) => this.#go(id));
    this.feed = new Feed(root, { api, me, conversations: this.conversations, onChange: () => this.#draw() });
    const parts = { thread: this.#part("thread"), scroller: this.#part("scroller"), newest: this.#part("newest") };
    this.thread = new Thread(parts, {
      onOlder: () => this.#open?.older(),
      onSeen: () => this.#open?.markRead(),
      onRetry: (message) => this.#open?.retry(message),
    });
    this.composer = new Composer(this.#part("composer"), (text, isPrivate) => this.#open?.write(text, isPrivate));
    const named = { customer: "customer", email: "customer-email", status: "status", assignee: "assignee" };
    const head = Object.fromEntries(Object.entries(named).map(([key, name]) => [key, this.#part(name)]));
    this.head = new Head(head, agents, (fields) => this.#change(fields));
  }

  start() {
    this.#part("back").addEventListener("click", () => this.#go(null));
    window.addEventListener("popstate", () => this.#show(idInAddress()));
    window.addEventListener("focus", () => this.#open?.markRead());
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
    if (this.#open?.id === id) return;
    const before = this.#open?.id;
    if (before) this.live.leave(before);
    this.#root.dataset.pane = id ? "conversation" : "list";
    this.thread.clear();
    this.#open = id ? this.#makeOpen(id) : null;
    this.#draw();
    if (!id) return before && this.list.focus(before);
    this.live?.join(id);
    this.#open.load().then(() => this.#open?.markRead());
    if (!this.conversations.get(id)) this.#ask(id);
    return matchMedia("(pointer: fine)").matches ? this.composer.focus() : this.#part("customer").focus();
  }

  #makeOpen(id) {
    const isOpen = () => this.#open?.id === id;
    const view = {
      show: (messages) => isOpen() && this.thread.show(messages),
      isInView: () => isOpen() && document.hasFocus() && !document.hidden && this.thread.isAtEnd,
      note: (text) => isOpen() && this.#note(text),
    };
    const onError = (error) => error.isPassing || this.toasts.show(error.message);
    return new OpenConversation(id, { api: this.#api, outbox: this.#outbox, me: this.#me, view, onError });
  }

  #note(text) {
    this.#part("thread-note").hidden = text === null;
    setText(this.#part("thread-note"), text ?? "");
  }

  async #change(fields) {
    const { id } = this.#open;
    try {
      const { conversation } = await this.#api.patch(`/api/conversations/${id}`, fields);
      this.conversations.upsert(conversation);
      return true;
    } catch (error) {
      this.toasts.show(`Not changed: ${error.message}`);
      return false;
    }
  }

  // What is heard

  #hear(name, payload) {
    if (payload.conversation) this.conversations.upsert(payload.conversation);
    else if (name === "conversation:updated") this.#patch(payload);
    else if (name === "conversation:view-update") {
      const { conversationId, message, lastMessageAt, rev } = payload;
      this.#patch({ conversationId, lastMessage: message, lastMessageAt, rev });
    }
    if (name === "message:new" && payload.message.conversationId === this.#open?.id) this.#hearMessage(payload.message);
    if (name === "message:updated") this.#hearUpdate(payload.message);
    if (!this.conversations.saw(payload.rev)) this.#catchUp();
  }

  #hearMessage(message) {
    this.#open.hear(message);
    this.#open.markRead();
  }

  #hearUpdate(message) {
    if (message.conversationId === this.#open?.id) this.#open.messages.update(message);
  }

  #patch({ conversationId, ...fields }) {
    if (!this.conversations.patch(conversationId, fields)) this.#ask(conversationId);
  }

  /** A conversation that is not known yet: one question, however many events name it. */
  async #ask(id) {
    if (this.#loading.has(id)) return;
    this.#loading.add(id);
    const answer = await this.#api.get(`/api/conversations/${id}`).catch(() => null);
    this.#loading.delete(id);
    if (answer) this.conversations.upsert(answer.conversation);
  }

  // What was missed

  #up() {
    if (this.#open) this.live.join(this.#open.id);
    this.#woke();
  }

  #woke() {
    this.#catchUp();
    this.#open?.catchUp().then(() => this.#open?.markRead());
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
    const openId = this.#open?.id;
    this.list.show(this.feed.rows(openId), openId);
    this.feed.showNote(this.list.size);
    const { unread } = this.conversations;
    document.title = unread ? `(${unread}) Deskbell` : "Deskbell";
    this.#part("nothing").hidden = Boolean(openId);
    this.#part("open").hidden = !openId;
    const conversation = openId && this.conversations.get(openId);
    if (!conversation) return;
    this.head.show(conversation);
    this.composer.open(conversation);
  }
}

function idInAddress() {
  return location.pathname.match(/^\/conversations\/([^/]+)$/)?.[1] ?? null;
}
