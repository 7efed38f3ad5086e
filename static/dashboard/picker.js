/** Files for a draft: chosen by a button, dropped anywhere on the conversation, or pasted. */
export class FilePicker {
  #onFiles;
  #veil;
  #depth = 0; // of nested elements that something is dragged over

  /** `onFiles(files)` */
  constructor(root, zone, onFiles) {
    this.#onFiles = onFiles;
    this.#veil = zone.querySelector("[data-part=drop-veil]");
    this.#listenToButton(root.querySelector("[data-part=attach]"), root.querySelector("[data-part=files]"));
    this.#listenToDrops(zone);
    root.addEventListener("paste", (event) => this.#paste(event));
  }

  #listenToButton(button, input) {
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#onFiles([...input.files]);
      input.value = ""; // the same file may be chosen again
    });
  }

  #listenToDrops(zone) {
    const over = (event, step) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.#depth += step;
      this.#veil.hidden = this.#depth <= 0;
    };
    zone.addEventListener("dragenter", (event) => over(event, 1));
    zone.addEventListener("dragleave", (event) => over(event, -1));
    zone.addEventListener("dragover", (event) => over(event, 0));
    zone.addEventListener("drop", (event) => {
      over(event, -this.#depth);
      if (event.dataTransfer.files.length) this.#onFiles([...event.dataTransfer.files]);
    });
  }

  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return; // a text with a picture of itself
    event.preventDefault();
    this.#onFiles(files);
  }
}

function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files");
}
