/** The questions before the first message: added, removed, moved by buttons. A question keeps its name for ever. */
export class Questions {
  onChange = () => {};
  #list;
  #template;

  constructor(form) {
    this.#list = form.querySelector("[data-part=questions]");
    this.#template = form.querySelector("[data-part=question-template]");
    form.querySelector("[data-part=add-question]").addEventListener("click", () => this.#begin());
    this.#list.addEventListener("click", (event) => this.#click(event));
  }

  get values() {
    return [...this.#list.children].map((row) => ({
      name: row.dataset.name,
      label: this.#field(row, "label").value,
      type: this.#field(row, "type").value,
      required: this.#field(row, "required").checked,
    }));
  }

  show(questions) {
    this.#list.replaceChildren();
    for (const question of questions) this.#add(question);
  }

  #begin() {
    const taken = new Set(this.values.map(({ name }) => name));
    let number = 1;
    while (taken.has(`question${number}`)) number += 1;
    this.#add({ name: `question${number}`, label: "", type: "text", required: false });
    this.#field(this.#list.lastElementChild, "label").focus();
    this.#changed();
  }

  #add({ name, label, type, required }) {
    const row = this.#template.content.cloneNode(true).firstElementChild;
    row.dataset.name = name;
    this.#field(row, "label").value = label;
    this.#field(row, "type").value = type;
    this.#field(row, "required").checked = required;
    this.#list.append(row);
  }

  #click(event) {
    const button = event.target.closest("button");
    const row = button?.closest("[data-part=question]");
    if (!row) return;
    if (button.dataset.move) this.#move(row, Number(button.dataset.move), button);
    else this.#remove(row);
    this.#changed();
  }

  #move(row, by, button) {
    const neighbour = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!neighbour) return;
    if (by < 0) neighbour.before(row);
    else neighbour.after(row);
    button.focus();
  }

  #remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next ? this.#field(next, "label") : this.#list.parentElement.querySelector("[data-part=add-question]")).focus();
  }

  #field(row, key) {
    return row.querySelector(`[data-key="${key}"]`);
  }

  #changed() {
    this.onChange();
  }
}
