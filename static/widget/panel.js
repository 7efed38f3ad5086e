import { Composer } from "./composer.js";
import { el, setText } from "../shared/dom.js";
import { Header } from "./header.js";
import { Profile } from "./profile.js";
import { Status } from "./status.js";
import { Thread } from "./thread.js";

const PHONE = matchMedia("(max-width: 480px)");
const FOCUSABLE = "button:not(:disabled), textarea:not(:disabled), input:not(:disabled), a[href], [tabindex='0']";
const CLOSED = "This conversation was closed. Write to reopen it.";

/** The open widget: header, thread, composer. Draws what the chat knows; what the visitor does goes to the chat. */
export class Panel {
  node;
  isOpen = false;
  #chat;
  #header;
  #thread;
  #profile;
  #composer;
  #status = new Status();
  #greeting = el("p", { class: "greeting", dir: "auto", "data-part": "greeting" });
  #away = el("p", { class: "away", dir: "auto", "data-part": "away", hidden: true });
  #refusal = el("p", { class: "refusal", dir: "auto", role: "alert", "data-part": "refusal", hidden: true });

  constructor({ chat, store, timeline, onClose }) {
    this.#chat = chat;
    this.#header = new Header(onClose);
    this.#profile = new Profile(store);
    this.#profile.node.addEventListener("done", () => this.#composer.focus());
    this.#composer = new Composer(store, (text) => this.#send(text));
    this.#thread = new Thread(timeline, this.#intro(), {
      onRetry: (entry) => this.#retry(entry),
      older: () => chat.conversation.older(),
      onSeen: () => this.#look(),
    });
    this.node = this.#frame();
    this.#watchKeyboard();
  }

  /** The profile's values, and what becomes of them, concern the chat's requests. */
  connectProfile() {
    this.#chat.about = () => this.#profile.news;
    this.#chat.onSent = () => this.#profile.settle();
    this.#chat.onRefused = (problem) => this.#profile.refuse(problem.errors);
  }

  open() {
    this.isOpen = true;
    this.node.hidden = false;
    this.node.setAttribute("aria-modal", String(PHONE.matches));
    this.#thread.toBottom();
    this.#composer.focus();
  }

  close() {
    this.isOpen = false;
    this.node.hidden = true;
  }

  drawMessage(entry) {
    this.#thread.draw(entry);
  }

  clearThread() {
    this.#thread.reset();
  }

  draw() {
    const { config, contact, connected, refusal } = this.#chat;
    const conversation = this.#chat.conversation.facts;
    this.#status.set(connected || refusal !== null);
    if (refusal) this.#refuse(refusal);
    if (!config) return;
    this.node.toggleAttribute("data-ready", true);
    this.#header.draw(config, conversation?.assignee);
    setText(this.#greeting, config.texts.greeting);
    setText(this.#away, config.texts.offline);
    this.#away.hidden = config.online || config.texts.offline === "";
    this.#composer.setPlaceholder(config.texts.placeholder);
    this.#profile.offer(config, contact, conversation);
    this.#thread.setTexts(config.name, conversation?.status === "RESOLVED" ? CLOSED : "");
    this.#look();
  }

  #intro() {
    return el("div", { class: "intro" }, this.#greeting, this.#away, this.#profile.node, this.#refusal);
  }

  #frame() {
    const panel = el("section", { class: "panel", role: "dialog", "data-part": "panel", hidden: true });
    panel.setAttribute("aria-labelledby", "deskbell-title");
    const middle = el("div", { class: "middle" }, this.#thread.node, this.#status.node);
    panel.append(this.#header.node, middle, this.#composer.node);
    panel.addEventListener("keydown", (event) => this.#keepFocus(event));
    return panel;
  }

  #send(text) {
    if (!this.#profile.accept()) return false;
    this.#chat.send(text);
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

  /** On a phone the panel covers the page: Tab stays inside. */
  #keepFocus(event) {
    if (event.key !== "Tab" || !PHONE.matches) return;
    const inside = [...this.node.querySelectorAll(FOCUSABLE)].filter((node) => node.checkVisibility());
    const [from, to] = event.shiftKey ? [inside[0], inside.at(-1)] : [inside.at(-1), inside[0]];
    if (this.node.getRootNode().activeElement !== from) return;
    event.preventDefault();
    to.focus();
  }

  /** A phone's keyboard lies over the page: the panel takes the part that is left. */
  #watchKeyboard() {
    const seen = window.visualViewport;
    if (!seen) return;
    const fit = () => {
      const isCovered = PHONE.matches && this.isOpen && seen.scale === 1;
      this.node.style.height = isCovered ? `${seen.height}px` : "";
      this.node.style.top = isCovered ? `${seen.offsetTop}px` : "";
    };
    seen.addEventListener("resize", fit);
    seen.addEventListener("scroll", fit);
  }
}
