const DAY = 24 * 3600 * 1000; // ms

/**
 * Who the visitor is: the token, shared by all tabs through the store.
 *
 * Someone who only looks leaves nothing behind: the token of a newcomer is kept from his first message on.
 * The first tab that sends decides; the others take over its token, so that two tabs never become two visitors.
 */
export class Session {
  token = null;
  #api;
  #store;
  #widgetKey;
  #onChange;

  /** `onChange(answer)`: the token became another visitor's, and this is what init answered for him. */
  constructor(api, store, widgetKey, onChange) {
    this.#api = api;
    this.#store = store;
    this.#widgetKey = widgetKey;
    this.#onChange = onChange;
    store.watch("visitor", () => this.#follow().catch(() => {})); // claim() follows later if it fails now
  }

  /** Whether this visitor has written before. */
  get kept() {
    return this.#store.read("visitor") !== null;
  }

  /** Begins the visit. Returns what init answers. */
  async begin() {
    const kept = this.#store.read("visitor");
    const answer = await this.#init(kept?.token);
    this.token = kept?.token ?? answer.visitorToken;
    const stale = kept && (answer.conversation === null || Date.now() - kept.since > DAY);
    if (stale) this.#keep(answer.visitorToken); // the year begins anew, or the old token was no longer good
    return answer;
  }

  /** What init answers for the present token. */
  look() {
    return this.#init(this.token);
  }

  /** Makes the token that of all tabs, before the first message is sent with it. */
  claim() {
    return this.#store.exclusively(() => {
      if (!this.kept) return this.#keep(this.token);
      return this.#follow();
    });
  }

  /** Runs `call(token)`; if the token is refused, once more with a new one. */
  async withToken(call) {
    const token = this.token;
    try {
      return await call(token);
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      await this.renew(token);
      return call(this.token);
    }
  }

  /** Gets another token for the refused one, or takes over the one that another tab already got. */
  renew(refused) {
    return this.#store.exclusively(async () => {
      if (this.token !== refused) return;
      const kept = this.#store.read("visitor");
      if (kept && kept.token !== refused) {
        await this.#follow();
        return;
      }
      const answer = await this.#init(refused);
      if (kept) this.#keep(answer.visitorToken);
      this.token = answer.visitorToken;
      this.#onChange(answer);
    });
  }

  /** Takes over the kept token if another tab has changed it. */
  async #follow() {
    const kept = this.#store.read("visitor");
    if (!kept || this.token === null || kept.token === this.token) return;
    const answer = await this.#init(kept.token);
    this.token = kept.token;
    this.#onChange(answer);
  }

  #keep(token) {
    this.token = token;
    this.#store.write("visitor", { token, since: Date.now() });
  }

  #init(visitorToken) {
    return this.#api.init({ widgetKey: this.#widgetKey, visitorToken: visitorToken ?? undefined });
  }
}
