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
  #presence;
  #onChoose;
  #assignee; // undefined: none was shown yet

  /** `onChoose(agentId or null)` */
  constructor(part, { me, agents, presence, onChoose }) {
    this.#part = part;
    this.#me = me;
    this.#agents = agents;
    this.#presence = presence;
    this.#onChoose = onChoose;
    part("assign-menu").addEventListener("toggle", () => (part("assign-menu").open ? this.#showPresence() : this.#forget()));
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
    const { id, name, label } = person;
    const isChosen = (this.#assignee?.id ?? null) === id;
    const picture = id ? avatar(person) : el("span", { class: "avatar nobody" }, icon("user-x"));
    const words = el("span", { dir: "auto" }, label);
    const away = id ? [el("span", { class: "soft", "data-away": id, hidden: true }, "Away")] : [];
    const mark = isChosen ? [icon("check")] : [];
    const choose = () => isChosen || this.#onChoose(id);
    return el("button", { type: "button", "data-name": name, "aria-pressed": String(isChosen), onclick: choose }, picture, words, ...away, ...mark);
  }

  #showPresence() {
    for (const away of this.#part("assignees").querySelectorAll("[data-away]")) {
      const isHere = this.#presence.isAgentOnline(away.dataset.away) || away.dataset.away === this.#me.id;
      away.hidden = isHere;
      away.parentElement.querySelector(".avatar").dataset.availability = isHere ? "ONLINE" : "AWAY";
    }
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
