import { api } from "../boot.js";
import { ApiError } from "../api.js";
import { done, told } from "./notices.js";
import { showSecret } from "./secret.js";
import { valuesOf, fill } from "./values.js";

const KEPT = "deskbell:form:";

/**
 * A form whose fields' names are the paths of their values in what is sent to data-endpoint. Errors stand at their
 * fields; what was typed is never lost: not by an error, not by leaving without saving, not by signing in again, and
 * not by somebody else who saved first.
 */
export class SettingsForm {
  #form;
  #version;
  #saved; // what the fields said when they were last saved
  #theirs = null;

  constructor(form) {
    this.#form = form;
    this.#version = form.dataset.version && Number(form.dataset.version);
    this.#saved = JSON.stringify(valuesOf(form));
  }

  start() {
    this.#form.noValidate = true; // the server says what is wrong, in one voice
    const save = this.#part("save");
    if (save) save.disabled = false; // until now the browser itself would have sent the form
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#part("take-theirs")?.addEventListener("click", () => this.#takeTheirs());
    this.#part("keep-mine")?.addEventListener("click", () => this.#keepMine());
    window.addEventListener("beforeunload", (event) => this.#isChanged && event.preventDefault());
    this.#restore();
  }

  get #isChanged() {
    const asksForNothing = "secret" in this.#form.dataset || "clear" in this.#form.dataset;
    return !asksForNothing && JSON.stringify(valuesOf(this.#form)) !== this.#saved;
  }

  #part(name) {
    return this.#form.querySelector(`[data-part="${name}"]`);
  }

  #submit(event) {
    event.preventDefault();
    this.#save();
  }

  async #save() {
    const { endpoint, method } = this.#form.dataset;
    const body = { ...valuesOf(this.#form), ...(this.#version && { version: this.#version }) };
    this.#busy(true);
    this.#showErrors({}, "");
    try {
      const answer = await (method === "POST" ? api.post(endpoint, body) : api.patch(endpoint, body));
      this.#succeeded(answer);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#failed(error);
    } finally {
      this.#busy(false);
    }
  }

  #succeeded(answer) {
    const { answer: key, goTo, secret, clear, done: words } = this.#form.dataset;
    this.#saved = JSON.stringify(valuesOf(this.#form));
    const changed = answer[key];
    if (changed?.version) this.#version = changed.version;
    if (goTo) return location.assign(goTo + changed.id);
    if (secret) return showSecret(secret, answer.secret ?? answer.url);
    if (clear !== undefined) this.#form.reset();
    this.#form.dispatchEvent(new CustomEvent("saved", { detail: changed }));
    return done(words ?? "Saved.");
  }

  #failed(error) {
    if (error.status === 401) return this.#keep(); // on the way to sign in
    if (error.status === 409 && error.current) return this.#conflict(error);
    return this.#showErrors(error.errors ?? {}, error.message);
  }

  #busy(isBusy) {
    const save = this.#part("save");
    save.disabled = isBusy;
    this.#form.setAttribute("aria-busy", isBusy);
    if (!isBusy && document.activeElement === document.body) save.focus(); // a disabled button has lost it
  }

  /** Errors by field: the inner ones of "settings" come as "texts: title: why". */
  #showErrors(errors, text) {
    for (const note of this.#form.querySelectorAll(".note[data-hint]")) {
      note.textContent = note.dataset.hint;
      note.classList.remove("wrong");
    }
    for (const field of this.#form.elements) field.removeAttribute("aria-invalid");
    let first = null;
    for (const [path, why] of flat(errors)) first ??= this.#showError(path, why);
    const problem = this.#part("form-problem");
    if (problem) problem.textContent = first || !text ? "" : text;
    first?.focus();
    if (text && first) told(`Not saved: ${text}`);
  }

  #showError(path, why) {
    const field = this.#form.elements.namedItem(path) ?? this.#form.elements.namedItem(path.replace(/\.\d+.*$/, ""));
    const note = document.getElementById(`n-${path}`) ?? document.getElementById(`n-${path.replace(/\.\d+.*$/, "")}`);
    if (note) {
      note.textContent = why;
      note.classList.add("wrong");
    }
    field?.setAttribute?.("aria-invalid", "true");
    return field?.focus ? field : null;
  }

  // Somebody else was first

  #conflict(error) {
    this.#theirs = error.current;
    this.#part("conflict").hidden = false;
    this.#part("conflict-text").textContent = "Somebody else changed these settings meanwhile. Yours are not saved yet.";
    this.#part("keep-mine").focus();
  }

  #takeTheirs() {
    this.#version = this.#theirs.version;
    fill(this.#form, this.#theirs);
    this.#form.dispatchEvent(new CustomEvent("taken", { detail: this.#theirs }));
    this.#saved = JSON.stringify(valuesOf(this.#form));
    this.#part("conflict").hidden = true;
  }

  #keepMine() {
    this.#version = this.#theirs.version;
    this.#part("conflict").hidden = true;
    this.#save();
  }

  // Signed out meanwhile

  #keep() {
    const values = valuesOf(this.#form);
    this.#saved = JSON.stringify(values); // leaving is wanted
    if ([...this.#form.elements].some(({ type }) => type === "password")) return;
    sessionStorage.setItem(KEPT + this.#form.dataset.endpoint, JSON.stringify(values));
  }

  #restore() {
    const key = KEPT + this.#form.dataset.endpoint;
    const kept = sessionStorage.getItem(key);
    if (!kept) return;
    sessionStorage.removeItem(key);
    const values = JSON.parse(kept);
    fill(this.#form, values);
    this.#form.dispatchEvent(new CustomEvent("taken", { detail: values }));
    told("You were signed out before this was saved. What you typed is here again.");
  }
}

/** [path, why] of every error: {"settings": ["texts: title: Too long."]} is "settings.texts.title". */
function flat(errors) {
  return Object.entries(errors).map(([name, [why]]) => {
    const parts = why.split(": ");
    const text = parts.pop();
    return [[name, ...parts].join("."), text];
  });
}
