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

  /**
   * Answers {attachment}. `onProgress(share)` hears how much of the file has left, 0 to 1; aborting the `signal` rejects
   * with an AbortError.
   */
  upload(token, file, { onProgress, signal }) {
    const form = new FormData();
    form.append("file", file, file.name);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // fetch tells of no progress
      request.open("POST", new URL("attachments", this.#base));
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
      request.addEventListener("load", () => settle(request, resolve, reject));
      request.addEventListener("error", () => reject(new Problem(0, "No connection.")));
      request.addEventListener("abort", () => reject(new DOMException("Cancelled.", "AbortError")));
      signal.addEventListener("abort", () => request.abort());
      request.send(form);
    });
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
    if (!response.ok) throw await problemOfResponse(response);
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

async function problemOfResponse(response) {
  return problemOf(response.status, await response.json().catch(() => ({})), response.headers.get("Retry-After"));
}

function problemOf(status, body, retryAfter) {
  const detail = body.detail || body.title || `The server answered ${status}.`;
  return new Problem(status, detail, { errors: body.errors, retryAfter: waitOf(retryAfter) });
}

/** What is wrong with a file says the first word on its field, if there is one. */
function settle(request, resolve, reject) {
  const body = parsed(request.responseText);
  if (request.status < 300 && body.attachment) return resolve(body);
  if (request.status < 300) return reject(new Problem(0, "The connection broke off."));
  const detail = Object.values(body.errors ?? {})[0]?.[0] ?? body.detail;
  reject(problemOf(request.status, { ...body, detail }, request.getResponseHeader("Retry-After")));
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** Retry-After (seconds, or a date) in ms; null without one. */
function waitOf(header) {
  if (!header) return null;
  const wait = /^\d+$/.test(header) ? header * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}
