import { el } from "../shared/dom.js";
import { icon } from "./icon.js";

const KINDS = {
  image: ["image", "Picture"],
  video: ["camera", "Video"],
  audio: ["file", "Voice message"],
  file: ["file", "File"],
  sticker: ["smile", "Sticker"],
  story: ["clock", "Story"],
  location: ["map-pin", "Location"],
  link: ["link", "Shared post"],
};
const STATES = {
  FETCHING: () => "Being fetched…",
  MISSING: () => "The platform sent it without an address",
  FAILED: ({ reason }) => `Not fetched: ${reason ?? "it is refused"}`,
  LINKED: ({ kind }) => (kind === "story" ? "On the platform, for a day" : "On the platform"),
};

/** What of a platform's message is no file here: links out, and files that are not fetched (yet). */
export function mediaNodes(media) {
  return media.map(card);
}

function card(one) {
  const [glyph, label] = KINDS[one.kind] ?? KINDS.link;
  const about = (STATES[one.state] ?? STATES.LINKED)(one);
  const words = el("span", { class: "card-words" }, el("bdi", { class: "card-name" }, one.title ?? label), el("span", { class: "card-size" }, about));
  const data = { class: "card", "data-part": "media", "data-state": one.state };
  if (one.state !== "LINKED" || !isSafe(one.url)) return el("span", data, icon(glyph), words);
  return el("a", { ...data, href: one.url, target: "_blank", rel: "noopener noreferrer nofollow" }, icon(glyph), words, icon("external-link"));
}

function isSafe(url) {
  return /^https?:\/\//i.test(url ?? "");
}
