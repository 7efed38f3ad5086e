import { el, setText } from "../shared/dom.js";
import { MessageActions } from "./actions.js";
import { fillMessage, makeMessage } from "./bubble.js";
import { day, sameDay } from "./times.js";

const NEAR = 80; // px from the end that still count as "at the end"
const MORE = 600; // px from either end at which another page is asked for
const GROUP = 5 * 60_000; // ms between two messages of one author that stand together
const FOUND = 2500; // ms that a message one jumped to stands out

/** The open conversation's messages on the screen. Pages come on scrolling, without a jump. */
export class Thread {
  #parts;
  #handlers;
  #actions;
  #nodes = new Map(); // a message's key → {node, message, place}
  #days = new Map();
  #divider = el("li", { class: "divider", "data-part": "divider" }, el("span", {}, "New"));
  #stick = true; // the end stays in view
  #isLive = true; // the end is the conversation's
  #isOpening = true; // nothing was shown yet
  #lastSeq = 0;
  #missed = 0; // new messages below what is in view
  #current = null; // the message that the Tab key reaches

  /**
   * `parts`: {thread, scroller, newest, newestText}. `handlers`: those of fillMessage and of MessageActions, and
   * {onOlder, onNewer, onNewest, onSeen}.
   */
  constructor(parts, handlers) {
    this.#parts = parts;
    this.#handlers = handlers;
    this.#actions = new MessageActions(handlers);
    parts.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    parts.newest.addEventListener("click", () => handlers.onNewest());
    const observer = new ResizeObserver(() => this.#stick && this.toEnd());
    observer.observe(parts.scroller);
    observer.observe(parts.thread);
    this.#listen(parts.thread);
  }

  get isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#parts.scroller;
    return this.#isLive && scrollHeight - scrollTop - clientHeight < NEAR;
  }

  clear() {
    this.#nodes.clear();
    this.#days.clear();
    this.#actions.detach();
    this.#parts.thread.replaceChildren();
    this.#stick = this.#isLive = this.#isOpening = true;
    this.#lastSeq = this.#missed = 0;
    this.#current = null;
    this.#showNewest();
  }

  toEnd() {
    this.#stick = this.#isLive;
    this.#missed = 0;
    this.#parts.scroller.scrollTop = this.#parts.scroller.scrollHeight;
    this.#showNewest();
  }

  /** One more message came that is not among those shown. */
  missed() {
    this.#missed += 1;
    this.#showNewest();
  }

