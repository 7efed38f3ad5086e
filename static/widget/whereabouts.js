import { visit } from "./visit.js";

const APART = 2000; // ms between two times of telling

/** Tells which page the visitor looks at: when a socket connects, and when its address or title changes. */
export class Whereabouts {
  #tell;
  #told = "";
  #toldAt = -APART;
  #timer = null;
  #isWatching = false;

  /** `tell({url, title})` */
  constructor(tell) {
    this.#tell = tell;
  }

  /** A new socket knows nothing yet. */
  connected() {
    if (!this.#isWatching) this.#watch();
    this.#told = "";
    this.#say();
  }

  #changed() {
    const wait = this.#toldAt + APART - performance.now();
    this.#timer ??= setTimeout(() => this.#say(), Math.max(0, wait));
  }

  #say() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const { url, title } = visit().page;
    const now = `${url} ${title}`;
    if (now === this.#told) return;
    this.#told = now;
    this.#toldAt = performance.now();
    this.#tell({ url, title });
  }

  #watch() {
    this.#isWatching = true;
    const changed = () => this.#changed();
    for (const event of ["popstate", "hashchange"]) window.addEventListener(event, changed);
    if (window.navigation) window.navigation.addEventListener("currententrychange", changed);
    else for (const name of ["pushState", "replaceState"]) follow(name, changed);
    const changes = { childList: true, characterData: true, subtree: true };
    if (document.head) new MutationObserver(changed).observe(document.head, changes);
  }
}

/** Browsers without the Navigation API tell nobody of these calls. */
function follow(name, changed) {
  const original = history[name];
  history[name] = function (...values) {
    const result = original.apply(this, values);
    changed();
    return result;
  };
}
