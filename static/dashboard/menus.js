const ITEMS = ".menu-items :is(button, a, input):not([hidden], [disabled])";

/**
 * Every <details class="menu"> closes by Escape, by a click elsewhere, by a choice in it, and when the focus leaves it;
 * the arrow keys, Home and End walk through its items. The focus is on its button again afterwards.
 */
export function closeMenusOutside() {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      const isInside = menu.contains(event.target);
      const isChoice = isInside && event.target.closest(".menu-items button, .menu-items a");
      if (isChoice) closeMenu(menu);
      else if (!isInside) menu.open = false;
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    for (const menu of openMenus()) {
      if (event.key === "Escape") closeByKey(menu, event);
      else walk(menu, event);
    }
  }, true); // prettier-ignore
}

/** Opens a menu as its button does, with the focus on its first item. */
export function openMenu(menu) {
  menu.open = true;
  shownItems(menu)[0]?.focus();
}

/** Closes a menu; a focus that was in it goes to its button. */
export function closeMenu(menu) {
  const hadFocus = menu.contains(document.activeElement);
  menu.open = false;
  if (hadFocus) menu.querySelector("summary").focus();
}

function closeByKey(menu, event) {
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopPropagation();
}

function walk(menu, event) {
  if (!menu.contains(event.target)) return;
  const items = shownItems(menu);
  const at = items.indexOf(event.target);
  const isTyping = event.target.matches("input");
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: isTyping ? NaN : 0, End: isTyping ? NaN : -1 }[event.key];
  if (Number.isNaN(to ?? NaN)) return;
  event.preventDefault();
  items.at(to >= items.length ? 0 : to)?.focus();
}

function shownItems(menu) {
  return [...menu.querySelectorAll(ITEMS)].filter((item) => item.checkVisibility());
}

function openMenus() {
  return document.querySelectorAll("details.menu[open]");
}
