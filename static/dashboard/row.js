import { setText } from "../shared/dom.js";
import { marked } from "./highlight.js";
import { drawAvatar } from "./people.js";
import { full, short } from "./times.js";

const PLATFORMS = { WIDGET: ["globe", "Website"], FACEBOOK: ["message-circle", "Facebook"], INSTAGRAM: ["camera", "Instagram"] };
const STATES = { PENDING: ["clock", "Pending"], SNOOZED: ["alarm-clock", "Snoozed"], RESOLVED: ["circle-check", "Resolved"] };
const WHO = { AGENT: "Team", BOT: "Bot" };

/** One row of the list: the node that the server drew, or a copy of its template, and what it shows. */
export class Row {
  node;
  #parts;
  #shown = null;

  constructor(node) {
    this.node = node;
    this.#parts = Object.fromEntries([...node.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  }

  get link() {
    return this.node.firstElementChild;
  }

  /** `hit`: what a search found, {text}; `q`: what was searched for; `me`: the agent's own id; `typing`: {name} of a customer who types. */
  show(conversation, { isOpen, hit, q, me, index, count, isOnline, typing }) {
    this.node.ariaPosInSet = index + 1;
    this.node.ariaSetSize = count;
    const shown = this.#shown;
    if (shown?.conversation === conversation && shown.isOpen === isOpen && shown.hit === hit && shown.q === q && shown.isOnline === isOnline && shown.typing === typing) return;
    this.#shown = { conversation, isOpen, hit, q, isOnline, typing };
    this.#fill(conversation, isOpen);
    this.#write("name", conversation.customerName, q);
    this.#write("preview", hit ? hit.text : typing ? "typing…" : preview(conversation, me), hit ? q : "");
    this.#parts.preview.dataset.typing = Boolean(typing && !hit);
    this.#parts.online.hidden = !isOnline;
  }

  refreshTime() {
    setText(this.#parts.time, short(this.#parts.time.dateTime));
  }

  #fill(conversation, isOpen) {
    const { id, status, unreadCount, contactId, customerName, lastMessageAt, assignee, platform } = conversation;
    this.node.dataset.id = id;
    this.node.dataset.status = status;
    this.link.href = `/conversations/${id}`;
    this.link.dataset.unread = unreadCount > 0;
    if (isOpen) this.link.setAttribute("aria-current", "true");
    else this.link.removeAttribute("aria-current");
    drawAvatar(this.#parts.avatar, { id: contactId, name: customerName });
    this.#mark("channel", PLATFORMS[platform] ?? ["message-circle", platform]);
    this.#parts.channel.title = (PLATFORMS[platform] ?? ["", platform])[1];
    this.#parts.time.dateTime = lastMessageAt;
    this.#parts.time.title = full(lastMessageAt);
    this.refreshTime();
    this.#parts.state.hidden = !STATES[status];
    if (STATES[status]) this.#mark("state", STATES[status]);
    setText(this.#parts["status-name"], STATES[status]?.[1] ?? "");
    this.#parts["row-assignee"].hidden = !assignee;
    if (assignee) drawAvatar(this.#parts["row-assignee"], assignee);
    setText(this.#parts["assignee-name"], assignee ? `Assigned to ${assignee.name}` : "");
    this.#parts["row-assignee"].title = assignee?.name ?? "";
    this.#parts.unread.hidden = !unreadCount;
    setText(this.#parts.unread, unreadCount > 99 ? "99+" : String(unreadCount || ""));
    this.#parts.unread.setAttribute("aria-label", `${unreadCount} unread`);
  }

  #mark(name, [glyph]) {
    const use = this.#parts[name].querySelector("use");
    if (use.getAttribute("href") !== `#i-${glyph}`) use.setAttribute("href", `#i-${glyph}`);
  }

  #write(name, text, q) {
    if (q) this.#parts[name].replaceChildren(...marked(text, q));
    else setText(this.#parts[name], text);
  }
}

/** The preview with who wrote it: nothing before a customer's own words. */
function preview({ lastMessage: { role, text, createdAt }, lastAuthor }, me) {
  const words = text.replace(/\s+/g, " ").trim();
  if (!WHO[role]) return words;
  const author = lastAuthor?.createdAt === createdAt ? lastAuthor : null;
  const who = author?.id === me ? "You" : (author?.name.split(" ")[0] ?? WHO[role]);
  return `${who}: ${words}`;
}
