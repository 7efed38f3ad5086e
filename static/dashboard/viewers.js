import { setText } from "../shared/dom.js";
import { avatar } from "./people.js";

const MOST = 3; // pictures

/** Colleagues at the same conversation: their pictures in its head, and a line while one of them writes an answer. */
export class Viewers {
  #part;
  #me;
  #agents;

  constructor(part, me, agents) {
    this.#part = part;
    this.#me = me;
    this.#agents = agents;
  }

  /** `viewers`: [{id, name, isTyping}], oneself among them or not. */
  show(viewers) {
    const others = viewers.filter(({ id }) => id !== this.#me.id);
    const names = namesOf(others);
    this.#part("viewers").hidden = others.length === 0;
    this.#part("viewers").title = `${names} ${others.length === 1 ? "looks" : "look"} at this, too`;
    this.#part("viewers-pictures").replaceChildren(...others.slice(0, MOST).map((one) => avatar(this.#known(one))));
    setText(this.#part("viewers-text"), others.length ? this.#part("viewers").title : "");
    const typing = others.filter(({ isTyping }) => isTyping);
    setText(this.#part("colleague"), typing.length ? `${namesOf(typing)} ${typing.length === 1 ? "is" : "are"} writing an answer…` : "");
  }

  #known(viewer) {
    return this.#agents.find(({ id }) => id === viewer.id) ?? viewer;
  }
}

function namesOf(people) {
  return new Intl.ListFormat(undefined).format(people.map(({ name }) => name));
}
