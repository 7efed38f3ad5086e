import { Bubble } from "./bubble.js";
import { Dots } from "./dots.js";
import { el, icon, setText } from "../shared/dom.js";
import { dayOf } from "./times.js";

const GROUP = 5 * 60 * 1000; // ms between messages that stand together
const NEAR = 60; // px from the bottom that still count as the bottom
const FAR_UP = 200; // px from the top at which older messages are fetched

/** The scrolling list of messages. Stays at the bottom while one reads there, and in place while one reads above. */
export class Thread {
  node;
  #timeline;
  #callbacks;
  #bubbles = new Map(); // key → Bubble
  #list = el("div", { class: "list", role: "log", "aria-live": "polite", "aria-label": "Messages" });
  #scroller;
  #newer;
  #dots = new Dots();
  #note = el("p", { class: "line", dir: "auto", "data-part": "note", hidden: true });
  #atBottom = true;
  #loading = false;
  #newestOwn = null;
  #team = "";

  /**
   * `intro`: nodes above the first message. `callbacks`: {onRetry(entry), onDiscard(entry), onExpired(), older():
   * Promise of messages, onSeen()}; onExpired: the address of a file is too old; onSeen: the newest message came into view.
   */
  constructor(timeline, intro, callbacks) {
    this.#timeline = timeline;
    this.#callbacks = callbacks;
    this.#newer = el("button", { type: "button", class: "newer", hidden: true, onclick: () => this.toBottom() });
    this.#newer.append(icon("M6 9.5l6 6 6-6"), "New messages");
    this.#scroller = el("div", { class: "scroller", "data-part": "thread", tabindex: "0", role: "region" });
    this.#scroller.setAttribute("aria-label", "Conversation");
    const content = el("div", {}, intro, this.#list, this.#dots.node, this.#note);
    this.#scroller.append(content);
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.node = el("div", { class: "thread" }, this.#scroller, this.#newer, this.#dots.spoken);
    this.#keepBottom([this.#scroller, content]);
  }

  get atBottom() {
    return this.#atBottom;
  }

  /** `team`: the name over messages that name no author. `note`: a line under the last message. */
  setTexts(team, note) {
    this.#team = team;
    setText(this.#note, note);
    this.#note.hidden = note === "";
  }

  /** `names`: who is typing. */
  setTypists(names) {
    this.#dots.draw(names);
  }

  reset() {
    this.#bubbles.clear();
    this.#list.replaceChildren();
    this.#newer.hidden = true;
    this.#atBottom = true;
  }

  /** Draws an entry of the timeline where it belongs, and its neighbours, whose grouping it may change. */
  draw(entry) {
    const { entries } = this.#timeline;
    const at = entries.indexOf(entry);
    const isNew = !this.#bubbles.has(entry.key);
    if (isNew) this.#bubbles.set(entry.key, this.#makeBubble(entry));
    this.#place(entry, entries[at + 1]);
    for (const near of [entries[at - 1], entry, entries[at + 1]]) this.#drawOne(near);
    this.#drawNewestOwn();
    if (isNew) this.#announce(entry, at === entries.length - 1);
  }

  /** Takes away an entry that the timeline has dropped. */
  remove({ key }) {
    this.#bubbles.get(key)?.node.remove();
    this.#bubbles.delete(key);
    this.#timeline.entries.forEach((entry) => this.#drawOne(entry));
  }

  toBottom() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#setAtBottom(true);
  }

  #makeBubble(entry) {
    const { onRetry, onDiscard, onExpired } = this.#callbacks;
    return new Bubble({ onRetry: () => onRetry(entry), onDiscard: () => onDiscard(entry), onExpired });
  }

  #place(entry, next) {
    const { node } = this.#bubbles.get(entry.key);
    const before = this.#bubbles.get(next?.key)?.node ?? null;
    if (node.parentNode !== this.#list || node.nextSibling !== before) this.#list.insertBefore(node, before);
  }

  #drawOne(entry) {
    const bubble = this.#bubbles.get(entry?.key);
    if (!bubble) return;
    const { entries, newestOwn } = this.#timeline;
    const at = entries.indexOf(entry);
    const [before, after] = [entries[at - 1], entries[at + 1]];
    const day = before && dayOf(before) === dayOf(entry) ? "" : dayOf(entry);
    const first = day !== "" || !together(before, entry);
    const last = !after || !together(entry, after) || dayOf(after) !== dayOf(entry);
    bubble.draw(entry, { day, first, last, newestOwn: entry === newestOwn, team: this.#team });
  }

  /** Only the newest of the visitor's messages shows how far it got. */
  #drawNewestOwn() {
    const previous = this.#newestOwn;
    this.#newestOwn = this.#timeline.newestOwn;
    if (previous === this.#newestOwn) return;
    if (previous && this.#timeline.entries.includes(previous)) this.#drawOne(previous);
    this.#drawOne(this.#newestOwn);
  }

  #announce(entry, isLast) {
    if (entry.state === "pending") this.#atBottom = true;
    if (!this.#atBottom && isLast && entry.role !== "USER") this.#newer.hidden = false;
  }

  /** Whatever grows or shrinks, a line or the keyboard: who was at the bottom is there again before it is painted. */
  #keepBottom(nodes) {
    const observer = new ResizeObserver(() => this.#atBottom && this.toBottom());
    nodes.forEach((node) => observer.observe(node));
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    this.#setAtBottom(scrollHeight - scrollTop - clientHeight < NEAR);
    if (scrollTop < FAR_UP) this.#loadOlder();
  }

  #setAtBottom(atBottom) {
    this.#atBottom = atBottom;
    if (!atBottom) return;
    this.#newer.hidden = true;
    this.#callbacks.onSeen();
  }

  /** What is being read stays where it is while older messages come in above it; nobody is told of them. */
  async #loadOlder() {
    if (this.#loading) return;
    this.#loading = true;
    const messages = await this.#callbacks.older();
    const fromBottom = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    if (messages.length) this.#list.setAttribute("aria-live", "off");
    messages.toReversed().forEach((message) => this.#timeline.upsert(message));
    if (messages.length) this.#scroller.scrollTop = this.#scroller.scrollHeight - fromBottom;
    this.#list.setAttribute("aria-live", "polite");
    this.#loading = false;
  }
}

/** Whether two neighbours are one person's and close in time. */
function together(one, other) {
  if (!one || one.role !== other.role) return false;
  if (one.role !== "USER" && one.author?.name !== other.author?.name) return false;
  return Math.abs(new Date(other.createdAt) - new Date(one.createdAt)) < GROUP;
}
