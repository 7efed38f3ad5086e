/** Every <details class="menu"> closes by Escape, by a click elsewhere, and by a choice in it. */
export function closeMenusOutside() {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      const isInside = menu.contains(event.target);
      const isChoice = isInside && event.target.closest(".menu-items button, .menu-items a");
      if (!isInside || isChoice) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    }
  }, true); // prettier-ignore
}

function openMenus() {
  return document.querySelectorAll("details.menu[open]");
}
