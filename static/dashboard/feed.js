import { el } from "../shared/dom.js";

const TYPING_PAUSE = 250; // ms
const NEAR_END = 600; // px

/** Which conversations the list shows: status tabs, whose, search; page after page on scrolling. */
export class Feed {
  isLoaded = false;
  #root;
  #list;
  #note;
  #api;
  #me;
  #conversations;
  #onChange;
  #filter = { status: "OPEN,PENDING", assignee: "", q: "" };
  #cursor = null;
  #state = "loading";
  #asked = 0; // questions so far: an answer to an older one is not taken
  #found = []; // ids that the search found, in its order

  constructor(root, { api, me, conversations, onChange }) {
    this.#root = root;
    this.#list = this.#part("conversation-list");
    this.#note = this.#part("list-note");
    this.#api = api;
    this.#me = me;
    this.#conversations = conversations;
    this.#onChange = onChange;
  }

  start() {
    for (const tab of this.#root.querySelectorAll(".tabs button")) {
      tab.addEventListener("click", () => this.#choose({ status: tab.dataset.status }));
    }
    const assignee = this.#part("assignee-filter");
    assignee.addEventListener("change", () => this.#choose({ assignee: assignee.value }));
    let typing;
    this.#part("search").addEventListener("input", (event) => {
      clearTimeout(typing);
      typing = setTimeout(() => this.#choose({ q: event.target.value.trim() }), TYPING_PAUSE);
    });
    this.#list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.load();
  }

  /** The conversations to show, in their order; the open one stays although it left the filter. */
  rows(openId) {
    if (this.#filter.q) return this.#found.map((id) => this.#conversations.get(id)).filter(Boolean);
    const oldest = this.#cursor && this.#oldest;
    return this.#conversations.sorted((one) => {
      if (oldest && one.lastMessageAt < oldest) return false; // its page comes later
      return this.#passes(one) || (one.id === openId && this.#wasListed(one.id));
    });
  }

  showNote(count) {
    const isEmpty = count === 0;
    if (this.#state === "failed") this.#say("The list could not be loaded.", "Retry");
    else if (this.#state === "loading") this.#say(isEmpty ? "Loading…" : "");
    else this.#say(isEmpty ? this.#whyEmpty() : "");
  }

  async load(more = false) {
    const question = ++this.#asked;
    this.#state = "loading";
    this.#onChange();
    try {
      const answer = await this.#api.get("/api/conversations", { ...this.#filter, cursor: more ? this.#cursor : "" });
      if (question === this.#asked) this.#take(answer, more);
    } catch {
      if (question === this.#asked) this.#state = "failed";
    }
    this.#onChange();
  }

  #oldest = null; // the last activity of the last loaded page

  #take({ conversations, nextCursor, rev }, more) {
    conversations.forEach((conversation) => this.#conversations.upsert(conversation));
    const ids = conversations.map(({ id }) => id);
    this.#found = more ? [...this.#found, ...ids] : ids;
    this.#cursor = nextCursor;
    this.#oldest = conversations.at(-1)?.lastMessageAt ?? null;
    this.#state = "loaded";
    if (!this.isLoaded) this.#conversations.rev = rev;
    this.isLoaded = true;
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }

  #choose(filter) {
    Object.assign(this.#filter, filter);
    for (const tab of this.#root.querySelectorAll(".tabs button")) {
      tab.setAttribute("aria-pressed", tab.dataset.status === this.#filter.status);
    }
    this.#cursor = null;
    this.#found = [];
    this.#list.scrollTop = 0;
    this.load();
  }

  #passes({ status, assignee }) {
    const { status: wanted, assignee: whose } = this.#filter;
    if (wanted && !wanted.split(",").includes(status)) return false;
    if (whose === "none") return assignee === null;
    return whose === "me" ? assignee?.id === this.#me.id : true;
  }

  #wasListed(id) {
    return this.#list.querySelector(`[data-id="${CSS.escape(id)}"]`) !== null;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (isNear && this.#cursor && this.#state === "loaded") this.load(true);
  }

  #whyEmpty() {
    if (this.#filter.q) return "Nothing found.";
    if (this.#filter.assignee || this.#filter.status !== "OPEN,PENDING") return "No conversations here.";
    return "No open conversations. New ones appear here by themselves.";
  }

  #say(text, action) {
    if (this.#note.dataset.text === text) return;
    this.#note.dataset.text = text;
    this.#note.replaceChildren(...(text ? [el("p", {}, text)] : []));
    if (action) this.#note.append(el("button", { type: "button", onclick: () => this.load() }, action));
  }
}
