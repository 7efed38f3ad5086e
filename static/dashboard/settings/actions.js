import { api } from "../boot.js";
import { confirmed } from "../dialogs.js";
import { done, told } from "./notices.js";

/** Buttons that ask for one thing: data-delete or data-post name the address, data-ask a question before it. */
export function startActions(root) {
  for (const button of root.querySelectorAll("[data-delete], [data-post]")) {
    button.addEventListener("click", () => act(button));
  }
  for (const select of root.querySelectorAll("[data-role]")) {
    let before = select.value;
    select.addEventListener("change", async () => {
      const changed = await attempt(() => api.patch(select.dataset.role, { role: select.value }), "The role is changed.");
      if (changed) before = select.value;
      else select.value = before;
    });
  }
}

async function act(button) {
  const { ask, why, go, delete: path, post, done: words, reload } = button.dataset;
  if (ask && !(await confirmed({ title: ask, text: why, action: go }))) return;
  button.disabled = true;
  const worked = await attempt(() => (path ? api.delete(path) : api.post(post)), words);
  button.disabled = false;
  if (!worked) return;
  if (reload !== undefined) location.reload();
  else leave(button.closest("[data-id]"));
}

async function attempt(call, words) {
  try {
    await call();
    if (words) done(words);
    return true;
  } catch (error) {
    told(error.message);
    return false;
  }
}

/** Takes a row away; the focus goes to its neighbour. */
function leave(row) {
  if (!row) return;
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (neighbour?.querySelector("button, select, a") ?? document.querySelector(".settings-page")).focus();
}
