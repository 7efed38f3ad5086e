const PHONE = matchMedia("(max-width: 480px)");
const FOCUSABLE = "button:not(:disabled), textarea:not(:disabled), input:not(:disabled), a[href], [tabindex='0']";

/** On a phone the open panel covers the page: it holds the focus, the page stays put, the keyboard hides nothing. */
export class Modal {
  #node;
  #isOpen = false;
  #scrolling = null; // the page's own overflow and its priority, while it is held

  constructor(node) {
    this.#node = node;
    node.addEventListener("keydown", (event) => event.key === "Tab" && this.covers && this.#keepFocus(event));
    PHONE.addEventListener("change", () => this.#apply());
    for (const name of ["resize", "scroll"]) window.visualViewport?.addEventListener(name, () => this.#fit());
  }

  set(isOpen) {
    this.#isOpen = isOpen;
    this.#apply();
  }

  get covers() {
    return this.#isOpen && PHONE.matches;
  }

  #apply() {
    if (this.covers) this.#node.setAttribute("aria-modal", "true");
    else this.#node.removeAttribute("aria-modal");
    this.#holdPage();
    this.#fit();
  }

  #holdPage() {
    const { style } = document.documentElement;
    const present = [style.getPropertyValue("overflow"), style.getPropertyPriority("overflow")];
    if (this.covers && !this.#scrolling) {
      this.#scrolling = present;
      style.setProperty("overflow", "hidden", "important");
    } else if (!this.covers && this.#scrolling) {
      style.setProperty("overflow", ...this.#scrolling);
      this.#scrolling = null;
    }
  }

  /** The keyboard lies over the page: the panel takes the part that is left. */
  #fit() {
    const seen = window.visualViewport;
    const isPart = this.covers && seen?.scale === 1;
    this.#node.style.height = isPart ? `${seen.height}px` : "";
    this.#node.style.top = isPart ? `${seen.offsetTop}px` : "";
  }

  /** Tab goes round inside. */
  #keepFocus(event) {
    const inside = [...this.#node.querySelectorAll(FOCUSABLE)].filter((node) => node.checkVisibility());
    const [edge, to] = event.shiftKey ? [inside[0], inside.at(-1)] : [inside.at(-1), inside[0]];
    const active = this.#node.getRootNode().activeElement;
    if (active !== edge && inside.includes(active)) return;
    event.preventDefault();
    to.focus();
  }
}
