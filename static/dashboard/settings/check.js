import { setText } from "../../shared/dom.js";

const ASK_EVERY = 2000; // ms
const PATIENCE = 60_000; // ms

/** Opens the site in a tab of its own, whose loader then tells the server that it is there; looks until that is seen. */
export class Check {
  #form;
  #api;
  #asking;

  constructor(form, api) {
    this.#form = form;
    this.#api = api;
  }

  start() {
    this.#form.addEventListener("submit", (event) => this.#check(event));
  }

  async #check(event) {
    event.preventDefault();
    clearInterval(this.#asking);
    const site = addressOf(this.#form.elements.site.value);
    if (!site) return this.#say("Give the address of your website, such as https://www.example.com.", true);
    const began = Date.now();
    const before = await this.#seenAt();
    site.hash = "deskbell-check";
    window.open(site, "_blank", "noopener");
    this.#say("Looking…");
    this.#asking = setInterval(async () => {
      const seen = await this.#installation();
      if (seen && seen.seenAt !== before) this.#found(seen);
      else if (Date.now() - began > PATIENCE) this.#gaveUp();
    }, ASK_EVERY);
  }

  async #installation() {
    const answer = await this.#api.get(`/api/channels/${this.#form.dataset.channel}`).catch(() => null);
    return answer?.channel.installation ?? null;
  }

  async #seenAt() {
    return (await this.#installation())?.seenAt ?? null;
  }

  #found({ origin }) {
    clearInterval(this.#asking);
    this.#say(`It works: the chat was loaded on ${origin}.`);
  }

  #gaveUp() {
    clearInterval(this.#asking);
    this.#say(
      "Nothing was seen. Is the line on that page? Does the page's Content-Security-Policy allow this address in script-src and connect-src? Is the website on the list of those that may use it?",
      true,
    );
  }

  #say(text, isWrong = false) {
    const result = this.#form.querySelector("[data-part=check-result]");
    setText(result, text);
    result.classList.toggle("wrong", isWrong);
  }
}

function addressOf(text) {
  try {
    const url = new URL(/^https?:/i.test(text) ? text : `https://${text}`);
    return ["http:", "https:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}
