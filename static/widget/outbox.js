import { newId } from "../shared/ids.js";
import { visit } from "./visit.js";
import { pause } from "./wait.js";

const KEPT = "outbox:"; // in the store, before the clientId
const MOST = 100; // messages that are kept over a reload
const TURN = 3000; // ms that another tab has to send what it wrote
const WAITS = [1000, 2000, 4000, 8000, 16_000, 30_000]; // ms before each further attempt
const FAULTS = 5; // errors of the server's after which it is this message that it cannot take

/**
 * What the visitor wrote and the server has not stored. The store keeps each under a name of its own, so that it
 * survives a reload and all tabs know it. It goes out in the order in which it was written, sent by one tab at a time.
 */
export class Outbox {
  #items = new Map(); // clientId → {record, entry, faults}
  #store;
  #timeline;
  #post;
  #verify;
  #explain;
  #running = false;
  #rest = null; // what ends a wait early
  #last = 0;

  /**
   * `post(entry, visit)` stores a message or throws Problem; `verify()` resolves when what other tabs have sent is in
   * the timeline; `explain(entry, problem)` says to the visitor why one cannot be sent.
   */
  constructor({ store, timeline, post, verify, explain }) {
    this.#store = store;
    this.#timeline = timeline;
    this.#post = post;
    this.#verify = verify;
    this.#explain = explain;
  }

  /** Takes up what earlier pages left, and follows the other tabs. */
  begin() {
    const records = this.#store.names(KEPT).map((name) => this.#store.read(name));
    const own = records.filter(isRecord).toSorted((one, other) => one.at - other.at);
    own.forEach((record) => this.#show(record));
    this.#store.watchAll(KEPT, (name, record) => this.#changed(name.slice(KEPT.length), record));
    this.flush();
  }

  add(text, uploads) {
    this.#last = Math.max(Date.now(), this.#last + 1);
    const attachments = uploads.map(({ attachment }) => attachment);
    const createdAt = new Date().toISOString();
    const record = { clientId: newId(), text, attachments, createdAt, at: this.#last, visit: visit(), problem: null };
    this.#show(record, uploads);
    this.#keep(record);
    this.flush();
  }

  retry({ clientId }) {
    const item = this.#items.get(clientId);
    if (!item) return;
    this.#keep(Object.assign(item.record, { problem: null }));
    this.#timeline.setState(item.entry, "pending");
    this.#rest?.abort();
    this.#run();
  }

  /** The visitor does without it. */
  discard({ clientId }) {
    const item = this.#items.get(clientId);
    if (!item) return;
    this.#store.write(KEPT + clientId, { ...item.record, isDiscarded: true }); // for the other tabs
    this.#forget(item);
    this.#timeline.drop(item.entry);
  }

  /** Tries at once, unless the server asked for a pause. */
  flush() {
    if (this.#rest && !this.#rest.isAsked) this.#rest.abort();
    this.#run();
  }

  get #queue() {
    const open = [...this.#items.values()].filter(({ record }) => record.problem === null);
    return open.toSorted((one, other) => one.record.at - other.record.at);
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    for (let item; (item = this.#queue[0]); ) {
      try {
        await this.#store.exclusively(() => this.#send(item), "outbox");
      } catch (problem) {
        await this.#failed(item, problem);
      }
    }
    this.#running = false;
  }

  /** Another tab may have sent it; then its name is gone. */
  async #send(item) {
    const isUnsent = () => item.entry.seq === null && this.#items.has(item.record.clientId);
    if (isUnsent() && this.#store.read(KEPT + item.record.clientId) === null) await this.#verify();
    if (isUnsent()) await this.#post(item.entry, item.record.visit);
    this.#forget(item);
  }

  async #failed(item, problem) {
    item.faults += problem.status === 500 ? 1 : 0;
    if (!problem.passing || item.faults === FAULTS) return this.#giveUp(item, problem);
    this.#queue.forEach(({ entry }) => this.#timeline.setState(entry, "waiting"));
    item.attempts += 1;
    this.#rest = Object.assign(new AbortController(), { isAsked: problem.retryAfter !== null });
    await pause(WAITS[item.attempts - 1] ?? WAITS.at(-1), problem.retryAfter, this.#rest.signal);
    this.#rest = null;
  }

  #giveUp(item, problem) {
    const words = this.#explain(item.entry, problem);
    Object.assign(item, { faults: 0, attempts: 0 });
    this.#keep(Object.assign(item.record, { problem: words }));
    this.#timeline.setState(item.entry, "failed", words);
  }

  /** Another tab wrote a message, got further with one, or is done with it. */
  #changed(clientId, record) {
    const item = this.#items.get(clientId);
    if (record?.isDiscarded) return item && this.#drop(item);
    if (item) this.#follow(item, record);
    else if (isRecord(record)) this.#show(record);
    else return;
    setTimeout(() => this.flush(), TURN);
  }

  #follow(item, record) {
    item.record.problem = record?.problem ?? null;
    const state = item.record.problem === null ? "pending" : "failed";
    this.#timeline.setState(item.entry, state, item.record.problem);
  }

  #drop(item) {
    this.#items.delete(item.record.clientId);
    this.#timeline.drop(item.entry);
  }

  #show(record, uploads = []) {
    const entry = this.#timeline.begin({ ...record, uploads });
    this.#items.set(record.clientId, { record, entry, faults: 0, attempts: 0 });
    this.#last = Math.max(this.#last, record.at);
    if (record.problem !== null) this.#timeline.setState(entry, "failed", record.problem);
  }

  #keep(record) {
    const name = KEPT + record.clientId;
    const names = this.#store.names(KEPT);
    const hasRoom = names.includes(name) || names.length < MOST;
    const { entry } = this.#items.get(record.clientId);
    entry.isFleeting = !(hasRoom && this.#store.write(name, record));
    if (entry.isFleeting) this.#store.hold(name, record);
  }

  #forget(item) {
    this.#items.delete(item.record.clientId);
    this.#store.remove(KEPT + item.record.clientId);
  }
}

/** Whether this is what add() keeps: the page's scripts can write there, too. */
function isRecord(value) {
  if (typeof value?.clientId !== "string" || typeof value.text !== "string" || value.isDiscarded) return false;
  return Array.isArray(value.attachments) && typeof value.at === "number" && typeof value.createdAt === "string";
}
