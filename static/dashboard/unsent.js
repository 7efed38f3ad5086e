import { keep, kept } from "./kept.js";

/** What an agent sent and the server has not confirmed: it survives a reload, and is not sent twice thanks to its clientId. */
export class Unsent {
  #key;

  constructor(agentId) {
    this.#key = `deskbell:unsent:${agentId}`;
  }

  of(conversationId) {
    return Object.values(this.#all).filter((message) => message.conversationId === conversationId);
  }

  /** `message`: {clientId, conversationId, text, private, replyTo, attachments, createdAt}. */
  add(message) {
    keep(this.#key, { ...this.#all, [message.clientId]: message });
  }

  remove(clientId) {
    const { [clientId]: known, ...others } = this.#all;
    if (known) keep(this.#key, Object.keys(others).length ? others : null);
  }

  get #all() {
    return kept(this.#key, {});
  }
}
