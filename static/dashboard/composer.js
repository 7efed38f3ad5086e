import { setText } from "../shared/dom.js";
import { gist } from "./bubble.js";
import { Chips } from "./chips.js";
import { Drafts } from "./drafts.js";
import { EmojiCompletion, EmojiPanel } from "./emoji.js";
import { FilePicker } from "./picker.js";
import { Uploads } from "./uploads.js";
import { ReplyWindow } from "./window.js";

const LONGEST = 4000; // code points
const TELL_FROM = 3800;
const OVER = "The time to answer is over: the platform allows no answer until the customer writes again.";

/** Where an agent writes: a reply or a private note, each with a draft for each conversation. */
export class Composer {
  #root;
  #input;
  #api;
  #handlers;
  #drafts;
  #chips;
  #completion;
  #window;
  #conversation = null;
  #replyTo = null;
  #uploads = new Map(); // "conversation:kind" → the files of that draft, as long as the page lives

  /** `handlers`: {onSend({text, private, replyTo, uploads}), onProblem(text), onTyping(isTyping)}: of replies only. `dropZone`: where files may be dropped. */
  constructor(root, dropZone, { api, me, onSend, onProblem, onTyping }) {
    this.#root = root;
    this.#input = this.#part("input");
    this.#api = api;
    this.#handlers = { onSend, onProblem, onTyping };
    this.#drafts = new Drafts(me.id);
    this.#chips = new Chips(this.#part("chips"), (upload) => this.#files.remove(upload));
    this.#completion = new EmojiCompletion(this.#input);
    this.#window = new ReplyWindow(this.#part("window"), () => this.#showWhetherOpen({ allowed: false, reason: OVER }));
    this.emoji = new EmojiPanel(this.#part("emoji-button"), (character) => this.#insert(character));
    this.picker = new FilePicker(root, dropZone, (files) => this.#attach(files));
    this.#listen();
  }

  /** The conversation to write in, or what changed about it. */
  open(conversation) {
    const isOther = conversation.id !== this.#conversation?.id;
    this.#conversation = conversation;
    this.#showWhetherOpen(conversation.canReply);
    if (!isOther) return this.#changed();
    const onlyNote = !this.#drafts.get(conversation.id, "reply").text && this.#drafts.get(conversation.id, "note").text;
    this.#setKind(onlyNote ? "note" : "reply");
  }

  focus() {
    this.#input.focus();
  }

  /** Writes a reply, or a note. */
  begin(kind) {
    this.#setKind(kind);
    this.focus();
  }

  /** Quotes a message: {id, text, role, name}. */
  quote(replyTo) {
    this.#replyTo = replyTo;
    this.#showQuote();
    this.#changed();
    this.focus();
  }

  get #kind() {
    return this.#root.dataset.private === "true" ? "note" : "reply";
  }

  get #files() {
    const key = `${this.#conversation.id}:${this.#kind}`;
    if (!this.#uploads.has(key)) this.#uploads.set(key, this.#makeUploads());
    return this.#uploads.get(key);
  }

  #makeUploads() {
    return new Uploads(this.#api, { onChange: () => this.#changed(), onProblem: this.#handlers.onProblem });
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }

  #listen() {
    this.#root.addEventListener("submit", (event) => this.#submit(event));
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("blur", () => this.#handlers.onTyping(false));
    this.#part("reply-switch").addEventListener("click", () => this.begin("reply"));
    this.#part("note-switch").addEventListener("click", () => this.begin("note"));
    this.#part("quoting-close").addEventListener("click", () => this.quote(null));
    this.#part("writing").addEventListener("click", ({ target }) => target === this.#part("writing") && this.focus());
    new ResizeObserver(() => this.#grow()).observe(this.#root);
  }

  #setKind(kind) {
    this.#handlers.onTyping(false);
    const isPrivate = kind === "note";
    const draft = this.#drafts.get(this.#conversation.id, kind);
    this.#root.dataset.private = isPrivate;
    this.#part("reply-switch").setAttribute("aria-pressed", !isPrivate);
    this.#part("note-switch").setAttribute("aria-pressed", isPrivate);
    this.#input.placeholder = isPrivate ? "Write a note that only the team sees…" : "Write a reply…";
    setText(this.#part("send-text"), isPrivate ? "Add note" : "Send");
    this.#part("send").setAttribute("aria-label", isPrivate ? "Add note" : "Send");
    this.#part("send").title = isPrivate ? "Add note" : "Send";
    this.#input.value = draft.text;
    this.#replyTo = draft.replyTo;
    this.#showQuote();
    this.#changed();
  }

  #showWhetherOpen({ allowed, reason, until = null }) {
    this.#root.dataset.closed = !allowed;
    this.#part("closed").hidden = allowed;
    setText(this.#part("closed"), allowed ? "" : (reason ?? "This conversation cannot be answered."));
    this.#window.show({ allowed, until });
    if (!allowed) this.#changed();
  }

  #showQuote() {
    this.#part("quoting").hidden = !this.#replyTo;
    if (!this.#replyTo) return;
    setText(this.#part("quoting-who"), this.#replyTo.name);
    setText(this.#part("quoting-text"), gist(this.#replyTo));
  }

  #typed() {
    this.#changed();
    this.#completion.update();
    this.#handlers.onTyping(this.#kind === "reply" && this.#input.value.trim() !== "");
  }

  #key(event) {
    if (event.isComposing || this.#completion.key(event)) return;
    if (event.key === "Escape" && this.#replyTo) {
      event.preventDefault();
      return this.quote(null);
    }
    if (event.key !== "Enter" || event.shiftKey || isTouch()) return;
    event.preventDefault();
    this.#root.requestSubmit(this.#part("send"));
  }

  #attach(files) {
    this.#files.add(files);
    this.focus();
  }

  #insert(text) {
    const { selectionStart, selectionEnd } = this.#input;
    this.focus();
    this.#input.setRangeText(text, selectionStart, selectionEnd, "end");
    this.#changed();
  }

  #changed() {
    const { all, hasFailed } = this.#files;
    const length = [...this.#input.value.trim()].length;
    const isClosed = this.#root.dataset.closed === "true" && this.#kind === "reply";
    this.#chips.show(all);
    this.#tellLength(length);
    this.#part("send").disabled = (length === 0 && all.length === 0) || length > LONGEST || isClosed || hasFailed;
    setText(this.#part("hint"), hasFailed ? "A file was not uploaded: try it again or remove it." : "");
    this.#grow();
    this.#drafts.set(this.#conversation.id, this.#kind, { text: this.#input.value, replyTo: this.#replyTo });
    this.#showDrafts();
  }

  #tellLength(length) {
    setText(this.#part("count"), length >= TELL_FROM ? `${length} of ${LONGEST}` : "");
    this.#part("count").dataset.over = length > LONGEST;
  }

  /** A dot at the kind that has a draft and is not shown. */
  #showDrafts() {
    for (const kind of ["reply", "note"]) {
      const waits = kind !== this.#kind && this.#drafts.get(this.#conversation.id, kind).text !== "";
      this.#part(`${kind}-switch`).dataset.draft = waits;
      this.#part(`${kind}-switch`).title = waits ? "There is a draft" : "";
    }
  }

  #grow() {
    this.#input.style.blockSize = "auto";
    this.#input.style.blockSize = `${this.#input.scrollHeight + 2}px`;
  }

  #submit(event) {
    event.preventDefault();
    if (this.#part("send").disabled) return;
    this.#handlers.onTyping(false);
    const draft = { text: this.#input.value.trim(), private: this.#kind === "note", replyTo: this.#replyTo };
    this.#input.value = "";
    this.#replyTo = null;
    this.#showQuote();
    const uploads = this.#files.take();
    this.#handlers.onSend({ ...draft, uploads });
    this.focus();
  }
}

function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}
