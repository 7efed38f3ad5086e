const SIZE = 64; // px

/** The number of waiting conversations, on the page's title and on its icon in the browser's tab. */
export class Favicon {
  #link = document.querySelector("link[rel=icon]");
  #plain = this.#link.href;
  #title = document.title;
  #shown = 0;
  #made = null;

  show(count) {
    document.title = count ? `(${count}) ${this.#title}` : this.#title;
    if (count === this.#shown) return;
    this.#shown = count;
    if (count) this.#draw(count);
    else this.#use(this.#plain);
  }

  async #draw(count) {
    const picture = new Image(SIZE, SIZE);
    picture.src = this.#plain;
    await picture.decode().catch(() => {});
    const canvas = new OffscreenCanvas(SIZE, SIZE);
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0, SIZE, SIZE);
    badge(context, count > 9 ? "9+" : String(count));
    const blob = await canvas.convertToBlob();
    if (count === this.#shown) this.#use(URL.createObjectURL(blob));
  }

  #use(address) {
    if (this.#made) URL.revokeObjectURL(this.#made);
    this.#made = address === this.#plain ? null : address;
    this.#link.href = address;
  }
}

function badge(context, text) {
  context.fillStyle = "#d92d20";
  context.beginPath();
  context.arc(44, 20, 20, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#fff";
  context.font = `700 ${text.length > 1 ? 24 : 30}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, 44, 21);
}
