import { el, setText } from "../shared/dom.js";
import { linked } from "../shared/links.js";
import { day, full, sameDay, time } from "./times.js";

const NEAR = 80; // px from the end that still count as "at the end"
const GROUP = 5 * 60_000; // ms between two messages of one author that stand together
const TICKS = { QUEUED: "Sending", SENT: "Sent", DELIVERED: "Delivered", READ: "Read" };

/** The open conversation's messages on the screen. Older pages come on scrolling up, without a jump. */
export class Thread {
  #parts;
  #nodes = new Map();
  #handlers;

  /** `parts`: {thread, scroller, newest}. `handlers`: {onOlder, onSeen, onRetry}. */
  constructor(parts, handlers) {
    this.#parts = parts;
    this.#handlers = handlers;
    parts.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    parts.newest.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.#stick && this.toEnd()).observe(parts.scroller);
  }

  #stick = true; // the end stays in view

  get isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#parts.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  clear() {
    this.#nodes.clear();
    this.#parts.thread.replaceChildren();
    this.#parts.newest.hidden = true;
    this.#stick = true;
  }

  toEnd() {
    this.#stick = true;
    this.#parts.scroller.scrollTop = this.#parts.scroller.scrollHeight;
    this.#parts.newest.hidden = true;
  }

  /** Shows these messages, in this order. */
  show(messages) {
    const { scroller, thread, newest } = this.#parts;
    const grewAtEnd = messages.at(-1) && !this.#nodes.has(keyOf(messages.at(-1)));
    const isMine = messages.at(-1)?.state === "pending";
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    const grewAtStart = messages[0] && this.#nodes.size > 0 && !this.#nodes.has(keyOf(messages[0]));
    thread.replaceChildren(...this.#withDays(messages));
    if (this.#stick || (grewAtEnd && isMine)) this.toEnd();
    else if (grewAtStart) scroller.scrollTop = scroller.scrollHeight - fromEnd;
    else if (grewAtEnd) newest.hidden = false;
  }

  #withDays(messages) {
    const nodes = [];
    const kept = new Map();
    messages.forEach((message, at) => {
      const before = messages[at - 1];
      if (!before || !sameDay(before.createdAt, message.createdAt)) {
        nodes.push(el("li", { class: "day" }, day(message.createdAt)));
      }
      const node = this.#nodes.get(keyOf(message)) ?? make();
      fill(node, message, isGrouped(before, message), this.#handlers.onRetry);
      kept.set(keyOf(message), node);
      nodes.push(node);
    });
    this.#nodes = kept;
    return nodes;
  }

  #scrolled() {
    this.#stick = this.isAtEnd;
    if (this.#stick) {
      this.#parts.newest.hidden = true;
      this.#handlers.onSeen();
    }
    if (this.#parts.scroller.scrollTop < 400) this.#handlers.onOlder();
  }
}

function keyOf({ clientId, author, id }) {
  return clientId ? `${author?.id}:${clientId}` : id;
}

function isGrouped(before, message) {
  if (!before || before.role !== message.role || before.private !== message.private) return false;
  if (before.author?.id !== message.author?.id || !sameDay(before.createdAt, message.createdAt)) return false;
  return new Date(message.createdAt) - new Date(before.createdAt) < GROUP;
}

function make() {
  return el(
    "li",
    { class: "message", "data-part": "message" },
    el("span", { class: "author", dir: "auto" }),
    el("div", { class: "bubble", dir: "auto" }),
    el("div", { class: "foot" }),
  );
}

function fill(node, message, grouped, onRetry) {
  const [author, bubble, foot] = node.children;
  const { id, clientId, seq, role, state } = message;
  Object.assign(node.dataset, { id: id ?? "", clientId: clientId ?? "", seq: seq ?? "", role, state });
  node.dataset.private = message.private;
  node.classList.toggle("grouped", grouped);
  setText(author, `${message.author?.name ?? ""}${message.private ? " · private note" : ""}`);
  if (bubble.textContent !== message.text) bubble.replaceChildren(...linked(message.text));
  foot.replaceChildren(...footer(message, onRetry));
}

function footer(message, onRetry) {
  const when = el("time", { datetime: message.createdAt, title: full(message.createdAt) }, time(message.createdAt));
  if (message.state === "pending") return [el("span", {}, "Sending…")];
  if (message.state === "failed") {
    const retry = el("button", { type: "button", "data-part": "retry", onclick: () => onRetry(message) }, "Retry");
    return [el("span", { class: "why" }, `Not sent: ${message.problem}`), retry];
  }
  const tick = message.role === "AGENT" && !message.private && TICKS[message.status];
  return tick ? [when, el("span", { "data-part": "ticks" }, tick)] : [when];
}
