import { el, setText } from "../shared/dom.js";
import { icon } from "./icon.js";
import { openMenu } from "./menus.js";
import { avatar, drawAvatar } from "./people.js";

const SEARCHED_FROM = 8; // agents

/** The menu that says whose a conversation is: oneself first, then nobody, then the colleagues. */
export class Assign {
  #part;
  #me;
  #agents;
  #onChoose;
  #assignee; // undefined: none was shown yet

  /** `onChoose(agentId or null)` */
  constructor(part, { me, agents, onChoose }) {
    this.#part = part;
    this.#me = me;
    this.#agents = agents;
    this.#onChoose = onChoose;
    part("assign-menu").addEventListener("toggle", () => part("assign-menu").open || this.#forget());
    part("assign-search").addEventListener("input", () => this.#filter());
    part("assign-search").addEventListener("keydown", (event) => event.key === "Enter" && this.#first()?.click());
  }

  /** `assignee`: an agent or null. */
  show(assignee) {
    if (this.#assignee?.id === assignee?.id && this.#assignee !== undefined) return;
    this.#assignee = assignee;
    this.#fill();
    const isMine = assignee?.id === this.#me.id;
    setText(this.#part("assignee"), assignee ? (isMine ? "You" : assignee.name) : "Assign");
    this.#part("assign-menu").dataset.assigned = Boolean(assignee);
    this.#part("assignee-avatar").hidden = !assignee;
    if (assignee) drawAvatar(this.#part("assignee-avatar"), assignee);
    this.#part("assign-menu").querySelector("summary").title = assignee ? `Assigned to ${assignee.name}` : "Assign";
  }

  open() {
    openMenu(this.#part("assign-menu"));
  }

  #fill() {
    const others = this.#agents.filter(({ id }) => id !== this.#me.id).sort((one, other) => one.name.localeCompare(other.name));
    const isLarge = this.#agents.length > SEARCHED_FROM;
    this.#part("assign-search-row").hidden = !isLarge;
    this.#part("assignees").replaceChildren(
      this.#row({ ...this.#me, label: `${this.#me.name} (you)` }),
      this.#row({ id: null, name: "Nobody", label: "Nobody" }),
      ...others.map((agent) => this.#row({ ...agent, label: agent.name })),
    );
    this.#filter();
  }

  #row(person) {
    const { id, name, label, availability } = person;
    const isChosen = (this.#assignee?.id ?? null) === id;
    const picture = id ? avatar(person) : el("span", { class: "avatar nobody" }, icon("user-x"));
    if (availability) picture.dataset.availability = availability;
    const words = el("span", { dir: "auto" }, label);
    const away = availability === "AWAY" ? [el("span", { class: "soft" }, "Away")] : [];
    const mark = isChosen ? [icon("check")] : [];
    const choose = () => isChosen || this.#onChoose(id);
    return el("button", { type: "button", "data-name": name, "aria-pressed": String(isChosen), onclick: choose }, picture, words, ...away, ...mark);
  }

  #forget() {
    this.#part("assign-search").value = "";
    this.#filter();
  }

  #filter() {
    const wanted = this.#part("assign-search").value.trim().toLocaleLowerCase();
    for (const row of this.#rows) row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
    this.#part("assign-none").hidden = Boolean(this.#first());
  }

  get #rows() {
    return [...this.#part("assignees").children];
  }

  #first() {
    return this.#rows.find((row) => !row.hidden);
  }
}
