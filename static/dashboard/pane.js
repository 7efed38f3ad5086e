import { setText } from "../shared/dom.js";
import { gist } from "./bubble.js";
import { Composer } from "./composer.js";
import { ContactPanel } from "./contact.js";
import { OpenConversation } from "./conversation.js";
import { confirmed } from "./dialogs.js";
import { isPicture } from "./files.js";
import { Head } from "./head.js";
import { Lightbox } from "./lightbox.js";
import { Outbox } from "./outbox.js";
import { Thread } from "./thread.js";
import { Typists } from "./typists.js";
import { OwnTyping } from "./typing.js";
import { Unsent } from "./unsent.js";
import { Viewers } from "./viewers.js";

const ADMINS = ["OWNER", "ADMIN"];

/** The conversation side: which one is open, and everything that draws it. */
export class Pane {
  #root;
  #me;
  #api;
  #toasts;
  #conversations;
  #ask;
  #presence;
  #unsent;
  #open = null;
  #busy = new Map(); // conversations with something unsent: they go on while another one is open
  #lightbox = new Lightbox();

  /**
   * `conversations`: the store; `presence`: who is there; `ask(id)` resolves with a conversation that it lacks. `toasts` tells what did not work.
   * `go(id)` opens another one; `onTyping(conversationId, isTyping)` tells that the agent writes a reply.
   */
  constructor(root, { me, agents, api, toasts, conversations, presence, ask, go, onTyping }) {
    this.#root = root;
    this.#me = me;
    this.#api = api;
    this.#toasts = toasts;
    this.#conversations = conversations;
    this.#ask = ask;
    this.#presence = presence;
    this.#unsent = new Unsent(me.id);
    this.#unsent.onChange = () => this.#open?.showUnsent();
    this.outbox = new Outbox(api, this.#unsent);
    const typing = new OwnTyping(onTyping);
    const part = (name) => this.#part(name);
    const onProblem = (text) => toasts.show(text);
    this.contact = new ContactPanel(part, { api, onOpen: go, onProblem, onChange: ({ blocked }) => this.head.showBlocked(blocked) });
    this.thread = this.#makeThread();
    this.composer = new Composer(part("composer"), part("drop-zone"), {
      api,
      me,
      onProblem,
      onSend: (draft) => this.#open?.write(draft),
      onTyping: (isTyping) => (isTyping && this.id ? typing.goesOn(this.id) : typing.ends()),
    });
    this.typists = new Typists(part, this.thread);
    this.viewers = new Viewers(part, me, agents);
    this.head = new Head(part, {
      me,
      agents,
      presence,
      onChange: (fields) => this.#change(fields),
      onBlock: () => this.contact.block(),
      onCopied: (text, isDone) => toasts.show(text, isDone ? "done" : "problem"),
    });
  }

  /** The open conversation's id, or null. */
  get id() {
    return this.#open?.id ?? null;
  }

  /** Opens a conversation, with `seq` at that message; null closes it. */
  open(id, { seq = null } = {}) {
    if (this.#open?.hasUnsent) this.#busy.set(this.id, this.#open);
    this.thread.clear();
    this.viewers.show([]);
    this.#open = id ? this.#take(id) : null;
    this.draw();
    if (!id) return this.contact.open(null);
    this.#load(seq);
    if (matchMedia("(pointer: fine)").matches) this.composer.focus();
    else this.#part("customer").focus();
  }

  /** Goes to a message of the open conversation. */
  jumpTo(seq) {
    return this.#open?.jumpTo(seq);
  }

  /** The store's conversation changed. */
  draw() {
    this.#part("nothing").hidden = Boolean(this.id);
    this.#part("open").hidden = !this.id;
    if (!this.id) return;
    const conversation = this.#conversations.get(this.id) ?? null;
    this.#part("open").dataset.known = conversation !== null;
    if (conversation) this.head.show(conversation, this.#presence.isOnline(conversation.contactId));
    this.composer.open(conversation ?? { id: this.id, canReply: { allowed: true } });
    this.contact.open(conversation);
    this.contact.showPresence(conversation && this.#presence.of(conversation.contactId));
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

  // For the keyboard

  /** Writes a "reply" or a "note" in the open conversation. */
  write(kind) {
    if (this.id) this.composer.begin(kind);
  }

  /** Resolves the open conversation, or opens it again. */
  async resolve() {
    return this.id ? this.head.resolve() : false;
  }

  openAssign() {
    if (this.id) this.head.assign.open();
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }

  #take(id) {
    const busy = this.#busy.get(id);
    this.#busy.delete(id);
    return busy ?? this.#make(id);
  }

  #make(id) {
    const isOpen = () => this.id === id;
    const view = {
      isOpen,
      isAtEnd: () => isOpen() && this.thread.isAtEnd,
      isInView: () => isOpen() && document.hasFocus() && !document.hidden && this.thread.isAtEnd,
      show: (messages) => isOpen() && this.thread.show(messages, { newSeq: this.#open.newSeq, isLive: this.#open.isLive }),
      reveal: (seq) => isOpen() && this.thread.reveal(seq),
      toEnd: () => isOpen() && this.thread.toEnd(),
      missed: () => isOpen() && this.thread.missed(),
      state: (state, text) => isOpen() && this.#showState(state, text),
    };
    const known = this.#conversations.get(id);
    const unread = Promise.resolve(known ?? this.#ask(id)).then((conversation) => conversation?.unreadCount ?? 0);
    const onError = (error) => error.isPassing || this.#toasts.show(error.message);
    return new OpenConversation(id, { api: this.#api, outbox: this.outbox, unsent: this.#unsent, me: this.#me, view, unread, onError });
  }

  async #load(seq) {
    const open = this.#open;
    const isThere = await open.load(seq);
    if (!isThere || this.#open !== open) return;
    if (seq) this.thread.reveal(seq);
    this.markRead();
  }

  #showState(state, text = "") {
    const hasMessages = Boolean(this.#open?.messages.all.length);
    this.#part("scroller").setAttribute("aria-busy", state === "loading");
    this.#part("skeleton").hidden = state !== "loading" || hasMessages;
    setText(this.#part("thread-note"), state === "failed" ? `${text} ${hasMessages ? "" : "Trying again…"}`.trim() : "");
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

  // The thread

  #makeThread() {
    const parts = { thread: this.#part("thread"), scroller: this.#part("scroller"), newest: this.#part("newest"), newestText: this.#part("newest-text") };
    return new Thread(parts, {
      onOlder: () => this.#open?.older(),
      onNewer: () => this.#open?.newer(),
      onNewest: () => this.#open?.toNewest().then(() => this.markRead()),
      onSeen: () => this.markRead(),
      onRetry: (message) => this.#retry(message),
      onDiscard: (message) => this.#discard(message),
      onCopy: (message) => this.#copy(message),
      onReply: (message) => this.#quote(message),
      onRemove: (message) => this.#remove(message),
      onQuote: (replyTo) => this.#open?.jumpToId(replyTo.id),
      onPicture: (attachment) => this.#showPicture(attachment),
      onExpired: (message) => this.#open?.refresh(message).catch(() => {}),
      mayRemove: (message) => this.#mayRemove(message),
      isMe: (author) => author?.id === this.#me.id,
      nameOf: (replyTo) => this.#nameOf(replyTo),
    });
  }

  #retry(message) {
    if (message.state === "failed") return this.#open.retry(message);
    return this.#tried(() => this.#api.post(`/api/messages/${message.id}/retry`), "Not sent");
  }

  async #discard(message) {
    const text = "It was not sent, and is gone then.";
    if (await confirmed({ title: "Discard this message?", text, action: "Discard" })) this.#open.discard(message);
  }

  #copy({ text }) {
    const copied = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error());
    copied.then(() => this.#toasts.show("Copied.", "done"), () => this.#toasts.show("The browser did not let it be copied.")); // prettier-ignore
  }

  #quote(message) {
    const { id, text, role, private: isPrivate } = message;
    if (isPrivate) this.composer.begin("note"); // what only the team may see is not quoted to the customer
    this.composer.quote({ id, text: gist({ ...message, text }), role, name: this.#nameOf({ id, role }) });
  }

  async #remove(message) {
    const text = message.private ? "The note is gone for the whole team." : "It disappears for the customer and the team, files included.";
    if (!(await confirmed({ title: "Remove this message?", text, action: "Remove" }))) return;
    await this.#tried(() => this.#open.remove(message), "Not removed");
    this.thread.focus();
  }

  /** Own messages, and for administrators every one of the team, where the customer's window can take it back. */
  #mayRemove({ role, author }) {
    const { platform } = this.#conversations.get(this.id) ?? {};
    const isTeam = role === "AGENT" || role === "BOT";
    return platform === "WIDGET" && isTeam && (author?.id === this.#me.id || ADMINS.includes(this.#me.role));
  }

  #nameOf({ id, role }) {
    const known = this.#open?.messages.all.find((message) => message.id === id);
    const fallback = role === "USER" ? this.#conversations.get(this.id)?.customerName : "Team";
    return known?.author?.name ?? fallback ?? "Customer";
  }

  #showPicture(attachment) {
    const pictures = this.#open.messages.all.flatMap(({ attachments }) => attachments ?? []).filter((one) => isPicture(one) && one.url);
    this.#lightbox.show(pictures, pictures.findIndex(({ id }) => id === attachment.id)); // prettier-ignore
  }

  async #tried(act, failure) {
    try {
      await act();
    } catch (error) {
      this.#toasts.show(`${failure}: ${error.message}`);
    }
  }
}
