import { setText } from "../shared/dom.js";

const LONGEST = 4000; // code points
const TELL_FROM = 3800;
const DRAFTS = "deskbell:drafts:";

/** Where an agent writes: a reply or a private note, with a draft for each conversation that survives a reload. */
export class Composer {
  #root;
  #input;
  #conversationId = null;
  #onSend;

  /** `onSend(text, isPrivate)` */
  constructor(root, onSend) {
    this.#root = root;
    this.#input = this.#part("input");
    this.#onSend = onSend;
    root.addEventListener("submit", (event) => this.#submit(event));
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("input", () => this.#changed());
    this.#part("reply-switch").addEventListener("click", () => this.#setPrivate(false));
    this.#part("note-switch").addEventListener("click", () => this.#setPrivate(true));
  }

  open(conversation) {
    if (conversation.id !== this.#conversationId) {
      this.#conversationId = conversation.id;
      this.#input.value = draft(conversation.id);
      this.#setPrivate(false, false);
    }
    this.#showWhetherOpen(conversation.canReply);
    this.#changed();
  }

  focus() {
    this.#input.focus();
  }

  get #isPrivate() {
    return this.#root.dataset.private === "true";
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }

  #setPrivate(isPrivate, focus = true) {
    this.#root.dataset.private = isPrivate;
    this.#part("reply-switch").setAttribute("aria-pressed", !isPrivate);
    this.#part("note-switch").setAttribute("aria-pressed", isPrivate);
    this.#input.placeholder = isPrivate ? "Write a note that only the team sees…" : "Write a reply…";
    setText(this.#part("send"), isPrivate ? "Add note" : "Send");
    this.#changed();
    if (focus) this.focus();
  }

  #showWhetherOpen({ allowed, reason }) {
    this.#root.dataset.closed = !allowed;
    this.#part("closed").hidden = allowed;
    setText(this.#part("closed"), allowed ? "" : (reason ?? "This conversation cannot be answered."));
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#root.requestSubmit(this.#part("send"));
  }

  #changed() {
    const length = [...this.#input.value.trim()].length;
    const isClosed = this.#root.dataset.closed === "true" && !this.#isPrivate;
    setText(this.#part("count"), length >= TELL_FROM ? `${length} of ${LONGEST}` : "");
    this.#part("count").dataset.over = length > LONGEST;
    this.#part("send").disabled = length === 0 || length > LONGEST || isClosed;
    this.#input.style.blockSize = "auto";
    this.#input.style.blockSize = `${this.#input.scrollHeight + 2}px`;
    if (this.#conversationId) keepDraft(this.#conversationId, this.#input.value);
  }

  #submit(event) {
    event.preventDefault();
    if (this.#part("send").disabled) return;
    const text = this.#input.value.trim();
    this.#input.value = "";
    this.#changed();
    this.#onSend(text, this.#isPrivate);
  }
}

function draft(conversationId) {
  try {
    return localStorage.getItem(DRAFTS + conversationId) ?? "";
  } catch {
    return ""; // storage is denied
  }
}

function keepDraft(conversationId, text) {
  try {
    if (text) localStorage.setItem(DRAFTS + conversationId, text);
    else localStorage.removeItem(DRAFTS + conversationId);
  } catch {
    // storage is denied or full: the draft lives as long as the page
  }
}
