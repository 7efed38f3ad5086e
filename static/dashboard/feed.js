import { el } from "../shared/dom.js";
import { Sorted } from "./sorted.js";

const TYPING_PAUSE = 250; // ms
const NEAR_END = 1200; // px
const PAGE = 50;
const VIEWS = { mine: "me", unassigned: "none", all: "" };
const STATUSES = { open: "OPEN,PENDING", snoozed: "SNOOZED", resolved: "RESOLVED", all: "" };
const YEAR = 365 * 24 * 3600; // seconds

/** Which conversations the list shows: whose, in which status, what a search finds; page after page on scrolling. */
export class Feed {
  #root;
  #scroller;
  #api;
  #me;
  #conversations;
  #onChange;
  #onChoose;
  #view;
  #status;
  #q = "";
  #sorted = new Sorted(); // those that pass the view and the status
  #openId = null; // stays listed although it left the view
  #cursor;
  #oldest = null; // the last activity of the last loaded page
  #state = "loaded";
  #asked = 0; // questions so far: an answer to an older one is not taken
  #found = []; // what the search found, in its order
  #hits = {};

  /** `first`: what the page was served with, as of blueprints/dashboard/first_paint.py; `onChoose()`: another view or status. */
  constructor(root, { api, me, first, conversations, onChange, onChoose }) {
    this.#root = root;
    this.#scroller = this.#part("list-scroller");
    this.#api = api;
    this.#me = me;
    this.#conversations = conversations;
    this.#onChange = onChange;
    this.#onChoose = onChoose;
    this.#view = first.view;
    this.#status = first.status;
    this.#cursor = first.nextCursor;
  }

