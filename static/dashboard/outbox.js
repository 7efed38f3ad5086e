const WAITS = [1000, 3000, 8000]; // ms before another attempt

/** Sends the agent's messages one after the other, so that they arrive in their order. */
export class Outbox {
  #api;
  #last = Promise.resolve();

  constructor(api) {
    this.#api = api;
  }

  /** Resolves with the stored message, or rejects with the last ApiError. The same clientId is stored once. */
  send(body) {
    const sending = this.#last.then(() => this.#attempt(body, 0));
    this.#last = sending.catch(() => {});
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
