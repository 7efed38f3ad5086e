/**
 * JSON values in the browser's storage, named by widget: `area` is "localStorage" for all tabs, "sessionStorage" for
 * this one, null for none. Where storage is denied or full they live as long as the page.
 */
export class Store {
  #prefix;
  #area;
  #fallback = new Map();

  constructor(widgetKey, area = "localStorage") {
    this.#prefix = `deskbell:${widgetKey}:`;
    this.#area = area;
  }

  read(name) {
    try {
      return JSON.parse(window[this.#area].getItem(this.#prefix + name)) ?? this.#fallback.get(name) ?? null;
    } catch {
      return this.#fallback.get(name) ?? null;
    }
  }

  write(name, value) {
    this.#fallback.set(name, value);
    try {
      window[this.#area].setItem(this.#prefix + name, JSON.stringify(value));
      this.#fallback.delete(name);
    } catch {
      // Kept in memory above.
    }
  }

  remove(name) {
    this.#fallback.delete(name);
    try {
      window[this.#area].removeItem(this.#prefix + name);
    } catch {
      // There was nothing to remove.
    }
  }

  /** Calls `listener` when another tab writes `name`. */
  watch(name, listener) {
    window.addEventListener("storage", (event) => {
      if (event.key === this.#prefix + name) listener();
    });
  }

  /** Runs `task` while no other tab runs one; without navigator.locks (http pages) simply runs it. */
  exclusively(task) {
    if (!navigator.locks) return task();
    return navigator.locks.request(`${this.#prefix}lock`, task);
  }
}
