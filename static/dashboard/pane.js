import { setText } from "../shared/dom.js";
import { Composer } from "./composer.js";
import { OpenConversation } from "./conversation.js";
import { Head } from "./head.js";
import { Outbox } from "./outbox.js";
import { Thread } from "./thread.js";

/** The conversation side: which one is open, and everything that draws it. */
export class Pane {
  #root;
  #me;
  #api;
  #toasts;
  #conversations;
  #outbox;
  #open = null;

  /** `conversations`: the store. `toasts` tells what did not work. */
  constructor(root, { me, agents, api, toasts, conversations }) {
    this.#root = root;
    this.#me = me;
    this.#api = api;
    this.#toasts = toasts;
    this.#conversations = conversations;
    this.#outbox = new Outbox(api);
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

  /** The open conversation's id, or null. */
  get id() {
    return this.#open?.id ?? null;
  }

  /** Opens a conversation; null closes it. */
  open(id) {
    this.thread.clear();
    this.#open = id ? this.#make(id) : null;
    this.draw();
    if (!id) return;
    this.#open.load().then(() => this.markRead());
    if (matchMedia("(pointer: fine)").matches) this.composer.focus();
    else this.#part("customer").focus();
  }

  /** The store's conversation changed. */
  draw() {
    this.#part("nothing").hidden = Boolean(this.id);
    this.#part("open").hidden = !this.id;
    const conversation = this.id && this.#conversations.get(this.id);
    if (!conversation) return;
    this.head.show(conversation);
    this.composer.open(conversation);
  }

  hear(name, payload) {
    if (payload.message?.conversationId !== this.id) return;
    if (name === "message:updated") this.#open.messages.update(payload.message);
    if (name !== "message:new") return;
    this.#open.hear(payload.message);
    this.markRead();
  }

  markRead() {
    return this.#open?.markRead();
  }

  /** What was missed while the page did not hear. */
  catchUp() {
    return this.#open?.catchUp().then(() => this.markRead());
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }

  #make(id) {
    const isOpen = () => this.id === id;
    const view = {
      show: (messages) => isOpen() && this.thread.show(messages),
      isInView: () => isOpen() && document.hasFocus() && !document.hidden && this.thread.isAtEnd,
      note: (text) => isOpen() && this.#note(text),
    };
    const onError = (error) => error.isPassing || this.#toasts.show(error.message);
    return new OpenConversation(id, { api: this.#api, outbox: this.#outbox, me: this.#me, view, onError });
  }

  #note(text) {
    this.#part("thread-note").hidden = text === null;
    setText(this.#part("thread-note"), text ?? "");
  }

  async #change(fields) {
    try {
      const { conversation } = await this.#api.patch(`/api/conversations/${this.id}`, fields);
      this.#conversations.upsert(conversation);
      return true;
    } catch (error) {
      this.#toasts.show(`Not changed: ${error.message}`);
      return false;
    }
  }
}
