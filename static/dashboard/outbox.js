const WAITS = [1000, 3000, 8000]; // ms before another attempt

/** Sends the agent's messages, those of one conversation one after the other, so that they arrive in their order. */
export class Outbox {
  #api;
  #last = new Map(); // conversation's id → the end of its queue

  constructor(api) {
    this.#api = api;
  }

  /**
   * `prepare()` resolves with the request's body, or rejects with what hinders it. Resolves with the stored message, or
   * rejects with the last ApiError. The same clientId is stored once.
   */
  send(conversationId, prepare) {
    const before = this.#last.get(conversationId) ?? Promise.resolve();
    const sending = before.then(prepare).then((body) => this.#attempt(body, 0));
    this.#last.set(conversationId, sending.catch(() => {})); // prettier-ignore
    return sending;
  }

  async #attempt(body, number) {
    try {
      return (await this.#api.post("/api/messages/send", body)).message;
    } catch (error) {
      if (!error.isPassing || number >= WAITS.length) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAITS[number] * (0.75 + Math.random() / 2)));
      return this.#attempt(body, number + 1);
    }
  }
}
