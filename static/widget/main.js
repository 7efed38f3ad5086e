/** The widget behind the launcher. The loader imports this and calls start(). */

import { Api } from "./api.js";
import { Chat } from "./chat.js";
import { lookOf } from "./colour.js";
import { Panel } from "./panel.js";
import { Preview } from "./preview.js";
import { Store } from "./store.js";
import { styles } from "./styles.js";
import { Timeline } from "./timeline.js";

const PATIENCE = 400; // ms that opening waits for the channel's colours and texts
const PRIVATE_EVENTS = ["keydown", "keypress", "keyup", "focusin"];

/**
 * `shell`: what the loader made: {widgetKey, isPreview, home, root, frame, button, setState, setUnread, setLook}.
 * Returns {toggle, restore}: toggle opens or closes the panel, restore opens it as if it had never been closed.
 */
export function start(shell) {
  return new Widget(shell);
}

class Widget {
  #shell;
  #store;
  #tab; // what only this tab remembers
  #chat;
  #panel;
  #timeline;
  #begun;

  constructor(shell) {
    this.#shell = shell;
    const { widgetKey, isPreview } = shell;
    this.#store = new Store(widgetKey, isPreview ? null : "localStorage");
    this.#tab = new Store(widgetKey, isPreview ? null : "sessionStorage");
    this.#timeline = new Timeline({
      onChange: (entry) => this.#panel.drawMessage(entry),
      onRemove: (entry) => this.#panel.removeMessage(entry),
      onReset: () => this.#panel.clearThread(),
    });
    const parts = { store: this.#store, timeline: this.#timeline };
    this.#chat = this.#makeChat({ ...parts, onChange: () => this.#draw() });
    this.#panel = new Panel({ chat: this.#chat, ...parts, onClose: () => this.#close() });
    this.#panel.connectProfile();
    this.#mount();
    this.#begun = this.#chat.keepStarting();
  }

  async toggle() {
    if (this.#panel.isOpen) return this.#close();
    await this.#ready();
    this.#open();
  }

  async restore() {
    await this.#ready();
    if (!this.#panel.isOpen) this.#open(true);
  }

  #makeChat(parts) {
    const { home, widgetKey, isPreview } = this.#shell;
    return isPreview ? new Preview(parts) : new Chat({ api: new Api(home), home, widgetKey, ...parts });
  }

  #ready() {
    return Promise.race([this.#begun, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  }

  #open(quietly) {
    this.#shell.setState("open");
    this.#panel.open(quietly);
    this.#tab.write("open", true);
    this.#chat.setOpen(true);
    this.#draw();
  }

  /** The focus goes back to the launcher, which a phone hides while the panel is open. */
  #close() {
    this.#panel.close();
    this.#shell.setState("closed");
    this.#shell.button.focus();
    this.#tab.remove("open");
    this.#chat.setOpen(false);
  }

  #mount() {
    const { root, frame, button } = this.#shell;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, styles()];
    frame.insertBefore(this.#panel.node, button);
    root.addEventListener("keydown", (event) => this.#key(event));
    // What is typed here is no business of the page's shortcuts, nor of a dialog that wants the focus back.
    for (const name of PRIVATE_EVENTS) root.addEventListener(name, (event) => event.stopPropagation());
  }

  #key(event) {
    if (event.key === "Escape" && !event.isComposing && this.#panel.isOpen) this.#close();
  }

  #draw() {
    this.#panel.draw();
    this.#shell.setUnread(this.#timeline.unread);
    if (!this.#chat.config) return;
    const look = lookOf(this.#chat.config);
    this.#shell.setLook(look);
    if (this.#chat.conversation.facts) this.#store.write("look", look);
  }
}
