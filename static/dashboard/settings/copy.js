const SHOWN = 2000; // ms

/** Buttons that copy the field beside them, and those that show a hidden one. */
export function startCopying(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
  for (const button of root.querySelectorAll("[data-reveal]")) button.addEventListener("click", () => reveal(button));
}

async function copy(button) {
  const field = fieldOf(button);
  const copied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false); // prettier-ignore
  if (!copied) {
    field.type = "text";
    field.select();
  }
  const label = button.querySelector("span");
  label.textContent = copied ? "Copied" : "Press Ctrl+C";
  setTimeout(() => (label.textContent = "Copy"), SHOWN);
}

function reveal(button) {
  const field = fieldOf(button);
  const isShown = field.type === "text";
  field.type = isShown ? "password" : "text";
  button.setAttribute("aria-pressed", !isShown);
  button.querySelector("span").textContent = isShown ? "Show" : "Hide";
}

function fieldOf(button) {
  return button.closest(".copyable").querySelector("input");
}
