import { el, icon, setText } from "../shared/dom.js";
import { face } from "./face.js";

/** Who answers here, whether they are there, and the way out. */
export class Header {
  node;
  #face = el("span", { class: "face", "aria-hidden": "true" });
  #title = el("h2", { id: "deskbell-title", dir: "auto" });
  #state = el("p", { class: "team", "data-part": "team", dir: "auto" });
  #outlook = el("p", { class: "outlook", "data-part": "outlook", dir: "auto", hidden: true });
  #drawn = "";

  constructor(onClose) {
    const label = { "aria-label": "Close chat", "data-part": "close" };
    const close = el("button", { type: "button", class: "close", onclick: onClose, ...label });
    close.append(icon("M6 6l12 12M18 6L6 18"));
    this.node = el("div", { class: "header" }, this.#face, el("div", {}, this.#title, this.#state, this.#outlook), close);
  }

  draw({ name, texts, online, answersIn }, assignee) {
    const who = assignee?.name || name;
    setText(this.#title, texts.title);
    setText(this.#state, `${who} · ${online ? "Online" : "Away"}`);
    this.#state.toggleAttribute("data-online", online);
    setText(this.#outlook, online ? "" : answersIn || texts.offline);
    this.#outlook.hidden = this.#outlook.textContent === "";
    this.#drawFace({ name: who, avatarUrl: assignee?.avatarUrl });
  }

  #drawFace(person) {
    const wanted = JSON.stringify(person);
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    const drawn = face(person);
    this.#face.replaceWith(drawn);
    this.#face = drawn;
  }
}
