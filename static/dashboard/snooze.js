import { setText } from "../shared/dom.js";
import { pickMoment } from "./dialogs.js";
import { moments, snoozeEnd } from "./times.js";

/** The menu that puts a conversation aside until a moment. */
export class Snooze {
  #menu;
  #onChange;

  constructor(menu, onChange) {
    this.#menu = menu;
    this.#onChange = onChange;
    menu.addEventListener("toggle", () => menu.open && this.#tellWhen());
    menu.addEventListener("click", (event) => {
      const item = event.target.closest("[data-snooze]");
      if (item) this.#choose(item.dataset.snooze);
    });
  }

  show(isSnoozed) {
    this.#menu.querySelector("[data-snooze=wake]").hidden = !isSnoozed;
  }

  #tellWhen() {
    for (const item of this.#menu.querySelectorAll("[data-snooze]:has(time)")) {
      const end = snoozeEnd(item.dataset.snooze).toISOString();
      item.querySelector("time").dateTime = end;
      setText(item.querySelector("time"), moments(end));
    }
  }

  async #choose(name) {
    if (name === "wake") return this.#onChange({ status: "OPEN" });
    const suggestion = snoozeEnd("tomorrow");
    const end = name === "pick" ? await pickMoment({ title: "Snooze until", action: "Snooze", suggestion }) : snoozeEnd(name);
    if (end) this.#onChange({ status: "SNOOZED", snoozedUntil: end.toISOString() });
  }
}
