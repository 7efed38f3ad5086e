/** An answer that is an error: {status, message, errors}. status 0: no answer at all. */
export class ApiError extends Error {
  constructor(status, detail, errors = {}) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }

  /** Whether the same request may succeed later. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const NO_ANSWER = "Deskbell cannot be reached.";

/** Calls of the agent's door, with the session's cookie and its CSRF token. */
export class Api {
  #csrfToken;

  constructor(csrfToken) {
    this.#csrfToken = csrfToken;
  }

  get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== "" && value != null);
    const search = new URLSearchParams(given).toString();
    return this.#call("GET", search ? `${path}?${search}` : path);
  }

  post(path, body) {
    return this.#call("POST", path, body);
  }

  patch(path, body) {
    return this.#call("PATCH", path, body);
  }

  async #call(method, path, body) {
    const headers = { "X-CSRFToken": this.#csrfToken };
    if (body) headers["Content-Type"] = "application/json";
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => null);
    if (!answer) throw new ApiError(0, NO_ANSWER);
    const data = await answer.json().catch(() => ({}));
    if (answer.status === 401) toSignIn();
    if (!answer.ok) throw new ApiError(answer.status, data.detail ?? NO_ANSWER, data.errors);
    return data;
  }
}

/** The session is over: sign in, and come back to this page. */
export function toSignIn() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
}
