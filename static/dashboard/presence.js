/** Who is there: customers and colleagues, as far as the server has told. */
export class Presence {
  #api;
  #onChange;
  #customers = new Map(); // contact's id → {online, lastSeenAt, page}
  #agents = new Set();

  constructor(api, { agents, onChange }) {
    this.#api = api;
    this.#onChange = onChange;
    this.#agents = new Set(agents.filter(({ online }) => online).map(({ id }) => id));
  }

  isOnline(contactId) {
    return this.#customers.get(contactId)?.online ?? false;
  }

  /** {online, lastSeenAt, page} of a customer, or null if nothing was told. */
  of(contactId) {
    return this.#customers.get(contactId) ?? null;
  }

  isAgentOnline(agentId) {
    return this.#agents.has(agentId);
  }

  /** Asks who is there: what happened while this page did not hear is not told again. */
  async ask() {
    const answer = await this.#api.get("/api/presence").catch(() => null);
    if (!answer) return;
    const here = new Set(answer.contactIds);
    for (const [id, state] of this.#customers) if (!here.has(id)) this.#customers.set(id, { ...state, online: false });
    for (const id of here) this.#customers.set(id, { page: null, lastSeenAt: null, ...this.#customers.get(id), online: true });
    this.#agents = new Set(answer.agentIds);
    this.#onChange();
  }

  hear({ contactId, agentId, online, lastSeenAt, page }) {
    if (contactId) this.#customers.set(contactId, { online, lastSeenAt, page });
    else if (online) this.#agents.add(agentId);
    else this.#agents.delete(agentId);
    this.#onChange();
  }
}
