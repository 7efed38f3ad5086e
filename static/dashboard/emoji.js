import { el } from "../shared/dom.js";
import { ALL, GROUPS, findEmoji } from "./emoji_data.js";
import { keep, kept } from "./kept.js";

const RECENT = "deskbell:emoji";
const RECENTS = 16;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }; // eight in a row

/** A small panel of emoji over its button: recent ones, groups, a search by name; arrows walk, Enter takes, Escape closes. */
export class EmojiPanel {
  #button;
  #panel;
  #grid;
  #search;
  #onPick;

  /** `onPick(character)` */
  constructor(button, onPick) {
    this.#button = button;
    this.#onPick = onPick;
    button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    document.addEventListener("pointerdown", ({ target }) => this.isOpen && !this.#panel.contains(target) && !button.contains(target) && this.close(false));
  }

  get isOpen() {
    return Boolean(this.#panel?.isConnected);
  }

  open() {
    this.#panel ??= this.#make();
    this.#button.after(this.#panel);
    this.#button.setAttribute("aria-expanded", "true");
    this.#search.value = "";
    this.#show();
    this.#search.focus();
  }

  close(focus = true) {
    this.#panel.remove();
    this.#button.setAttribute("aria-expanded", "false");
    if (focus) this.#button.focus();
  }

  #make() {
    this.#search = el("input", { type: "search", placeholder: "Find an emoji", "aria-label": "Find an emoji", autocomplete: "off", oninput: () => this.#show() });
    this.#grid = el("div", { class: "emoji-grid", "data-part": "emoji-grid" });
    const panel = el("div", { class: "emoji-panel", "data-part": "emoji-panel", role: "dialog", "aria-label": "Emoji" }, this.#search, this.#grid);
    panel.addEventListener("keydown", (event) => this.#key(event));
    panel.addEventListener("click", ({ target }) => target.matches("[data-emoji]") && this.#pick(target.dataset.emoji));
    return panel;
  }

  #show() {
    const typed = this.#search.value.trim();
    const found = typed ? [{ title: "Found", emoji: findEmoji(typed, 64) }] : [{ title: "Recent", emoji: recent() }, ...GROUPS];
    const groups = found.filter(({ emoji }) => emoji.length > 0).map(group);
    this.#grid.replaceChildren(...(groups.length ? groups : [el("p", { class: "emoji-none" }, "None of that name.")]));
    this.#grid.scrollTop = 0;
  }

  #key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      return this.close();
    }
    const all = [...this.#grid.querySelectorAll("[data-emoji]")];
    if (event.key === "Enter" && event.target === this.#search) {
      event.preventDefault();
      return all[0] && this.#pick(all[0].dataset.emoji);
    }
    return this.#walk(event, all);
  }

  #walk(event, all) {
    const isTyping = event.target === this.#search;
    const step = STEPS[event.key];
    if (!step || (isTyping && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const to = isTyping ? 0 : all.indexOf(event.target) + step;
    (all[to] ?? (to < 0 ? this.#search : all.at(-1)))?.focus();
  }

  #pick(character) {
    remember(character);
    this.close(false);
    this.#onPick(character);
  }
}

/** Completes ":smi" in a text: a list over the field, arrows choose, Enter or Tab takes, Escape closes. */
export class EmojiCompletion {
  #input;
  #list = el("ul", { class: "emoji-completion", id: "emoji-completion", role: "listbox", "aria-label": "Emoji", "data-part": "emoji-completion", hidden: true });
  #found = [];
  #at = 0;

  constructor(input) {
    this.#input = input;
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.#list.id);
    input.before(this.#list);
    input.addEventListener("blur", () => this.#close());
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.#list.addEventListener("click", ({ target }) => this.#take(Number(target.closest("[role=option]")?.dataset.at)));
  }

  /** The text changed. */
  update() {
    const typed = this.#typed();
    this.#found = typed ? findEmoji(typed[1], 6) : [];
    this.#at = 0;
    this.#show();
  }

  /** True if the key was for the list. */
  key(event) {
    if (this.#list.hidden) return false;
    if (event.key === "Enter" || event.key === "Tab") this.#take(this.#at);
    else if (event.key === "Escape") this.#close();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#move(event.key === "ArrowDown" ? 1 : -1);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #typed() {
    const { selectionStart, value } = this.#input;
    return value.slice(0, selectionStart).match(/(?:^|\s):([a-z0-9_+-]{2,20})$/i);
  }

  #move(step) {
    this.#at = (this.#at + step + this.#found.length) % this.#found.length;
    this.#show();
  }

  #show() {
    this.#list.replaceChildren(...this.#found.map((one, at) => option(one, at, at === this.#at)));
    this.#list.hidden = this.#found.length === 0;
    if (this.#list.hidden) this.#input.removeAttribute("aria-activedescendant");
    else this.#input.setAttribute("aria-activedescendant", `emoji-option-${this.#at}`);
  }

  #close() {
    this.#found = [];
    this.#show();
  }

  #take(at) {
    const typed = this.#typed();
    const chosen = this.#found[at];
    if (!typed || !chosen) return;
    const end = this.#input.selectionStart;
    remember(chosen.character);
    this.#input.setRangeText(chosen.character, end - typed[1].length - 1, end, "end");
    this.#input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function group({ title, emoji }) {
  const buttons = emoji.map(({ character, name }) => {
    const label = name.replaceAll("_", " ");
    return el("button", { type: "button", class: "plain", "data-emoji": character, "aria-label": label, title: label }, character);
  });
  return el("section", { "aria-label": title }, el("h3", {}, title), el("div", { class: "emoji-row" }, ...buttons));
}

function option({ character, name }, at, isChosen) {
  return el("li", { id: `emoji-option-${at}`, role: "option", "aria-selected": String(isChosen), "data-at": at }, el("span", { "aria-hidden": "true" }, character), `:${name}:`);
}

function recent() {
  return kept(RECENT, []).map((character) => ALL.find((one) => one.character === character)).filter(Boolean); // prettier-ignore
}

function remember(character) {
  const others = kept(RECENT, []).filter((other) => other !== character);
  keep(RECENT, [character, ...others].slice(0, RECENTS));
}
