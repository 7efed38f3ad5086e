import { setText } from "../shared/dom.js";
import { Bell } from "./bell.js";
import { Conversations } from "./conversations.js";
import { Counts } from "./counts.js";
import { Favicon } from "./favicon.js";
import { Feed } from "./feed.js";
import { Keyboard } from "./keyboard.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { Pane } from "./pane.js";
import { Presence } from "./presence.js";
import { Toasts } from "./toasts.js";
import { TypingCustomers } from "./typing.js";

const CONNECTION = { live: "Live", reconnecting: "Reconnecting…", offline: "Offline" };
const DONE = ["RESOLVED", "SNOOZED"];

/** The dashboard: what is known, what is open, and who draws it. */
export class Inbox {
  #root;
  #api;
  #first;
  #drawing = false;
  #loading = new Map(); // conversations that events named and that are being asked for
  #catchingUp = null;
  #favicon = new Favicon();

  /** `first`: the list that the page was served with. */
  constructor(root, { me, agents, first }, api) {
    this.#root = root;
    this.#api = api;
    this.#first = first;
    const onChange = () => this.#draw();
    const go = (id, seq) => this.#go(id, seq);
    const part = (name) => this.#part(name);
    this.toasts = new Toasts(document.querySelector('[data-part="toasts"]'));
    this.conversations = new Conversations((conversation, before) => this.#changed(conversation, before));
    this.presence = new Presence(api, { agents, onChange });
    this.typing = new TypingCustomers((id) => this.#showTyping(id));
    const stateOf = ({ id, contactId }) => ({ isOnline: this.presence.isOnline(contactId), typing: this.typing.of(id) });
    this.list = new List(this.#part("list-scroller"), { me, stateOf, onOpen: go });
    this.feed = new Feed(root, { api, me, first, conversations: this.conversations, onChange, onChoose: () => this.counts.refresh() });
    this.counts = new Counts(root, { api, waiting: first.waiting, statuses: () => this.feed.statuses, onChange });
    this.bell = new Bell(part, { me, openId: () => this.pane.id, onOpen: go });
    const { toasts, conversations, presence } = this;
    const ask = (id) => this.#ask(id);
    const onTyping = (id, isTyping) => this.live?.types(id, isTyping);
    this.pane = new Pane(root, { me, agents, api, toasts, conversations, presence, ask, go, onTyping });
    this.keyboard = new Keyboard(this.#acts());
  }

  start() {
    this.#part("back").addEventListener("click", () => this.#go(null));
    this.#part("show-keys").addEventListener("click", () => this.keyboard.showKeys());
    window.addEventListener("popstate", () => this.#show(idInAddress()));
    window.addEventListener("focus", () => this.pane.markRead());
    document.addEventListener("visibilitychange", () => document.hidden || this.#woke());
    window.addEventListener("online", () => this.#woke());
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.#woke());
    this.feed.start(this.#first);
    this.bell.start();
    this.keyboard.start();
    this.#show(idInAddress());
    this.#draw();
    this.live = new Live({
      onState: (state) => this.#showConnection(state),
      onEvent: (name, payload) => this.#hear(name, payload),
      onMoment: (name, payload) => this.#hearMoment(name, payload),
      onUp: () => this.#up(),
    });
    this.pane.outbox.resume();
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }

  // What is open

  #go(id, seq = null) {
    if (id !== idInAddress()) history.pushState(null, "", id ? `/conversations/${id}` : "/");
    this.#show(id, seq);
  }

  #show(id, seq = null) {
    const before = this.pane.id;
    if (before === id) return seq && this.pane.jumpTo(seq);
    if (before) this.live.leave(before);
    this.#root.dataset.pane = id ? "conversation" : "list";
    this.feed.setOpen(id);
    this.pane.open(id, { seq });
    this.pane.typists.show(this.typing.of(id));
    this.bell.looked();
    this.#drawNow();
    if (!id) return before && this.list.focus(before);
    this.live?.join(id);
  }

  // What is heard

  #hear(name, payload) {
    if (payload.conversation) this.conversations.upsert(withAuthor(payload));
    else if (name === "conversation:updated") this.#patch(payload);
    else if (name === "conversation:view-update") {
      const { conversationId, message, lastMessageAt, rev } = payload;
      this.#patch({ conversationId, lastMessage: message, lastMessageAt, rev });
    }
    if (payload.message?.role === "USER") this.typing.stop(payload.message.conversationId);
    this.pane.hear(name, payload);
    this.bell.hear(name, payload);
    if (!this.conversations.saw(payload.rev)) this.#catchUp();
  }

  /** What holds for a moment only, and is never asked for again. */
  #hearMoment(name, payload) {
    if (name === "typing") this.typing.hear(payload);
    else if (name === "presence") this.presence.hear(payload);
    else if (payload.conversationId === this.pane.id) this.pane.viewers.show(payload.agents);
  }

  #showTyping(id) {
    if (id === this.pane.id) this.pane.typists.show(this.typing.of(id));
    this.#draw();
  }

  #changed(conversation, before) {
    this.feed.changed(conversation, before);
    this.counts.refresh();
    this.#draw();
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
    this.presence.ask();
    this.pane.outbox.wake();
    this.#askForMissed();
  }

  /** The page was asleep, or the network is back. */
  #woke() {
    this.live?.wake();
    this.#askForMissed();
  }

  #askForMissed() {
    this.#catchUp();
    this.pane.catchUp();
  }

  /** Everything that changed since the last revision that is known; one question at a time. */
  async #catchUp() {
    if (this.#catchingUp) return;
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

  // What the keyboard does

  #acts() {
    return {
      next: () => this.list.move(1),
      previous: () => this.list.move(-1),
      reply: () => this.pane.write("reply"),
      note: () => this.pane.write("note"),
      resolve: () => this.#resolve(),
      assign: () => this.pane.openAssign(),
      search: () => this.feed.focusSearch(),
      back: () => this.#back(),
    };
  }

  /** The conversation that the keyboard is on in the list, or else the open one. */
  async #resolve() {
    const id = this.list.focusedId;
    if (!id || id === this.pane.id) return this.pane.resolve();
    const status = DONE.includes(this.conversations.get(id).status) ? "OPEN" : "RESOLVED";
    const change = this.#api.patch(`/api/conversations/${id}`, { status });
    return change.then(({ conversation }) => this.conversations.upsert(conversation)).catch((error) => this.toasts.show(`Not changed: ${error.message}`));
  }

  #back() {
    if (this.list.focusedId) return;
    if (this.#part("list-scroller").checkVisibility()) this.list.focus(this.pane.id);
    else this.#go(null);
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
    queueMicrotask(() => this.#drawNow());
  }

  #drawNow() {
    this.#drawing = false;
    this.list.show(this.feed.items, this.pane.id);
    this.feed.showNote(this.list.size);
    this.#favicon.show(this.counts.waiting);
    this.pane.draw();
  }
}

/** A conversation remembers who wrote its newest answer: its preview names him. */
function withAuthor({ conversation, message }) {
  if (!message?.author || message.private) return conversation;
  return { ...conversation, lastAuthor: { ...message.author, createdAt: message.createdAt } };
}

function idInAddress() {
  return location.pathname.match(/^\/conversations\/([^/]+)$/)?.[1] ?? null;
}
