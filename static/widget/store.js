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
    if (this.#fallback.has(name)) return this.#fallback.get(name);
    try {
      return JSON.parse(window[this.#area].getItem(this.#prefix + name));
    } catch {
      return null;
    }
  }

  /** The names that begin with `start`. */
  names(start) {
    const inMemory = [...this.#fallback.keys()].filter((name) => name.startsWith(start));
    try {
      const from = this.#prefix + start;
      const kept = Object.keys(window[this.#area]).filter((name) => name.startsWith(from));
      return [...new Set([...inMemory, ...kept.map((name) => name.slice(this.#prefix.length))])];
    } catch {
      return inMemory;
    }
  }

  /** For as long as the page lives. */
  hold(name, value) {
    this.#fallback.set(name, value);
  }

  /** Returns whether it outlives the page. */
  write(name, value) {
    this.hold(name, value);
    try {
      window[this.#area].setItem(this.#prefix + name, JSON.stringify(value));
      this.#fallback.delete(name);
      return true;
    } catch {
      return false; // kept in memory above
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
    this.#listen((changed) => changed === name && listener());
  }

  /** Calls `listener(name, value)` when another tab writes a name that begins with `start`; null: it is removed. */
  watchAll(start, listener) {
    this.#listen((name, value) => name.startsWith(start) && listener(name, value));
  }

  /** Runs `task` while no other tab runs one of that `name`; without navigator.locks (http pages) simply runs it. */
  exclusively(task, name = "lock") {
    if (!navigator.locks) return task();
    return navigator.locks.request(this.#prefix + name, task);
  }

  #listen(listener) {
    window.addEventListener("storage", ({ key, newValue }) => {
      if (key?.startsWith(this.#prefix)) listener(key.slice(this.#prefix.length), parsed(newValue));
    });
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
