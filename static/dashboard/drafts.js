import { keep, kept } from "./kept.js";

/** What an agent has begun to write, for each conversation and kind ("reply" or "note"); texts survive a reload. */
export class Drafts {
  #prefix;

  constructor(agentId) {
    this.#prefix = `deskbell:draft:${agentId}:`;
  }

  /** {text, replyTo}; replyTo: {id, text, role, name} or null. */
  get(conversationId, kind) {
    return kept(this.#key(conversationId, kind), { text: "", replyTo: null });
  }

  set(conversationId, kind, { text, replyTo }) {
    keep(this.#key(conversationId, kind), text || replyTo ? { text, replyTo } : null);
  }

  #key(conversationId, kind) {
    return `${this.#prefix}${conversationId}:${kind}`;
  }
}
