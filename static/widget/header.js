import { el, icon, setText } from "../shared/dom.js";

/** Who answers here, whether they are there, and the way out. */
export class Header {
  node;
  #face = el("span", { class: "face", "aria-hidden": "true" });
  #title = el("h2", { id: "deskbell-title", dir: "auto" });
  #state = el("p", { class: "team", "data-part": "team", dir: "auto" });

  constructor(onClose) {
    const label = { "aria-label": "Close chat", "data-part": "close" };
    const close = el("button", { type: "button", class: "close", onclick: onClose, ...label });
    close.append(icon("M6 6l12 12M18 6L6 18"));
    this.node = el("div", { class: "header" }, this.#face, el("div", {}, this.#title, this.#state), close);
  }

  draw({ name, texts, online }, assignee) {
    const who = assignee?.name || name;
    setText(this.#title, texts.title);
    setText(this.#state, `${who} · ${online ? "Online" : "Away"}`);
    this.#state.toggleAttribute("data-online", online);
    this.#drawFace(who, assignee?.avatarUrl);
  }

  /** A picture, or the first letter where there is none or it cannot be had. */
  #drawFace(who, url) {
    if (this.#face.dataset.of === `${who} ${url}`) return;
    this.#face.dataset.of = `${who} ${url}`;
    setText(this.#face, Array.from(who.trim())[0]?.toUpperCase() ?? "");
    if (!url) return;
    const src = new URL(url, import.meta.url).href;
    this.#face.append(el("img", { src, alt: "", onerror: (event) => event.target.remove() }));
  }
}
