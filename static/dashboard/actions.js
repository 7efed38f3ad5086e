import { el } from "../shared/dom.js";
import { icon } from "./icon.js";

/** The buttons beside the message that is pointed at or has the focus: one set of them for the whole thread. */
export class MessageActions {
  #node;
  #message = null;
  #buttons;

  /** `handlers`: {onCopy(message), onReply(message), onRemove(message), mayRemove(message)}. */
  constructor(handlers) {
    this.handlers = handlers;
    this.#buttons = {
      copy: this.#button("copy", "Copy the text", handlers.onCopy),
      reply: this.#button("reply", "Reply to this message", handlers.onReply),
      remove: this.#button("trash-2", "Remove this message", handlers.onRemove),
    };
    this.#node = el("div", { class: "message-actions", "data-part": "message-actions", role: "group", "aria-label": "Message" }, ...Object.values(this.#buttons));
  }

  /** Stands at this message's node. */
  attach(node, message) {
    if (this.#message === message && this.#node.parentElement?.parentElement === node) return;
    if (this.#node.contains(document.activeElement) && !node.contains(this.#node)) return; // somebody is using it
    this.#message = message;
    const isPlain = message.seq !== null && message.role !== "SYSTEM" && !message.meta?.removed;
    this.#buttons.copy.hidden = !message.text;
    this.#buttons.reply.hidden = !isPlain;
    this.#buttons.remove.hidden = !isPlain || !this.handlers.mayRemove(message);
    const body = node.querySelector(".body");
    if (this.#node.parentElement !== body) body.append(this.#node);
  }

  detach() {
    this.#message = null;
    this.#node.remove();
  }

  #button(glyph, label, act) {
    return el("button", { type: "button", class: "plain icon-only", "aria-label": label, title: label, onclick: () => act(this.#message) }, icon(glyph));
  }
}
