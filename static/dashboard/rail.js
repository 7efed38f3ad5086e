import { boot } from "./boot.js";
import { closeMenusOutside } from "./menus.js";
import { drawAvatar } from "./people.js";

const THEME = "deskbell:theme";
const choices = document.querySelectorAll("[data-theme-choice]");

drawAvatar(document.querySelector("[data-part=my-avatar]"), boot.me);
closeMenusOutside();
showTheme();
for (const choice of choices) choice.addEventListener("click", () => choose(choice.dataset.themeChoice));
window.addEventListener("storage", (event) => event.key === THEME && applyTheme(event.newValue ?? ""));

function choose(theme) {
  try {
    localStorage.setItem(THEME, theme);
  } catch {
    // storage is denied: the choice lasts as long as the page
  }
  applyTheme(theme);
}

function applyTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  showTheme();
}

function showTheme() {
  const chosen = document.documentElement.dataset.theme ?? "";
  for (const choice of choices) choice.setAttribute("aria-pressed", choice.dataset.themeChoice === chosen);
}
