import { setText } from "../shared/dom.js";
import { full } from "./times.js";

const LOOK_EVERY = 20_000; // ms
const SOON = 2 * 3600_000; // ms left from which the line stands out

/** How long a platform lets the team answer: a line in the composer that counts down. */
export class ReplyWindow {
  #node;
  #onEnd;
  #until = null;

  /** `onEnd()`: the time is over. */
  constructor(node, onEnd) {
    this.#node = node;
    this.#onEnd = onEnd;
    setInterval(() => this.#draw(), LOOK_EVERY);
  }

  /** `canReply` of a conversation. */
  show({ allowed, until }) {
    this.#until = allowed && until ? Date.parse(until) : null;
    this.#draw();
  }

  #draw() {
    const left = this.#until === null ? null : this.#until - Date.now();
    this.#node.hidden = left === null || left <= 0;
    if (left === null) return;
    if (left <= 0) {
      this.#until = null;
      return this.#onEnd();
    }
    this.#node.dataset.soon = left < SOON;
    this.#node.title = `Until ${full(new Date(this.#until).toISOString())}`;
    setText(this.#node, `You can answer for ${duration(left)}`);
  }
}

/** "23 h 5 min", "2 days": as precise as it matters. */
function duration(ms) {
  const minutes = Math.max(1, Math.floor(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return `${hours} h ${minutes % 60} min`;
}
