import { newId } from "../shared/ids.js";

const SETTINGS = "deskbell-preview"; // the id of the page's element that holds them, as JSON

/**
 * Stands in for the chat where settings are only looked at: the channel's public settings come from the page, and
 * from its `deskbell:preview` events; what is written goes nowhere. No request is made.
 */
export class Preview {
  config = JSON.parse(document.getElementById(SETTINGS).textContent);
  contact = null;
  refusal = null;
  connected = true;
  conversation = { facts: null, older: async () => [], refresh: async () => {}, markRead: () => {} };
  typists = { names: [] };
  #timeline;

  constructor({ timeline, onChange }) {
    this.#timeline = timeline;
    document.addEventListener("deskbell:preview", (event) => {
      this.config = event.detail;
      onChange();
    });
  }

  async keepStarting() {}

  setOpen() {}

  typed() {}

  stopTyping() {}

  async upload({ name, type, size }) {
    return { id: newId(), name, contentType: type, size, url: null, width: null, height: null };
  }

  send(text, uploads) {
    const entry = this.#timeline.begin({ clientId: newId(), text, uploads });
    const seq = this.#timeline.lastSeq + 1;
    this.#timeline.upsert({ ...entry, id: entry.clientId, seq, status: "SENT" });
  }
}
