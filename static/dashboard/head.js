import { setText } from "../shared/dom.js";
import { Assign } from "./assign.js";
import { drawAvatar } from "./people.js";
import { Snooze } from "./snooze.js";
import { moments } from "./times.js";

const DONE = ["RESOLVED", "SNOOZED"];
const STATES = { PENDING: "Pending", RESOLVED: "Resolved" };

/** Above the thread: who the customer is, the conversation's state, and what an agent does with it. */
export class Head {
  #part;
  #handlers;
  #shown = null;

  /**
   * `part(name)` finds a node. `onChange(fields)` asks for a change: until the answer the old values stay shown.
   * `onBlock()`, `onCopied()`.
   */
  constructor(part, { me, agents, presence, onChange, onBlock, onCopied }) {
    this.#part = part;
    this.#handlers = { onChange, onBlock, onCopied };
    this.assign = new Assign(part, { me, agents, presence, onChoose: (assigneeId) => onChange({ assigneeId }) });
    this.snooze = new Snooze(part("snooze-menu"), onChange);
    part("resolve").addEventListener("click", () => this.resolve());
    part("pending").addEventListener("click", () => onChange({ status: this.#shown.status === "PENDING" ? "OPEN" : "PENDING" }));
    part("block").addEventListener("click", () => onBlock());
    part("copy-link").addEventListener("click", () => this.#copyLink());
  }

  show(conversation, isOnline) {
    const part = this.#part;
    this.#shown = conversation;
    const { customerName, customerEmail, pageName, contactId, status } = conversation;
    setText(part("customer"), customerName);
    part("customer").title = customerName;
    setText(part("customer-email"), [customerEmail, pageName].filter(Boolean).join(" · "));
    drawAvatar(part("customer-avatar"), { id: contactId, name: customerName });
    part("customer-online").hidden = !isOnline;
    setText(part("resolve-text"), DONE.includes(status) ? "Reopen" : "Resolve");
    part("resolve").title = DONE.includes(status) ? "Reopen" : "Resolve";
    part("resolve").dataset.done = DONE.includes(status);
    setText(part("pending-text"), status === "PENDING" ? "Mark as open" : "Mark as pending");
    this.#showState(conversation);
    this.assign.show(conversation.assignee);
    this.snooze.show(status === "SNOOZED");
  }

  showBlocked(isBlocked) {
    setText(this.#part("block-text"), isBlocked ? "Unblock customer" : "Block customer");
  }

  /** Resolves the open conversation, or opens it again. Resolves true if that was done. */
  resolve() {
    return this.#handlers.onChange({ status: DONE.includes(this.#shown.status) ? "OPEN" : "RESOLVED" });
  }

  #showState({ status, snoozedUntil }) {
    const until = snoozedUntil ? ` until ${moments(snoozedUntil)}` : "";
    const text = status === "SNOOZED" ? `Snoozed${until}` : STATES[status];
    this.#part("status").hidden = !text;
    this.#part("status").dataset.status = status;
    setText(this.#part("status"), text ?? "");
  }

  async #copyLink() {
    const link = `${location.origin}/conversations/${this.#shown.id}`;
    const copied = await navigator.clipboard?.writeText(link).then(() => true, () => false); // prettier-ignore
    this.#handlers.onCopied(copied ? "The link is copied." : `The browser did not let it be copied: ${link}`, Boolean(copied));
  }
}
