import { el } from "../../shared/dom.js";
import { openDialog } from "../dialogs.js";
import { icon } from "../icon.js";
import { startCopying } from "./copy.js";

/** Shows what is shown once: a token, a link. The page is drawn anew when it is closed. */
export async function showSecret(words, secret) {
  const field = el("input", { type: "text", readonly: true, "aria-label": "Copy this", "data-part": "secret" });
  field.value = secret;
  const copy = el("button", { type: "button", "data-copy": true }, icon("copy"), el("span", { "aria-live": "polite" }, "Copy"));
  const box = el("div", { class: "copyable" }, field, copy);
  const close = el("button", { type: "button", class: "primary", onclick: (event) => event.target.closest("dialog").close() }, "Done");
  const { dialog, closed } = openDialog({ title: "Once only", content: [el("p", {}, words), box], buttons: [close] });
  startCopying(dialog);
  field.select();
  await closed;
  location.reload();
}
