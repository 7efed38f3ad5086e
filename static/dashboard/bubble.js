import { el } from "../shared/dom.js";
import { linked } from "../shared/links.js";
import { attachmentNodes } from "./attachments.js";
import { icon } from "./icon.js";
import { mediaNodes } from "./media.js";
import { drawAvatar } from "./people.js";
import { full, time } from "./times.js";

const TICKS = {
  PENDING: ["clock", "Sending"],
  QUEUED: ["clock", "Sending"],
  SENT: ["check", "Sent"],
  DELIVERED: ["check-check", "Delivered"],
  READ: ["check-check", "Read"],
};
const EMOJI = /^(?:[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u200d\ufe0f\u20e3\s]|[0-9#*]\ufe0f?\u20e3)+$/u;
const JUMBO = 3; // emoji that stand large if they stand alone
const segmenter = Intl.Segmenter ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

/** A message's node, still empty. */
export function makeMessage() {
  const body = el("div", { class: "body" }, el("span", { class: "author" }), el("div", { class: "bubble", dir: "auto" }), el("div", { class: "files" }), el("div", { class: "foot" }));
  return el("li", { class: "message", "data-part": "message", tabindex: "-1" }, el("span", { class: "avatar", "aria-hidden": "true" }), body);
}

/**
 * Fills the node. `place`: {starts, ends} a group of one author; {foots}: its foot is shown. `handlers`: {isMe(author), nameOf(replyTo), onQuote(replyTo),
 * onRetry(message), onDiscard(message), onPicture(attachment, node), onExpired(message)}.
 */
export function fillMessage(node, message, place, handlers) {
  const { id, clientId, seq, role, state } = message;
  const isRemoved = Boolean(message.meta?.removed);
  Object.assign(node.dataset, { id: id ?? "", clientId: clientId ?? "", seq: seq ?? "", role, state });
  node.dataset.private = message.private;
  node.dataset.removed = isRemoved;
  node.dataset.jumbo = isJumbo(message.text) && !message.attachments?.length && !message.replyTo;
  node.classList.toggle("starts", place.starts);
  node.classList.toggle("ends", place.ends);
  node.classList.toggle("foots", place.foots);
  fillAuthor(node, message, handlers.isMe(message.author));
  fillBubble(node.querySelector(".bubble"), message, isRemoved, handlers);
  fillFiles(node.querySelector(".files"), message, handlers);
  node.querySelector(".foot").replaceChildren(...footer(message, handlers));
}

/** What stands for a message in a quote or a preview. */
export function gist({ text, attachments }) {
  const names = (attachments ?? []).map(({ name }) => name).join(", ");
  return text || names || "A message";
}

function fillAuthor(node, { author, role, private: isPrivate, meta }, isMe) {
  const sentFrom = meta?.sentFrom;
  const name = author?.name ?? { BOT: "Bot", SYSTEM: "", AGENT: sentFrom && `Sent from ${sentFrom}` }[role] ?? "";
  const shown = el("bdi", {}, isMe ? "You" : name);
  const parts = isPrivate ? [icon("sticky-note"), shown, " · private note"] : [shown];
  node.querySelector(".author").replaceChildren(...parts);
  if (name) drawAvatar(node.querySelector(".avatar"), { id: author?.id ?? "bot", name: author?.name ?? sentFrom ?? name, avatarUrl: author?.avatarUrl });
}

function fillBubble(bubble, message, isRemoved, { nameOf, onQuote }) {
  const text = isRemoved ? "This message was removed." : message.text;
  bubble.hidden = !text && !message.replyTo;
  const isSaid = !isRemoved && !message.meta?.unsupported;
  const drawn = JSON.stringify([text, message.replyTo?.id, isSaid]);
  if (bubble.dataset.drawn === drawn) return; // a selection in it survives
  bubble.dataset.drawn = drawn;
  const words = isSaid ? linked(text) : [el("em", {}, text)];
  bubble.replaceChildren(...(message.replyTo ? [quote(message.replyTo, nameOf, onQuote)] : []), ...words);
}

function quote(replyTo, nameOf, onQuote) {
  const words = [el("strong", { dir: "auto" }, nameOf(replyTo)), el("span", { dir: "auto" }, replyTo.text || "A message without text")];
  return el("button", { type: "button", class: "quote", "data-part": "quote", title: "Go to this message", onclick: () => onQuote(replyTo) }, ...words);
}

function fillFiles(files, message, { onPicture, onExpired }) {
  const attachments = message.attachments ?? [];
  const media = (message.meta?.media ?? []).filter(({ state }) => state !== "FETCHED");
  const drawn = JSON.stringify([attachments, media]);
  files.hidden = attachments.length + media.length === 0;
  if (files.dataset.drawn === drawn) return;
  files.dataset.drawn = drawn;
  files.replaceChildren(...attachmentNodes(attachments, { onPicture, onExpired: () => onExpired(message) }), ...mediaNodes(media));
}

function footer(message, handlers) {
  if (message.state === "failed") return failure(`Not sent: ${message.problem}`, message, handlers);
  if (message.status === "FAILED") return failure(`Not delivered. ${message.error?.detail ?? "The platform refused it."}`, message, handlers);
  const when = el("time", { datetime: message.createdAt, title: full(message.createdAt) }, time(message.createdAt));
  const isOurs = message.role === "AGENT" || message.role === "BOT";
  if (message.state === "pending" && message.isWaiting) return [when, tickNode(TICKS.PENDING), el("span", { "data-part": "waiting" }, "Not sent yet")];
  const held = message.status === "QUEUED" && message.error?.detail;
  if (held) return [when, tickNode(TICKS.QUEUED, "QUEUED"), el("span", { class: "why", "data-part": "held" }, `Not sent yet. ${held}`)];
  const about = [...aside(message)];
  const tick = message.state === "pending" ? TICKS.PENDING : isOurs && !message.private && TICKS[message.status];
  return tick ? [...about, when, tickNode(tick, message.status)] : [...about, when];
}

/** Reactions to a message, that it was edited, and the advertisement that it came from. */
function* aside({ meta }) {
  const ad = meta?.referral?.source === "ADS" || meta?.referral?.ad_id;
  if (ad) yield el("span", { "data-part": "referral" }, "From an advertisement");
  for (const emoji of Object.values(meta?.reactions ?? {})) yield el("span", { class: "reaction", "data-part": "reaction" }, emoji);
  if (meta?.edited) yield el("span", { "data-part": "edited" }, "Edited");
}

function tickNode([glyph, label], status) {
  return el("span", { class: "tick", "data-part": "ticks", "data-status": status ?? "PENDING", role: "img", "aria-label": label, title: label }, icon(glyph));
}

function failure(text, message, { onRetry, onDiscard }) {
  const canRetry = message.state === "failed" || message.error?.retryable !== false;
  const retry = el("button", { type: "button", "data-part": "retry", onclick: () => onRetry(message) }, "Retry");
  const discard = el("button", { type: "button", class: "plain", "data-part": "discard", onclick: () => onDiscard(message) }, "Discard");
  return [el("span", { class: "why" }, icon("circle-alert"), text), ...(canRetry ? [retry] : []), ...(message.state === "failed" ? [discard] : [])];
}

function isJumbo(text) {
  if (!segmenter || text.length > 40 || !EMOJI.test(text)) return false;
  const shown = [...segmenter.segment(text)].filter(({ segment }) => segment.trim());
  return shown.length > 0 && shown.length <= JUMBO;
}
