import { el, setText } from "../shared/dom.js";
import { face } from "./face.js";

const MOST = 3; // faces
const list = new Intl.ListFormat("en", { type: "conjunction" });

/** What stands above the first message: who is here, whether they are, and the greeting. */
export class Welcome {
  node;
  #faces = el("div", { class: "faces", role: "img", "data-part": "faces", hidden: true });
  #presence = el("p", { class: "presence", dir: "auto", "data-part": "presence" });
  #greeting = el("p", { class: "greeting", dir: "auto", "data-part": "greeting" });
  #drawn = "";

  constructor() {
    const who = el("div", { class: "who" }, this.#faces, this.#presence);
    this.node = el("div", { class: "welcome" }, who, this.#greeting);
  }

  draw({ team = [], texts, online }) {
    this.#drawFaces(team.slice(0, MOST));
    setText(this.#greeting, texts.greeting);
    setText(this.#presence, online ? "We are here" : "We are away");
    this.#presence.toggleAttribute("data-online", online);
  }

  #drawFaces(people) {
    const wanted = JSON.stringify(people);
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    this.#faces.hidden = people.length === 0;
    this.#faces.setAttribute("aria-label", list.format(people.map(({ name }) => name)));
    this.#faces.replaceChildren(...people.map(face));
  }
}
