import { api, boot } from "../boot.js";
import { drawAvatar } from "../people.js";
import { done } from "./notices.js";

/** The agent's picture: chosen or dropped, shown at once, removed. */
export function startPicture(root) {
  if (!root) return;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const file = part("picture-file");
  draw(boot.me);
  part("choose-picture").addEventListener("click", () => file.click());
  part("remove-picture").addEventListener("click", () => attempt(() => api.delete("/api/me/avatar"), "The picture is removed."));
  file.addEventListener("change", () => send(file.files[0]));
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    send(event.dataTransfer.files[0]);
  });

  function send(picture) {
    if (picture) attempt(() => api.upload("/api/me/avatar", picture, () => {}), "The picture is changed.");
    file.value = "";
  }

  async function attempt(call, words) {
    part("picture-problem").textContent = "";
    try {
      const { agent } = await call();
      draw(agent);
      done(words);
    } catch (error) {
      part("picture-problem").textContent = error.message;
    }
  }

  function draw(agent) {
    drawAvatar(part("picture-shown"), agent);
    drawAvatar(document.querySelector("[data-part=my-avatar]"), agent);
    part("remove-picture").hidden = !agent.avatarUrl;
  }
}
