const FIRST_WAIT = 1000; // ms before another attempt; then twice as long each time
const LONGEST_WAIT = 20_000; // ms
const FILES_LOST = "Its files were not uploaded before the page was closed.";

/**
 * Sends the agent's messages, those of one conversation one after the other, so that they arrive in their order. What
 * cannot leave now waits and leaves by itself, also after a reload; of several tabs one sends it. The same clientId is
 * stored once, whatever happens.
 */
export class Outbox {
  #api;
  #unsent;
  #last = new Map(); // conversation's id → the end of its queue
  #sending = new Map(); // clientId → the promise of it
  #sleeping = new Set(); // wake-up calls of those that wait

  constructor(api, unsent) {
    this.#api = api;
    this.#unsent = unsent;
    window.addEventListener("online", () => this.wake());
  }

  /** Goes on with what was left by an earlier page, or by another tab. */
  resume() {
    for (const message of this.#unsent.all) {
      if (message.hadFiles && !message.attachmentIds) this.#unsent.change(message.clientId, { problem: FILES_LOST });
      else if (!message.problem) this.send(message).catch(() => {}); // prettier-ignore
    }
  }

  /** The connection is back. */
  wake() {
    for (const wake of this.#sleeping) wake();
  }

  /**
   * Sends a message that is among the unsent. `files()` resolves with the ids of its files; `onWait()` hears that it has
   * to wait. Resolves with the stored message, or null if another tab has sent it or it was discarded; rejects with the
   * ApiError that is final.
   */
  send(message, { files = async () => message.attachmentIds ?? [], onWait = () => {} } = {}) {
    const { clientId, conversationId } = message;
    if (this.#sending.has(clientId)) return this.#sending.get(clientId);
    const before = this.#last.get(conversationId) ?? Promise.resolve();
    const sending = before.then(() => alone(clientId, () => this.#deliver(message, files, onWait)));
    this.#sending.set(clientId, sending);
    const ended = sending.catch(() => {}).then(() => this.#sending.delete(clientId)); // prettier-ignore
    this.#last.set(conversationId, ended);
    return sending;
  }

  async #deliver(message, files, onWait) {
    const { clientId } = message;
    if (!this.#unsent.has(clientId)) return null;
    try {
      const attachmentIds = await files();
      if (attachmentIds.length) this.#unsent.change(clientId, { attachmentIds });
      const stored = await this.#attempt(bodyOf(message, attachmentIds), onWait);
      this.#unsent.remove(clientId);
      return stored;
    } catch (error) {
      this.#unsent.change(clientId, { problem: error.message });
      throw error;
    }
  }

  async #attempt(body, onWait) {
    for (let wait = FIRST_WAIT; this.#unsent.has(body.clientId); wait = Math.min(LONGEST_WAIT, 2 * wait)) {
      try {
        return (await this.#api.post("/api/messages/send", body)).message;
      } catch (error) {
        if (!error.isPassing) throw error;
      }
      onWait();
      await this.#sleep(wait * (0.5 + Math.random()));
    }
    return null;
  }

  #sleep(wait) {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleeping.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, wait);
      this.#sleeping.add(wake);
    });
  }
}

/** Of all this browser's tabs only one does it at a time. On an insecure address there are no locks: the clientId helps. */
function alone(clientId, act) {
  return navigator.locks ? navigator.locks.request(`deskbell:send:${clientId}`, act) : act();
}

function bodyOf({ conversationId, text, clientId, private: isPrivate, replyTo }, attachmentIds) {
  const body = { conversationId, text, clientId, private: isPrivate, replyTo: replyTo?.id ?? null };
  return attachmentIds.length ? { ...body, attachmentIds } : body;
}
