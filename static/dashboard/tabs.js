import { newId } from "../shared/ids.js";

const LOCK = "deskbell:first";
const CHANNEL = "deskbell";

/** Among this browser's tabs: whether this one speaks for all, and what is before somebody's eyes in any. */
export class OneOfTabs {
  isFirst = false;
  #id = newId();
  #others = new Map(); // tab → what it shows
  #mine = null;
  #channel = new BroadcastChannel(CHANNEL);

  constructor() {
    this.#channel.addEventListener("message", ({ data }) => this.#others.set(data.tab, data.looksAt));
    if (!navigator.locks) this.isFirst = true; // an insecure address: every tab speaks for itself
    navigator.locks?.request(LOCK, () => {
      this.isFirst = true;
      return new Promise(() => {}); // until the tab is closed
    });
  }

  /** What somebody looks at in this tab, or null. */
  say(looksAt) {
    this.#mine = looksAt;
    this.#channel.postMessage({ tab: this.#id, looksAt });
  }

  looksAt(id) {
    return this.#mine === id || [...this.#others.values()].includes(id);
  }
}
