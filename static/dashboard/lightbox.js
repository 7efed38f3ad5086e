import { el } from "../shared/dom.js";
import { pathOf } from "./files.js";
import { icon } from "./icon.js";

/** Pictures large, over everything: arrows go through them, Escape and a click beside them close. */
export class Lightbox {
  #dialog;
  #pictures = [];
  #at = 0;

  /** `pictures`: attachments with a url. `at`: which one to begin with. The focus goes back to where it was. */
  show(pictures, at) {
    const before = document.activeElement;
    this.#pictures = pictures;
    this.#at = at;
    this.#dialog = this.#make();
    this.#dialog.addEventListener("close", () => {
      this.#dialog.remove();
      before?.focus();
    });
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#draw();
  }

  #make() {
    const dialog = el("dialog", { class: "lightbox", "data-part": "lightbox", "aria-label": "Picture" });
    dialog.addEventListener("click", (event) => event.target.closest("a, button, img") || dialog.close());
    dialog.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) this.#go(step);
    });
    return dialog;
  }

  #go(step) {
    const to = this.#at + step;
    if (to < 0 || to >= this.#pictures.length) return;
    const label = document.activeElement?.getAttribute("aria-label");
    this.#at = to;
    this.#draw();
    this.#dialog.querySelector(`[aria-label="${label}"]:not(:disabled)`)?.focus();
  }

  #draw() {
    const { name, url, width, height } = this.#pictures[this.#at];
    const path = pathOf(url);
    const place = this.#pictures.length > 1 ? `${this.#at + 1} of ${this.#pictures.length}` : "";
    this.#dialog.replaceChildren(
      el("header", {}, el("p", {}, el("bdi", {}, name), el("span", { class: "soft" }, place)), download(path, name), this.#close()),
      this.#step("chevron-left", "Earlier picture", -1),
      el("img", { src: path, alt: name, width, height }),
      this.#step("chevron-right", "Later picture", 1),
    );
    this.#dialog.querySelector("[data-part=lightbox-close]").focus();
  }

  #close() {
    return el("button", { type: "button", class: "icon-only", "data-part": "lightbox-close", "aria-label": "Close", onclick: () => this.#dialog.close() }, icon("x"));
  }

  #step(glyph, label, step) {
    const to = this.#at + step;
    const isThere = to >= 0 && to < this.#pictures.length;
    return el("button", { type: "button", class: "icon-only step", "aria-label": label, disabled: !isThere, hidden: this.#pictures.length < 2, onclick: () => this.#go(step) }, icon(glyph));
  }
}

function download(path, name) {
  return el("a", { class: "icon-only", href: path, download: name, "aria-label": "Download", title: "Download" }, icon("download"));
}