  start(first) {
    conversationsInto(this.#conversations, first);
    this.#conversations.rev = first.rev;
    this.#note(first);
    this.#listen();
  }

  /** The statuses that are looked at, for the counts. */
  get statuses() {
    return STATUSES[this.#status] || Object.values(STATUSES).filter(Boolean).join(",");
  }

  /** What the list shows: {rows, count, indexOf(id), hits, q}. */
  get items() {
    if (this.#q) return this.#foundItems();
    const { rows } = this.#sorted;
    const count = this.#cursor && this.#oldest ? this.#sorted.countSince(this.#oldest) : rows.length; // later pages come later
    const indexOf = (id) => {
      const at = this.#conversations.get(id) ? this.#sorted.indexOf(this.#conversations.get(id)) : -1;
      return at < count ? at : -1;
    };
    return { rows, count, indexOf };
  }

  /** A conversation is new or has changed. */
  changed(conversation, before) {
    const wasHere = before !== undefined && this.#sorted.indexOf(before) >= 0;
    if (wasHere) this.#sorted.remove(before);
    if (this.#passes(conversation) || (wasHere && conversation.id === this.#openId)) this.#sorted.add(conversation);
  }

  /** Which conversation is open: one that was and has left the view goes. */
  setOpen(id) {
    const before = this.#conversations.get(this.#openId);
    this.#openId = id;
    if (before && before.id !== id && !this.#passes(before)) this.#sorted.remove(before);
  }

  showNote(count) {
    const isEmpty = count === 0;
    this.#part("list-skeleton").hidden = !(isEmpty && this.#state === "loading");
    if (this.#state === "failed") this.#say("The list could not be loaded.", "Retry");
    else if (this.#state === "loading") this.#say("");
    else this.#say(isEmpty ? this.#whyEmpty() : "");
  }

  focusSearch() {
    this.#part("search").focus();
    this.#part("search").select();
  }

  async load(more = false) {
    const question = ++this.#asked;
    const query = { status: STATUSES[this.#status], assignee: VIEWS[this.#view], q: this.#q, limit: PAGE };
    this.#state = "loading";
    this.#onChange();
    try {
      const answer = await this.#api.get("/api/conversations", { ...query, cursor: more ? this.#cursor : "" });
      if (question === this.#asked) this.#take(answer, more);
    } catch {
      if (question === this.#asked) this.#state = "failed";
    }
    this.#onChange();
  }

  #take(answer, more) {
    conversationsInto(this.#conversations, answer);
    this.#found = more ? [...this.#found, ...answer.conversations.map(({ id }) => id)] : answer.conversations.map(({ id }) => id);
    this.#hits = more ? { ...this.#hits, ...answer.hits } : (answer.hits ?? {});
    this.#note(answer);
    if (!more) this.#refill();
    this.#state = "loaded";
    queueMicrotask(() => this.#scrolled()); // a tall window may want more at once
  }

  #note({ conversations, nextCursor }) {
    this.#cursor = nextCursor;
    this.#oldest = conversations.at(-1)?.lastMessageAt ?? null;
  }

  #foundItems() {
    const rows = this.#found.map((id) => this.#conversations.get(id));
    return { rows, count: rows.length, indexOf: (id) => this.#found.indexOf(id), hits: this.#hits, q: this.#q };
  }

  #refill() {
    this.#sorted.fill(this.#conversations.all.filter((one) => this.#passes(one)));
  }

  #passes({ status, assignee }) {
    const wanted = STATUSES[this.#status];
    if (wanted && !wanted.split(",").includes(status)) return false;
    if (this.#view === "unassigned") return assignee === null;
    return this.#view === "mine" ? assignee?.id === this.#me.id : true;
  }

  // What is chosen

  #listen() {
    for (const button of this.#root.querySelectorAll("[data-view]")) {
      button.addEventListener("click", () => this.#choose({ view: button.dataset.view }));
    }
    for (const button of this.#root.querySelectorAll(".tabs [data-status]")) {
      button.addEventListener("click", () => this.#choose({ status: button.dataset.status }));
    }
    const search = this.#part("search");
    let typing;
    search.addEventListener("input", () => {
      this.#part("search-clear").hidden = search.value === "";
      clearTimeout(typing);
      typing = setTimeout(() => this.#choose({ q: search.value.trim() }), TYPING_PAUSE);
    });
    search.addEventListener("keydown", (event) => event.key === "Escape" && this.clearSearch() && event.stopPropagation());
    this.#part("search-clear").addEventListener("click", () => {
      this.clearSearch();
      search.focus();
    });
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  /** False if there was nothing to clear. */
  clearSearch() {
    const search = this.#part("search");
    if (search.value === "") return false;
    search.value = "";
    this.#part("search-clear").hidden = true;
    this.#choose({ q: "" });
    return true;
  }

  #choose({ view = this.#view, status = this.#status, q = this.#q }) {
    const isOther = view !== this.#view || status !== this.#status;
    [this.#view, this.#status, this.#q] = [view, status, q];
    press(this.#root.querySelectorAll("[data-view]"), (button) => button.dataset.view === view);
    press(this.#root.querySelectorAll(".tabs [data-status]"), (button) => button.dataset.status === status);
    if (isOther) document.cookie = `deskbell_list=${view}.${status};path=/;max-age=${YEAR};samesite=lax`;
    this.#cursor = null;
    this.#oldest = null;
    this.#found = [];
    this.#hits = {};
    this.#sorted.fill([]);
    this.#scroller.scrollTop = 0;
    this.#onChoose();
    this.load();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (isNear && this.#cursor && this.#state === "loaded") this.load(true);
  }

  // What is said where there is nothing

  #whyEmpty() {
    if (this.#q) return "Nothing found.";
    if (this.#view === "mine") return "Nothing is assigned to you here.";
    if (this.#view === "unassigned") return "Everything here is assigned.";
    return this.#status === "open" ? "No open conversations. New ones appear here by themselves." : "No conversations here.";
  }

  #say(text, action) {
    const note = this.#part("list-note");
    if (note.dataset.text === text) return;
    note.dataset.text = text;
    note.replaceChildren(...(text ? [el("p", {}, text)] : []));
    if (action) note.append(el("button", { type: "button", onclick: () => this.load(this.#cursor !== null) }, action));
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }
}

function conversationsInto(store, { conversations }) {
  for (const conversation of conversations) store.upsert(conversation);
}

function press(buttons, isPressed) {
  for (const button of buttons) button.setAttribute("aria-pressed", isPressed(button));
}
