import { Toasts } from "../toasts.js";

const toasts = new Toasts(document.querySelector('[data-part="toasts"]'));

/** Something worked. */
export function done(text) {
  toasts.show(text, "done");
}

/** Something the agent should know. */
export function told(text) {
  toasts.show(text);
}
