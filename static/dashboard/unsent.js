import { keep, kept } from "./kept.js";

const MOST = 200; // messages: more than that is no pause of the connection

/**
 * What an agent sent and the server has not confirmed, oldest first. It survives a reload and is shared by this browser's
 * tabs. Where storage is denied or full it lasts as long as the page. `onChange()` hears what other tabs do, too.
 */
export class Unsent {
  onChange = () => {};
  #key;
  #here = {}; // what could not be kept

  constructor(agentId) {
    this.#key = `deskbell:unsent:${agentId}`;
    window.addEventListener("storage", ({ key }) => key === this.#key && this.onChange());
  }

  /** [{clientId, conversationId, text, private, replyTo, attachments, createdAt, attachmentIds?, hadFiles?, problem?}] */
  get all() {
    const all = Object.values({ ...kept(this.#key, {}), ...this.#here });
    return all.sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  }

  of(conversationId) {
    return this.all.filter((message) => message.conversationId === conversationId);
  }

  has(clientId) {
    return clientId in this.#here || clientId in kept(this.#key, {});
  }

  add(message) {
    const stored = kept(this.#key, {});
    if (Object.keys(stored).length < MOST) keep(this.#key, { ...stored, [message.clientId]: message });
    const isKept = kept(this.#key, {})[message.clientId]?.createdAt === message.createdAt;
    if (!isKept) this.#here[message.clientId] = message;
  }

  /** Something about it is known now. */
  change(clientId, fields) {
    const message = this.#here[clientId] ?? kept(this.#key, {})[clientId];
    if (message) this.add({ ...message, ...fields });
  }

  remove(clientId) {
    delete this.#here[clientId];
    const { [clientId]: known, ...others } = kept(this.#key, {});
    if (known) keep(this.#key, Object.keys(others).length ? others : null);
  }
}
