import { setText } from "../shared/dom.js";

const PAUSE = 400; // ms after a change
const EVERY = 2500; // ms between two questions
const WAITING = "OPEN,PENDING";

/** How many conversations each view has, and how many wait for an answer: asked for after changes, not too often. */
export class Counts {
  waiting;
  #root;
  #api;
  #statuses;
  #onChange;
  #planned = null;
  #askedAt = 0;

  /** `statuses()`: those that the list looks at. */
  constructor(root, { api, waiting, statuses, onChange }) {
    this.#root = root;
    this.#api = api;
    this.waiting = waiting;
    this.#statuses = statuses;
    this.#onChange = onChange;
  }

  /** Something has changed. */
  refresh() {
    if (this.#planned) return;
    const wait = Math.max(PAUSE, this.#askedAt + EVERY - Date.now());
    this.#planned = setTimeout(() => this.#ask(), wait);
  }

  async #ask() {
    this.#planned = null;
    this.#askedAt = Date.now();
    const statuses = this.#statuses();
    const [listed, waiting] = await Promise.all([this.#of(statuses), statuses === WAITING ? null : this.#of(WAITING)]).catch(() => []);
    if (!listed || statuses !== this.#statuses()) return;
    for (const view of ["mine", "unassigned", "all"]) {
      setText(this.#root.querySelector(`[data-part="count-${view}"]`), listed[view] < 1000 ? String(listed[view]) : "999+");
    }
    this.waiting = (waiting ?? listed).unread;
    this.#onChange();
  }

  async #of(status) {
    return (await this.#api.get("/api/conversations/counts", { status })).counts;
  }
}
