import { Composer } from "./composer.js";
import { DropZone } from "./drop.js";
import { el } from "../shared/dom.js";
import { Header } from "./header.js";
import { Modal } from "./modal.js";
import { Profile } from "./profile.js";
import { Status } from "./status.js";
import { Thread } from "./thread.js";
import { Welcome } from "./welcome.js";

const CLOSED = "This conversation was closed. Write to reopen it.";
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const LEAVING = [{}, { opacity: 0, transform: "translateY(8px) scale(.985)" }];

/** The open widget: header, thread, composer. Draws what the chat knows; what the visitor does goes to the chat. */
export class Panel {
  node;
  isOpen = false;
  #chat;
  #header;
  #thread;
  #profile;
  #composer;
  #modal;
  #status = new Status();
  #welcome = new Welcome();
  #refusal = el("p", { class: "refusal", dir: "auto", role: "alert", "data-part": "refusal", hidden: true });

  constructor({ chat, store, timeline, onClose }) {
    this.#chat = chat;
    this.#header = new Header(onClose);
    this.#profile = new Profile(store);
    this.#profile.node.addEventListener("done", () => this.#composer.focus());
    this.#composer = new Composer(store, {
      upload: (file, options) => chat.upload(file, options),
      onSend: (text, uploads) => this.#send(text, uploads),
      onType: (text) => chat.typed(text),
      onRest: () => chat.stopTyping(),
    });
    this.#thread = new Thread(timeline, this.#intro(), {
      onRetry: (entry) => this.#retry(entry),
      onDiscard: (entry) => chat.discard(entry),
      onExpired: () => chat.conversation.refresh(),
      older: () => chat.conversation.older(),
      onSeen: () => this.#look(),
    });
    this.node = this.#frame();
    this.#modal = new Modal(this.node);
  }

  /** The profile's values, and what becomes of them, concern the chat's requests. */
  connectProfile() {
    this.#chat.about = () => this.#profile.news;
    this.#chat.onSent = () => this.#profile.settle();
    this.#chat.onRefused = (problem) => this.#profile.refuse(problem.errors);
  }

  /** `quietly`: as if it had been open all along, without motion and without taking the focus. */
  open(quietly = false) {
    this.isOpen = true;
    this.node.getAnimations().forEach((motion) => motion.cancel());
    this.node.toggleAttribute("data-still", quietly);
    this.node.hidden = false;
    this.node.inert = false;
    this.#modal.set(true);
    this.#thread.toBottom();
    if (!quietly) return this.#composer.focus();
    this.#composer.fit();
    if (this.#modal.covers) this.node.focus(); // nothing behind it can be reached
  }

  close() {
    this.isOpen = false;
    this.node.inert = true;
    this.#modal.set(false);
    if (CALM.matches) this.node.hidden = true;
    else this.#leave();
  }

  drawMessage(entry) {
    this.#thread.draw(entry);
  }

  removeMessage(entry) {
    this.#thread.remove(entry);
  }

  clearThread() {
    this.#thread.reset();
  }

  draw() {
    const { config, contact, connected, refusal, typists } = this.#chat;
    const conversation = this.#chat.conversation.facts;
    this.#status.set(connected || refusal !== null);
    if (refusal) this.#refuse(refusal);
    if (!config) return;
    this.node.toggleAttribute("data-ready", true);
    this.#header.draw(config, conversation?.assignee);
    this.#welcome.draw(config);
    this.#composer.setPlaceholder(config.texts.placeholder);
    this.#composer.setWatched(config.sneakPeek === true);
    this.#profile.offer(config, contact, conversation);
    this.#thread.setTexts(config.name, conversation?.status === "RESOLVED" ? CLOSED : "");
    this.#thread.setTypists(typists.names);
    this.#look();
  }

  #intro() {
    return el("div", { class: "intro" }, this.#welcome.node, this.#profile.node, this.#refusal);
  }

  #frame() {
    const panel = el("section", { class: "panel", role: "dialog", tabindex: "-1", "data-part": "panel", hidden: true });
    panel.setAttribute("aria-labelledby", "deskbell-title");
    const middle = el("div", { class: "middle" }, this.#thread.node, this.#status.node);
    const drop = new DropZone(panel, (files) => this.#composer.add(files));
    panel.append(this.#header.node, middle, this.#composer.node, drop.node);
    return panel;
  }

  #leave() {
    const motion = this.node.animate(LEAVING, { duration: 140, easing: "ease-in" });
    motion.onfinish = () => (this.node.hidden = !this.isOpen);
  }

  #send(text, uploads) {
    if (!this.#profile.accept()) return false;
    this.#chat.send(text, uploads);
    return true;
  }

  #retry(entry) {
    if (this.#profile.accept()) this.#chat.retry(entry);
  }

  #refuse(refusal) {
    this.#refusal.textContent = `The chat is not available here. ${refusal}`;
    this.#refusal.hidden = false;
    this.#composer.disable();
  }

  /** The newest message counts as read when it is really before somebody's eyes. */
  #look() {
    const isSeen = this.isOpen && document.visibilityState === "visible" && this.#thread.atBottom;
    if (isSeen) this.#chat.conversation.markRead();
  }
}
