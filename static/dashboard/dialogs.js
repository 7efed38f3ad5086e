import { el } from "../shared/dom.js";

let number = 0;

/** Asks before something that cannot be taken back. Resolves true if it shall be done. */
export function confirmed({ title, text, action, kind = "danger" }) {
  const go = el("button", { type: "button", class: kind, "data-part": "confirm" }, action);
  const { dialog, closed } = openDialog({ title, content: [el("p", {}, text)], buttons: [cancelOf(), go] });
  go.addEventListener("click", () => dialog.close("yes"));
  return closed.then((answer) => answer === "yes");
}

/** Asks for a moment to come. Resolves with a Date, or null. */
export async function pickMoment({ title, action, suggestion }) {
  const field = el("input", { type: "datetime-local", required: true, "data-part": "moment", value: localMinute(suggestion), min: localMinute(new Date()) });
  const why = el("p", { class: "problem", role: "alert" });
  const go = el("button", { type: "button", class: "primary", "data-part": "confirm" }, action);
  const content = [el("label", { class: "field" }, "Date and time", field), why];
  const { dialog, closed } = openDialog({ title, content, buttons: [cancelOf(), go] });
  const choose = () => {
    if (new Date(field.value) > new Date()) dialog.close(field.value);
    else why.textContent = "Choose a moment that is still to come.";
  };
  go.addEventListener("click", choose);
  field.addEventListener("keydown", (event) => event.key === "Enter" && choose());
  const answer = await closed;
  return answer ? new Date(answer) : null;
}

/**
 * A modal <dialog> that goes away when it is closed, by Escape, a click beside it or a button; then the focus is where
 * it was, on the menu's button if it was in a menu. `closed` resolves with the dialog's value, "" if it was dismissed.
 */
export function openDialog({ title, content, buttons = [], className = "dialog" }) {
  const before = focused();
  const id = `dialog-${++number}`;
  const head = el("h2", { id }, title);
  const dialog = el("dialog", { class: className, "aria-labelledby": id }, head, ...content, el("div", { class: "buttons" }, ...buttons));
  const closed = new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus();
      resolve(dialog.returnValue);
    });
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(""));
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, closed };
}

function cancelOf() {
  return el("button", { type: "button", onclick: (event) => event.target.closest("dialog").close("") }, "Cancel");
}

function focused() {
  const node = document.activeElement;
  return node?.closest("details.menu")?.querySelector("summary") ?? node;
}

function localMinute(date) {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
