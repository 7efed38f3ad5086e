import { el, setText } from "../shared/dom.js";
import { confirmed } from "./dialogs.js";
import { keep, kept } from "./kept.js";
import { drawAvatar } from "./people.js";
import { clockIn, dateOf, moments, short } from "./times.js";

const SHOWN = "deskbell:contact"; // whether the panel stands beside the thread
const WIDE = matchMedia("(min-width: 1200px)");
const FIELDS = ["name", "email", "phone"];
const STATUSES = { OPEN: "Open", PENDING: "Pending", SNOOZED: "Snoozed", RESOLVED: "Resolved" };

/** Beside the thread: who the customer is, what the browser told of the visit, and the other conversations. */
export class ContactPanel {
  #part;
  #api;
  #handlers;
  #conversation = null;
  #contact = null;
  #presence = null;
  #asked = 0; // questions so far: an answer to an older one is not taken
  #isShown = kept(SHOWN, true) && WIDE.matches;

  /** `part(name)` finds a node. `handlers`: {onChange(contact), onOpen(conversationId), onProblem(text)}. */
  constructor(part, { api, onChange, onOpen, onProblem }) {
    this.#part = part;
    this.#api = api;
    this.#handlers = { onChange, onOpen, onProblem };
    part("contact-toggle").addEventListener("click", () => this.toggle());
    part("contact-close").addEventListener("click", () => this.toggle());
    part("contact-block").addEventListener("click", () => this.block());
    part("contact").addEventListener("keydown", (event) => this.#key(event));
    part("earlier").addEventListener("click", (event) => this.#open(event));
    WIDE.addEventListener("change", () => this.#show(WIDE.matches && kept(SHOWN, true)));
    for (const name of FIELDS) this.#listen(this.#field(name));
    setInterval(() => this.#contact && this.#showClock(), 30_000);
  }

  /** The open conversation, or null. */
  open(conversation) {
    const isOther = conversation?.contactId !== this.#conversation?.contactId;
    const isRenamed = !isOther && isAnother(conversation, this.#conversation);
    this.#conversation = conversation;
    if (isOther) this.#begin();
    else if (isRenamed) this.load();
  }

  /** `presence`: {online, lastSeenAt, page} as it was told, or null. */
  showPresence(presence) {
    this.#presence = presence;
    if (this.#contact) this.#showPresence();
  }

  async load() {
    const question = ++this.#asked;
    const { contactId } = this.#conversation;
    try {
      const { contact } = await this.#api.get(`/api/contacts/${contactId}`);
      if (question === this.#asked) this.#take(contact);
    } catch (error) {
      if (question === this.#asked) this.#tellFailure(error);
    }
  }

  toggle() {
    this.#show(!this.#isShown);
    if (WIDE.matches) keep(SHOWN, this.#isShown);
    const next = this.#isShown ? this.#part("contact-close") : this.#part("contact-toggle");
    if (!WIDE.matches || !this.#isShown) next.focus();
  }

  /** Blocks the customer after a question, or lets him write again. */
  async block() {
    if (!this.#contact) return;
    const { blocked, displayName } = this.#contact;
    const title = `Block ${displayName}?`;
    const text = "New messages of this customer are refused, and the chat on the website is closed for them. What was written stays.";
    if (!blocked && !(await confirmed({ title, text, action: "Block" }))) return;
    await this.#save({ blocked: !blocked }).catch((error) => this.#handlers.onProblem(`Not changed: ${error.message}`));
  }

  #begin() {
    this.#contact = null;
    this.#part("contact-facts").hidden = true;
    this.#part("contact-blocked").hidden = true;
    this.#part("contact-note").replaceChildren();
    this.#show(this.#isShown && WIDE.matches);
    if (!this.#conversation) return;
    const { contactId, customerName } = this.#conversation;
    this.#showName({ id: contactId, displayName: customerName, avatarUrl: null });
    this.load();
  }

  #take(contact) {
    this.#contact = contact;
    this.#part("contact-note").replaceChildren();
    this.#part("contact-facts").hidden = false;
    this.#showName(contact);
    for (const name of FIELDS) this.#fill(this.#field(name), contact[name] ?? "");
    this.#showVisit(contact);
    this.#showPresence();
    this.#showAttributes(contact.attributes ?? {});
    this.#showEarlier(contact.conversations ?? []);
    this.#part("contact-blocked").hidden = !contact.blocked;
    setText(this.#part("contact-block-text"), contact.blocked ? "Unblock customer" : "Block customer");
    this.#handlers.onChange(contact);
  }

  #tellFailure(error) {
    if (this.#contact) return; // what is shown was right a moment ago
    const retry = el("button", { type: "button", onclick: () => this.load() }, "Retry");
    this.#part("contact-note").replaceChildren(el("p", {}, `Not loaded: ${error.message}`), retry);
  }

  #show(isShown) {
    this.#isShown = isShown;
    const isThere = isShown && Boolean(this.#conversation);
    this.#part("contact").hidden = !isThere;
    this.#part("contact-toggle").setAttribute("aria-expanded", isThere);
  }

  #key(event) {
    if (event.key !== "Escape" || WIDE.matches || event.target.matches("[data-field]")) return;
    event.stopPropagation();
    this.toggle();
  }

  // What is told

  #showName({ id, displayName, avatarUrl }) {
    drawAvatar(this.#part("contact-avatar"), { id, name: displayName, avatarUrl });
    setText(this.#part("contact-name"), displayName);
  }

  #showVisit({ page, browser, locale, createdAt }) {
    this.#fact("page", page?.url && [webLink(page.url, page.title || page.url)]);
    this.#fact("referrer", page?.referrer && [webLink(page.referrer, page.referrer)]);
    this.#fact("browser", browser && [browser]);
    this.#fact("language", locale && [languageOf(locale)]);
    this.#fact("first-seen", createdAt && [dateOf(createdAt)]);
    this.#showClock();
  }

  /** What was told since is newer than what was asked. */
  #showPresence() {
    const { online, lastSeenAt, page } = { ...this.#contact, ...this.#presence };
    const seen = lastSeenAt ?? this.#contact.lastSeenAt;
    this.#part("contact-presence").dataset.online = online;
    setText(this.#part("contact-presence"), online ? "Online now" : seen ? `Last seen ${moments(seen)}` : "");
    if (this.#presence?.page?.url) this.#fact("page", [webLink(page.url, page.title || page.url)]);
  }

  #showClock() {
    const { timezone } = this.#contact;
    const clock = timezone && clockIn(timezone);
    this.#fact("local-time", clock && [`${clock} · ${timezone.split("/").at(-1).replaceAll("_", " ")}`]);
  }

  #fact(name, nodes) {
    this.#part(`fact-${name}`).hidden = !nodes;
    this.#part(name).replaceChildren(...(nodes || []));
  }

  #showAttributes(attributes) {
    const rows = Object.entries(attributes).map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return el("div", { class: "fact" }, el("dt", { dir: "auto" }, name), el("dd", { dir: "auto" }, text));
    });
    this.#part("attributes").replaceChildren(...rows);
    this.#part("attributes-part").hidden = rows.length === 0;
  }

  #showEarlier(conversations) {
    this.#part("earlier").replaceChildren(...conversations.map((one) => earlier(one, one.id === this.#conversation.id)));
  }

  #open(event) {
    const link = event.target.closest("a[data-id]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (!WIDE.matches) this.#show(false);
    this.#handlers.onOpen(link.dataset.id);
  }

  // What is edited

  #field(name) {
    return this.#part("contact").querySelector(`[data-field=${name}]`);
  }

  #listen(field) {
    field.addEventListener("blur", () => this.#edited(field));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#edited(field);
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#tellWhy(field, "");
      field.value = field.dataset.saved;
      field.blur();
      this.#part("contact-body").focus();
    });
  }

  /** What somebody is writing is not overwritten. */
  #fill(field, value) {
    const isBusy = field === document.activeElement && field.value !== field.dataset.saved;
    if (!isBusy && field.value !== value) field.value = value;
    field.dataset.saved = value;
  }

  async #edited(field) {
    const value = field.value.trim();
    if (value === field.dataset.saved || value === field.dataset.sending) return;
    field.dataset.sending = value;
    try {
      await this.#save({ [field.dataset.field]: value || null });
      this.#tellWhy(field, "");
    } catch (error) {
      this.#tellWhy(field, error.errors?.[field.dataset.field]?.[0] ?? error.message);
    }
    delete field.dataset.sending;
  }

  async #save(fields) {
    const { contactId } = this.#conversation;
    this.#asked += 1; // an answer on its way may be older
    const { contact } = await this.#api.patch(`/api/contacts/${contactId}`, fields);
    if (contactId === this.#conversation?.contactId) this.#take(contact);
  }

  #tellWhy(field, text) {
    field.setAttribute("aria-invalid", Boolean(text));
    setText(this.#part("contact").querySelector(`[data-why=${field.dataset.field}]`), text);
  }
}

function isAnother(one, other) {
  return one && ["customerName", "customerEmail"].some((name) => one[name] !== other[name]);
}

/** A link to a web page; what is no web address stays text. */
function webLink(address, text) {
  let url = null;
  try {
    url = new URL(address);
  } catch {
    return address;
  }
  if (!["http:", "https:"].includes(url.protocol)) return address;
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href }, text);
}

function languageOf(locale) {
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(locale);
  } catch {
    return locale;
  }
}

function earlier({ id, status, lastMessage, lastMessageAt }, isOpen) {
  const preview = el("span", { class: "earlier-text", dir: "auto" }, lastMessage?.text || "No message");
  const meta = el("span", { class: "earlier-meta" }, `${STATUSES[status] ?? status} · `, el("time", { datetime: lastMessageAt }, short(lastMessageAt)));
  const here = isOpen ? { "aria-current": "true" } : {};
  return el("li", {}, el("a", { href: `/conversations/${id}`, "data-id": id, "data-part": "earlier-conversation", ...here }, preview, meta));
}
