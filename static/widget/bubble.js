import { Attachments } from "./attachments.js";
import { el, icon, setText } from "../shared/dom.js";
import { linked } from "../shared/links.js";
import { timeOf } from "./times.js";

const FEW_EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s){1,12}$/u;
const NO_EMOJI = /^[\d\s#*]*$/;
const REMOVED = "This message was removed.";
const STATES = { QUEUED: "Sent", SENT: "Sent", DELIVERED: "Delivered", READ: "Read" };
const CLOCK = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3 2";

/** One message in the thread. Its text is drawn once, unless the server says that it changed. */
export class Bubble {
  #day = el("div", { class: "day", hidden: true });
  #author = el("div", { class: "author", dir: "auto", "aria-hidden": "true", hidden: true });
  #speaker = el("span", { class: "unseen" });
  #text = el("div", { class: "text", dir: "auto", "data-part": "text" });
  #meta = el("div", { class: "meta", dir: "auto" });
  #metaText = el("span");
  #clock = icon(CLOCK);
  #problem = el("span", { dir: "auto" });
  #discard;
  #failure;
  #files;
  #drawn = null;

  constructor({ onRetry, onDiscard, onExpired }) {
    const retry = action("retry", "Retry", onRetry);
    this.#discard = action("discard", "Delete", onDiscard);
    this.#meta.append(this.#clock, this.#metaText);
    this.#failure = el("div", { class: "failure", hidden: true }, this.#problem, retry, this.#discard);
    this.#files = new Attachments(onExpired);
    const body = el("div", { class: "body" }, this.#speaker, this.#text, this.#files.node);
    this.node = el("div", { class: "row", "data-part": "message" });
    this.node.append(this.#day, this.#author, body, this.#meta, this.#failure);
  }

  /**
   * `place`: what the neighbours decide: {day: text or "", first, last} of a group of one person's messages,
   * `newestOwn` of all, and `team`, the name for who has none.
   */
  draw(entry, place) {
    this.#setData(entry, place);
    this.#drawText(entry);
    this.#files.draw(entry.attachments);
    this.#drawSpeaker(entry, place);
    show(this.#day, place.day);
    setText(this.#metaText, metaOf(entry, place));
    this.#meta.hidden = this.#metaText.textContent === "";
    this.#drawFailure(entry);
  }

  #drawFailure({ state, problem }) {
    this.#clock.toggleAttribute("hidden", state !== "pending" && state !== "waiting");
    setText(this.#problem, problem ? `Not sent. ${problem}` : "");
    this.#failure.hidden = state !== "failed" && state !== "waiting";
    this.#discard.hidden = state !== "failed";
  }

  #setData(entry, place) {
    const { id, clientId, role, seq, state } = entry;
    const data = { id, clientId, role, seq, state, first: place.first, last: place.last };
    for (const [name, value] of Object.entries(data)) {
      if (value === null || value === undefined) delete this.node.dataset[name];
      else this.node.dataset[name] = value;
    }
  }

  #drawText({ text, meta }) {
    const isRemoved = meta.removed === true;
    if (isRemoved) text = REMOVED;
    if (text === this.#drawn) return;
    this.#drawn = text;
    this.#text.hidden = text === "";
    this.#text.replaceChildren(...linked(text));
    this.#text.toggleAttribute("data-removed", isRemoved);
    this.#text.toggleAttribute("data-emoji", FEW_EMOJI.test(text) && !NO_EMOJI.test(text));
  }

  #drawSpeaker(entry, { first, team }) {
    const isTeam = entry.role === "AGENT" || entry.role === "BOT";
    const name = entry.author?.name || team;
    show(this.#author, isTeam && first ? name : "");
    setText(this.#speaker, entry.role === "SYSTEM" ? "" : `${isTeam ? name : "You"}: `);
  }
}

/** The time under the last of a group; under the visitor's newest also how far it got. */
function metaOf(entry, { last, newestOwn }) {
  if (entry.state === "failed" || entry.role === "SYSTEM") return "";
  if (entry.state === "pending") return "Sending…";
  if (entry.state === "waiting") return entry.isFleeting ? "Not sent yet. Keep this page open." : "Not sent yet";
  if (newestOwn) return `${timeOf(entry)} · ${STATES[entry.status] ?? "Sent"}`;
  return last ? timeOf(entry) : "";
}

function action(part, words, onclick) {
  return el("button", { type: "button", class: "retry", "data-part": part, onclick }, words);
}

function show(node, text) {
  setText(node, text);
  node.hidden = text === "";
}
