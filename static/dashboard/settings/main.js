import { boot } from "../boot.js";
import { drawAvatar } from "../people.js";
import { full, short } from "../times.js";
import { startActions } from "./actions.js";
import { startChannel } from "./channel.js";
import { startCopying } from "./copy.js";
import { SettingsForm } from "./form.js";
import { startPicture } from "./picture.js";

for (const form of document.querySelectorAll("form[data-endpoint]")) new SettingsForm(form).start();
startActions(document);
startCopying(document);
startPicture(document.querySelector("[data-part=picture]"));
startChannel(document.querySelector("[data-part=channel-form]"));

for (const time of document.querySelectorAll("time[data-ago], time[data-date]")) {
  time.textContent = "ago" in time.dataset ? short(time.dateTime) : new Date(time.dateTime).toLocaleDateString();
  time.title = full(time.dateTime);
}
for (const node of document.querySelectorAll("[data-avatar]")) {
  drawAvatar(node, boot.agents.find(({ id }) => id === node.dataset.avatar));
}
document.querySelector(".settings-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
