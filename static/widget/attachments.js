import { el, icon, setText } from "../shared/dom.js";
import { addressOf, glyphOf, isExpired, isPicture, sizeText } from "./files.js";

const WIDEST = 260; // px of a picture in the thread
const TALLEST = 240;
const SMALLEST = 48;
const DOWNLOAD = "M12 15V3M7 10l5 5 5-5M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4";
const ELSEWHERE = { target: "_blank", rel: "noopener noreferrer" };

/** A message's files: pictures with their place kept free, all others as cards. New addresses change nothing else. */
export class Attachments {
  node = el("div", { class: "files", hidden: true });
  #onExpired;
  #drawn = new Map(); // id → Picture | Card

  /** `onExpired()`: an address is too old. Resolves when draw() has heard of newer ones. */
  constructor(onExpired) {
    this.#onExpired = onExpired;
  }

  draw(attachments) {
    if (attachments.map(({ id }) => id).join() !== [...this.#drawn.keys()].join()) this.#build(attachments);
    for (const attachment of attachments) this.#drawn.get(attachment.id).draw(attachment);
    this.node.hidden = attachments.length === 0;
  }

  #build(attachments) {
    const made = attachments.map((one) => [one.id, isPicture(one) ? new Picture(this.#onExpired) : new Card(this.#onExpired)]);
    this.#drawn = new Map(made);
    this.node.replaceChildren(...[...this.#drawn.values()].map(({ node }) => node));
  }
}

class Picture {
  #image = el("img", { decoding: "async", draggable: "false" });
  #link = new Link(() => this.#onExpired());
  #onExpired;
  #attachment;
  #isBroken = false;

  constructor(onExpired) {
    this.#onExpired = onExpired;
    this.node = el("div", { class: "picture", "data-part": "picture" });
    this.node.append(this.#link.node);
    this.#link.node.append(this.#image);
    this.#image.addEventListener("error", () => this.#break());
  }

  draw(attachment) {
    const { name, url, width, height } = attachment;
    this.#attachment = attachment;
    if (this.#isBroken) return;
    const scale = Math.min(1, WIDEST / width, TALLEST / height);
    this.#image.width = Math.max(SMALLEST, Math.round(width * scale));
    this.#image.height = Math.max(SMALLEST, Math.round(height * scale));
    this.#image.alt = name;
    const source = addressOf(url, { thumbnail: 1 });
    if (this.#image.src !== source) this.#image.src = source; // the old one stays until the new one is here
    this.#link.to(url, `${name}: open in a new tab`, { inline: 1 });
  }

  /** It cannot be shown: it can still be had. */
  #break() {
    this.#isBroken = true;
    const card = new Card(this.#onExpired);
    card.draw(this.#attachment);
    this.node.replaceChildren(card.node);
  }
}

class Card {
  #glyph = el("span", { class: "card-icon" });
  #name = el("bdi", { class: "card-name" });
  #size = el("span", { class: "card-size" });
  #link;

  constructor(onExpired) {
    this.#link = new Link(onExpired);
    this.node = this.#link.node;
    this.node.classList.add("card");
    this.node.dataset.part = "file";
    this.node.append(this.#glyph, el("span", { class: "card-words" }, this.#name, this.#size), icon(DOWNLOAD));
  }

  draw({ name, contentType, size, url }) {
    this.#glyph.replaceChildren(icon(glyphOf(contentType)));
    setText(this.#name, name);
    setText(this.#size, sizeText(size));
    this.#link.to(url, `${name}: download`);
  }
}

/** A link to a file, which leads away from no page. An address that is too old is replaced before it is followed. */
class Link {
  node = el("a", ELSEWHERE);
  #onExpired;
  #url = null;

  constructor(onExpired) {
    this.#onExpired = onExpired;
    this.node.addEventListener("click", (event) => this.#follow(event));
  }

  /** `url`: null for a file that is nowhere yet. `title`: what the pointer is told of it. */
  to(url, title, more) {
    this.#url = url;
    this.node.title = title;
    if (url) this.node.href = addressOf(url, more);
  }

  async #follow(event) {
    if (!this.#url || !isExpired(this.#url)) return;
    event.preventDefault();
    await this.#onExpired();
    if (!isExpired(this.#url)) this.node.click();
  }
}