  /** Shows these messages, in this order. `newSeq`: the first that was unread. `isLive`: the last is the newest. */
  show(messages, { newSeq, isLive }) {
    const last = messages.at(-1);
    const isMine = last?.state === "pending" && !this.#nodes.has(keyOf(last));
    const anchor = this.#anchor();
    this.#isLive = isLive;
    this.#stick &&= isLive;
    this.#count(messages);
    reconcile(this.#parts.thread, this.#withLines(messages, newSeq));
    if (this.#isOpening && messages.length > 0) this.#begin();
    else if (this.#stick || isMine) this.toEnd();
    else this.#restore(anchor);
    this.#showNewest();
    requestAnimationFrame(() => this.#askForMore());
  }

  /** Brings a message into view and lets it stand out for a moment. */
  reveal(seq) {
    const node = this.#parts.thread.querySelector(`[data-part=message][data-seq="${Number(seq)}"]`);
    if (!node) return;
    this.#stick = false;
    this.#isOpening = false;
    node.scrollIntoView({ block: "center" });
    node.dataset.found = "true";
    setTimeout(() => delete node.dataset.found, FOUND);
    this.#makeCurrent(node);
    this.#scrolled();
  }

  /** The focus goes to the newest message. */
  focus() {
    (this.#current ?? this.#parts.scroller).focus();
  }

  /** Where a conversation opens: at its end, or at the first unread message if the end is further than a screen. */
  #begin() {
    this.#isOpening = false;
    this.toEnd();
    const { scroller } = this.#parts;
    if (!this.#divider.isConnected || top(this.#divider) >= top(scroller)) return;
    this.#stick = false;
    this.#missed = this.#unread;
    scroller.scrollTop += top(this.#divider) - top(scroller) - 12;
  }

  /** How many of the customer's messages stand after the divider. */
  get #unread() {
    const { parentElement: thread } = this.#divider;
    const all = [...thread.children];
    return all.slice(all.indexOf(this.#divider)).filter(({ dataset }) => dataset.role === "USER").length;
  }

  #withLines(messages, newSeq) {
    const nodes = [];
    const kept = new Map();
    messages.forEach((message, at) => {
      const before = messages[at - 1];
      const isNew = message.seq !== null && message.seq === newSeq;
      if (!before || !sameDay(before.createdAt, message.createdAt)) nodes.push(this.#day(message.createdAt));
      if (isNew) nodes.push(this.#divider);
      const after = messages[at + 1];
      const ends = !areGrouped(message, after) || after.seq === newSeq;
      const place = { starts: isNew || !areGrouped(before, message), ends, foots: ends || !areAlike(message, after) };
      nodes.push(this.#fill(kept, message, place));
    });
    this.#nodes = kept;
    this.#keepCurrent(nodes);
    return nodes;
  }

  #fill(kept, message, place) {
    const known = this.#nodes.get(keyOf(message));
    const node = known?.node ?? makeMessage();
    const isSame = known?.message === message && JSON.stringify(known.place) === JSON.stringify(place);
    if (!isSame) fillMessage(node, message, place, this.#handlers);
    kept.set(keyOf(message), { node, message, place });
    return node;
  }

  #day(iso) {
    const text = day(iso);
    const known = this.#days.get(text) ?? el("li", { class: "day" }, el("span", {}, text));
    this.#days.set(text, known);
    return known;
  }

  #count(messages) {
    const stored = messages.filter(({ seq }) => seq !== null);
    const last = stored.at(-1)?.seq ?? 0;
    const isFollowing = this.#isLive && this.#lastSeq > 0 && !this.#stick && this.#nodes.size > 0;
    if (isFollowing) this.#missed += stored.filter(({ seq, role }) => seq > this.#lastSeq && role !== "SYSTEM").length;
    if (this.#isLive) this.#lastSeq = Math.max(this.#lastSeq, last);
  }

  // Places

  /** The first message in view, and where it stands. */
  #anchor() {
    const edge = top(this.#parts.scroller);
    for (const { node } of this.#nodes.values()) {
      const box = node.getBoundingClientRect();
      if (box.bottom > edge) return { node, top: box.top };
    }
    return null;
  }

  #restore(anchor) {
    if (!anchor?.node.isConnected) return;
    const moved = top(anchor.node) - anchor.top;
    if (moved) this.#parts.scroller.scrollTop += moved;
  }

  #scrolled() {
    this.#stick = this.isAtEnd;
    if (this.#stick) {
      this.#missed = 0;
      this.#handlers.onSeen();
    }
    this.#showNewest();
    this.#askForMore();
  }

  #askForMore() {
    const { scrollTop, scrollHeight, clientHeight } = this.#parts.scroller;
    if (this.#isOpening || clientHeight === 0) return;
    if (scrollTop < MORE) this.#handlers.onOlder();
    if (!this.#isLive && scrollHeight - scrollTop - clientHeight < MORE) this.#handlers.onNewer();
  }

  #showNewest() {
    const { scroller, newest, newestText } = this.#parts;
    const isFar = scroller.scrollHeight - scroller.scrollTop > 2 * scroller.clientHeight;
    newest.hidden = this.#nodes.size === 0 || !(this.#missed || isFar || !this.#isLive);
    const count = this.#missed === 1 ? "1 new message" : `${this.#missed} new messages`;
    setText(newestText, this.#missed ? count : "Newest messages");
    newest.dataset.missed = this.#missed > 0;
  }

  // Pointing, and walking by keys

  #listen(thread) {
    const point = ({ target }) => this.#point(target.closest("[data-part=message]"));
    thread.addEventListener("pointerover", point);
    thread.addEventListener("focusin", point);
    thread.addEventListener("keydown", (event) => this.#key(event));
  }

  #point(node) {
    const entry = [...this.#nodes.values()].find((other) => other.node === node);
    if (!entry) return;
    this.#actions.attach(node, entry.message);
    if (node.contains(document.activeElement)) this.#makeCurrent(node);
  }

  #key(event) {
    const node = event.target;
    if (!node.matches("[data-part=message]")) return;
    const all = [...this.#parts.thread.querySelectorAll("[data-part=message]")];
    const to = { ArrowUp: all[all.indexOf(node) - 1], ArrowDown: all[all.indexOf(node) + 1], Home: all[0], End: all.at(-1) }[event.key];
    if (!to) return;
    event.preventDefault();
    to.focus();
  }

  #makeCurrent(node) {
    if (this.#current === node) return;
    if (this.#current) this.#current.tabIndex = -1;
    this.#current = node;
    node.tabIndex = 0;
  }

  #keepCurrent(nodes) {
    const isUsed = this.#current?.contains(document.activeElement) && nodes.includes(this.#current);
    const newest = nodes.findLast((node) => node.dataset.part === "message");
    if (!isUsed && newest) this.#makeCurrent(newest);
  }
}

/** Makes these nodes, in this order, the root's children; those that stay are not touched. */
function reconcile(root, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...root.children]) if (!wanted.has(node)) node.remove();
  let place = root.firstElementChild;
  for (const node of nodes) {
    if (node === place) place = place.nextElementSibling;
    else root.insertBefore(node, place);
  }
}

function top(node) {
  return node.getBoundingClientRect().top;
}

function keyOf({ clientId, author, id }) {
  return clientId ? `${author?.id}:${clientId}` : id;
}

function areGrouped(one, other) {
  if (!one || !other || one.role !== other.role || one.private !== other.private) return false;
  if (one.author?.id !== other.author?.id || !sameDay(one.createdAt, other.createdAt)) return false;
  return new Date(other.createdAt) - new Date(one.createdAt) < GROUP;
}

/** Whether one's foot tells the same as the other's. */
/** Whether something stands below a message beside its time. */
function hasAside({ meta, error }) {
  return Boolean(error || meta?.edited || meta?.reactions || meta?.referral);
}

function areAlike(one, other) {
  return one.state === other.state && one.status === other.status && !hasAside(one);
}
