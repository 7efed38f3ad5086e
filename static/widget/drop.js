import { el, icon } from "../shared/dom.js";

const TRAY = "M12 16V4M7 9l5-5 5 5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3";

/** Takes files that are dropped on `target`, and shows that it does while they are held over it. */
export class DropZone {
  node = el("div", { class: "drop", "aria-hidden": "true", "data-part": "drop", hidden: true });
  #target;
  #onFiles;
  #depth = 0; // of the elements that the pointer has entered and not left

  /** `onFiles(array of File)` */
  constructor(target, onFiles) {
    this.#target = target;
    this.#onFiles = onFiles;
    this.node.append(el("div", {}, icon(TRAY), el("span", {}, "Drop to attach")));
    this.#listen("dragenter", () => this.#enter(1));
    this.#listen("dragleave", () => this.#enter(-1));
    this.#listen("dragover", (event) => (event.dataTransfer.dropEffect = "copy"));
    this.#listen("drop", (event) => this.#drop(event));
  }

  /** What is dragged and is no file, a text, is none of our business. */
  #listen(name, listener) {
    this.#target.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      listener(event);
    });
  }

  #enter(step) {
    this.#depth = Math.max(0, this.#depth + step);
    this.node.hidden = this.#depth === 0;
  }

  #drop({ dataTransfer }) {
    this.#enter(-this.#depth);
    this.#onFiles(filesOf(dataTransfer));
  }
}

/** The files of a drop or a paste; folders are none. */
export function filesOf({ items }) {
  const files = [...items].filter((item) => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory);
  return files.map((item) => item.getAsFile()).filter(Boolean);
}
