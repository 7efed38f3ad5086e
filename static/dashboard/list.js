import { el, setText } from "../shared/dom.js";
import { drawAvatar } from "./people.js";
import { short } from "./times.js";

const PLATFORMS = { WIDGET: "Website", FACEBOOK: "Facebook", INSTAGRAM: "Instagram" };
const STATUSES = { PENDING: "Pending", SNOOZED: "Snoozed", RESOLVED: "Resolved" };
const WHO = { AGENT: "Team: ", BOT: "Bot: " };

/** The list of conversations: rows that are kept, filled and moved, never drawn anew. */
export class List {
  #root;
  #rows = new Map();
  #onOpen;

  constructor(root, onOpen) {
    this.#root = root;
    this.#onOpen = onOpen;
    root.addEventListener("click", (event) => this.#click(event));
    setInterval(() => this.#refreshTimes(), 20_000);
  }

  get size() {
    return this.#rows.size;
  }

  /** Shows these, in this order. */
  show(conversations, openId) {
    const wanted = new Set(conversations.map(({ id }) => id));
    for (const [id, row] of this.#rows) if (!wanted.has(id)) this.#remove(id, row);
    let place = this.#root.firstElementChild;
    for (const conversation of conversations) {
      const row = this.#rows.get(conversation.id) ?? this.#make(conversation.id);
      fill(row, conversation, conversation.id === openId);
      if (row === place) place = place.nextElementSibling;
      else this.#root.insertBefore(row, place);
    }
  }

  focus(id) {
    this.#rows.get(id)?.querySelector("a").focus();
  }

  #make(id) {
    const part = (name) => el("span", { class: name, "data-part": name });
    const link = el(
      "a",
      { class: "item", href: `/conversations/${id}` },
      el("span", { class: "avatar", "aria-hidden": "true" }),
      el("span", { class: "name", "data-part": "name", dir: "auto" }),
      el("time", { class: "time", "data-part": "time" }),
      el("span", { class: "preview", "data-part": "preview", dir: "auto" }),
      part("unread"),
      el("span", { class: "meta" }, part("platform"), part("assignee-name"), part("status-name")),
    );
    const row = el("li", { "data-part": "conversation", "data-id": id }, link);
    this.#rows.set(id, row);
    return row;
  }

  #remove(id, row) {
    this.#rows.delete(id);
    row.remove();
  }

  #click(event) {
    const row = event.target.closest("[data-part=conversation]");
    if (!row || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    this.#onOpen(row.dataset.id);
  }

  #refreshTimes() {
    for (const row of this.#rows.values()) {
      const time = row.querySelector("time");
      setText(time, short(time.dateTime));
    }
  }
}

function fill(row, conversation, isOpen) {
  const link = row.firstElementChild;
  const part = (name) => row.querySelector(`[data-part="${name}"]`);
  row.dataset.status = conversation.status;
  link.dataset.unread = conversation.unreadCount > 0;
  link.toggleAttribute("aria-current", isOpen);
  if (isOpen) link.setAttribute("aria-current", "true");
  drawAvatar(row.querySelector(".avatar"), { id: conversation.contactId, name: conversation.customerName });
  setText(part("name"), conversation.customerName);
  setText(part("preview"), preview(conversation.lastMessage));
  part("time").dateTime = conversation.lastMessageAt;
  setText(part("time"), short(conversation.lastMessageAt));
  show(part("unread"), conversation.unreadCount > 99 ? "99+" : conversation.unreadCount || "");
  part("unread").setAttribute("aria-label", `${conversation.unreadCount} unread`);
  show(part("platform"), PLATFORMS[conversation.platform] ?? conversation.platform);
  show(part("assignee-name"), conversation.assignee?.name ?? "");
  show(part("status-name"), STATUSES[conversation.status] ?? "");
}

function show(node, text) {
  setText(node, String(text));
  node.hidden = text === "";
}

/** The preview with who wrote it: nothing before a customer's own words. */
function preview({ role, text }) {
  return `${WHO[role] ?? ""}${text.replace(/\s+/g, " ")}`;
}
