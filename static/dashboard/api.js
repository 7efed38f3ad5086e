/** An answer that is an error: {status, message, errors}. status 0: no answer at all. */
export class ApiError extends Error {
  constructor(status, detail, errors = {}, current = null) {
    super(detail);
    this.status = status;
    this.errors = errors;
    this.current = current; // of a conflict: how it is now
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

  delete(path) {
    return this.#call("DELETE", path);
  }

  /**
   * Sends a file; `onProgress(share)` hears how much of it has left, from 0 to 1. Resolves with the answer. Aborting the
   * `signal` rejects with an AbortError.
   */
  upload(path, file, onProgress, signal) {
    const form = new FormData();
    form.append("file", file, file.name);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", path);
      request.setRequestHeader("X-CSRFToken", this.#csrfToken);
      request.responseType = "json";
      request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
      request.addEventListener("load", () => (request.status < 300 ? resolve(request.response) : reject(uploadError(request))));
      request.addEventListener("error", () => reject(new ApiError(0, NO_ANSWER)));
      request.addEventListener("abort", () => reject(new DOMException("Cancelled.", "AbortError")));
      signal?.addEventListener("abort", () => request.abort());
      request.send(form);
    });
  }

  async #call(method, path, body) {
    const headers = { "X-CSRFToken": this.#csrfToken };
    if (body) headers["Content-Type"] = "application/json";
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => null);
    if (!answer) throw new ApiError(0, NO_ANSWER);
    const data = await answer.json().catch(() => ({}));
    if (answer.status === 401) toSignIn();
    if (!answer.ok) throw new ApiError(answer.status, data.detail ?? NO_ANSWER, data.errors, data.current);
    return data;
  }
}

function uploadError({ status, response }) {
  if (status === 401) toSignIn();
  const why = response?.errors && Object.values(response.errors)[0]?.[0];
  return new ApiError(status, why ?? response?.detail ?? NO_ANSWER, response?.errors);
}

/** The session is over: sign in, and come back to this page. */
export function toSignIn() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
}
