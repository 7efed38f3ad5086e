const TIMEOUT = 20_000; // ms

/** What went wrong with a call. `status` 0: no answer came. `retryAfter`: ms, or null. */
export class Problem extends Error {
  constructor(status, detail, { errors = {}, retryAfter = null } = {}) {
    super(detail);
    this.status = status;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** The visitor's door, /api/widget/*. Every call answers parsed JSON or throws Problem. */
export class Api {
  #base;

  constructor(home) {
    this.#base = new URL("api/widget/", home);
  }

  config(widgetKey) {
    return this.#call("GET", "config", { query: { widgetKey } });
  }

  init(body) {
    return this.#call("POST", "init", { body });
  }

  send(token, body) {
    return this.#call("POST", "messages", { token, body });
  }

  /** `query`: {conversationId, after | before}. */
  messages(token, query) {
    return this.#call("GET", "messages", { token, query });
  }

  read(token, seq) {
    return this.#call("POST", "read", { token, body: { seq } });
  }

  async #call(method, path, { token, query = {}, body }) {
    const url = new URL(path, this.#base);
    url.search = new URLSearchParams(query);
    const response = await this.#fetch(url, {
      method,
      headers: headers(token, body),
      body: body && JSON.stringify(body),
      credentials: "omit",
      keepalive: method === "POST", // a message sent just before the page is left still goes out
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (!response.ok) throw await problemOf(response);
    return this.#json(response);
  }

  async #fetch(url, options) {
    try {
      return await fetch(url, options);
    } catch {
      throw new Problem(0, "No connection.");
    }
  }

  async #json(response) {
    try {
      return await response.json();
    } catch {
      throw new Problem(0, "The connection broke off.");
    }
  }
}

function headers(token, body) {
  const found = {};
  if (token) found.Authorization = `Bearer ${token}`;
  if (body) found["Content-Type"] = "application/json";
  return found;
}

async function problemOf(response) {
  const problem = await response.json().catch(() => ({}));
  const detail = problem.detail || problem.title || `The server answered ${response.status}.`;
  const retryAfter = waitOf(response.headers.get("Retry-After"));
  return new Problem(response.status, detail, { errors: problem.errors, retryAfter });
}

/** Retry-After (seconds, or a date) in ms; null without one. */
function waitOf(header) {
  if (!header) return null;
  const wait = /^\d+$/.test(header) ? header * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}
