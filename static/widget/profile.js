import { el } from "../shared/dom.js";

const COMPLETED = { name: "name", email: "email" }; // the fields that say who it is → their autocomplete
const LENGTHS = { name: 200, email: 254 };
const LENGTH = 500; // of any other answer

/** Who the visitor is: asked once, before his first message, and sent along with it. */
export class Profile {
  node = el("form", { class: "profile", "data-part": "profile", novalidate: true, hidden: true });
  #store;
  #asked = []; // the channel's fields
  #fields = []; // the same, drawn
  #drawn = "";
  #values;
  #skip;
  #told = false; // the server knows
  #isRefused = false; // and asks for other values

  constructor(store) {
    this.#store = store;
    this.#values = store.read("profile") ?? {};
    this.#skip = el("button", { type: "button", class: "skip", onclick: () => this.#skipped() }, "Skip");
    this.node.addEventListener("submit", (event) => this.#submitted(event));
  }

  /** Asks a visitor of whom nothing is known; whoever has written is not asked again. */
  offer(config, contact, conversation) {
    this.#told = conversation !== null;
    this.#asked = config.preChatFields;
    const isKnown = Boolean(contact?.name || contact?.email || this.#values.answered);
    if (this.#told || isKnown || this.#asked.length === 0) this.node.hidden = !this.#isRefused;
    else this.#show();
  }

  /** What the server does not know yet: {name?, email?, attributes?}, the last with the channel's own questions. */
  get news() {
    if (this.#told) return {};
    const { name, email, answered, ...others } = this.#values;
    const attributes = Object.fromEntries(Object.entries(others).filter(([, answer]) => answer));
    const hasOthers = Object.keys(attributes).length > 0;
    return { ...(name && { name }), ...(email && { email }), ...(hasOthers && { attributes }) };
  }

  /** Takes over what stands in the form. False, and the first wrong field has the focus, if that cannot be sent. */
  accept() {
    if (this.node.hidden) return true;
    const wrong = this.#fields.find((field) => !field.check());
    if (wrong) {
      wrong.focus();
      return false;
    }
    this.#answer(Object.fromEntries(this.#fields.map((field) => [field.name, field.value])));
    return true;
  }

  /** The server has taken the values. */
  settle() {
    this.#told = true;
    this.#isRefused = false;
    this.node.hidden = true;
  }

  /** The server refuses a value: `errors` as it says, {email: ["why"]}. */
  refuse(errors) {
    if (!this.#asked.some(({ name }) => errors[name])) return;
    this.#isRefused = true;
    this.#show();
    const refused = this.#fields.filter((field) => errors[field.name]);
    refused.forEach((field) => field.complain(errors[field.name][0]));
    refused[0].focus();
  }

  #show() {
    this.node.hidden = false;
    if (JSON.stringify(this.#asked) !== this.#drawn) this.#draw();
  }

  #draw() {
    this.#drawn = JSON.stringify(this.#asked);
    this.#fields = this.#asked.map((field) => new Field(field, this.#values[field.name] ?? ""));
    this.#skip.hidden = this.#asked.some((field) => field.required);
    const why = el("p", { dir: "auto" }, "So that we can get back to you");
    const head = el("div", { class: "profile-head" }, why, this.#skip);
    this.node.replaceChildren(head, ...this.#fields.map((field) => field.node));
    // Enter in a field takes a form's submit button, even one that nobody sees.
    this.node.append(el("button", { type: "submit", hidden: true }));
  }

  #skipped() {
    this.#answer({});
    this.node.dispatchEvent(new Event("done"));
  }

  #submitted(event) {
    event.preventDefault();
    if (this.#fields.every((field) => field.check())) this.node.dispatchEvent(new Event("done"));
    else this.#fields.find((field) => !field.check()).focus();
  }

  #answer(values) {
    this.#values = { ...values, answered: true };
    this.#isRefused = false;
    this.#store.write("profile", this.#values);
    this.node.hidden = true;
  }
}

class Field {
  #input;
  #complaint;
  #required;

  constructor({ name, label, type, required }, value) {
    this.name = name;
    this.#required = required;
    const id = `profile-${name}`;
    this.#complaint = el("p", { class: "complaint", dir: "auto", id: `${id}-complaint`, role: "alert" });
    this.#input = el("input", { id, name, type, required, maxlength: LENGTHS[name] ?? LENGTH, autocomplete: COMPLETED[name] ?? "off" });
    this.#input.setAttribute("aria-describedby", this.#complaint.id);
    this.#input.dir = "auto";
    this.#input.value = value;
    this.#input.addEventListener("input", () => this.complain(""));
    const text = el("label", { for: id }, label);
    if (!required) text.append(el("span", { class: "optional" }, " (optional)"));
    this.node = el("div", { class: "profile-field" }, text, this.#input, this.#complaint);
  }

  get value() {
    return this.#input.value.trim();
  }

  focus() {
    this.#input.focus();
  }

  check() {
    this.complain(this.#wrong());
    return this.#wrong() === "";
  }

  complain(text) {
    this.#complaint.textContent = text;
    this.#input.setAttribute("aria-invalid", String(text !== ""));
  }

  #wrong() {
    if (this.#required && this.value === "") return "Please fill this in.";
    return this.#input.validity.typeMismatch ? "This does not look like an e-mail address." : "";
  }
}
