import { online, persist } from "./wait.js";

const LIMIT = 10; // files of one message
const LOST = "The connection was lost.";
const OFFLINE = "No connection: it waits for one.";
const BUSY = "Not accepted yet: it is tried again.";

/**
 * A file that goes up at once, however often the connection breaks. `state`: "uploading", "waiting" for the connection
 * or the server, "done" with its `attachment`, or "failed". `problem`: what to say of it, or null.
 */
export class Upload {
  state = "uploading";
  progress = 0; // 0 to 1
  problem = null;
  mayRetry = false; // whether another attempt may end otherwise
  attachment = null;
  #post;
  #onChange;
  #attempt;
  #going;

  /** `post(file, {onProgress, signal})` resolves with the attachment, or throws Problem. */
  constructor(file, post, onChange) {
    this.file = file;
    this.#post = post;
    this.#onChange = onChange;
  }

  /** Also once more, from wherever it is. */
  start() {
    this.#attempt?.abort();
    this.#attempt = new AbortController();
    this.#going = this.#send(this.#attempt.signal);
    this.#going.catch(() => {}); // told by the state
  }

  cancel() {
    this.#attempt.abort();
  }

  /** The server no longer has it: finish() sends it again. */
  forget() {
    Object.assign(this, { state: "failed", attachment: null });
  }

  /** Resolves with the attachment; what failed is tried again. */
  finish() {
    if (this.state === "failed") this.start();
    return this.#going;
  }

  async #send(signal) {
    const set = (fields) => signal.aborted || this.#set(fields);
    const wait = ({ status }) => set({ state: "waiting", problem: status ? BUSY : LOST });
    try {
      const attachment = await persist(() => this.#try(signal, set), wait);
      set({ state: "done", progress: 1, problem: null, attachment });
      return attachment;
    } catch (problem) {
      const words = problem.status === 0 ? LOST : problem.message;
      set({ state: "failed", problem: words, mayRetry: problem.passing ?? false });
      throw problem;
    }
  }

  async #try(signal, set) {
    if (!navigator.onLine) set({ state: "waiting", problem: OFFLINE });
    await online();
    signal.throwIfAborted();
    set({ state: "uploading", progress: 0, problem: null });
    return this.#post(this.file, { onProgress: (progress) => set({ progress }), signal });
  }

  #set(fields) {
    Object.assign(this, fields);
    this.#onChange();
  }
}

/** The files of what is being written. */
export class Uploads {
  all = [];
  #post;
  #onChange;

  /** `post` as of Upload; `onChange()` draws. */
  constructor(post, onChange) {
    this.#post = post;
    this.#onChange = onChange;
    window.addEventListener("online", () => this.#resume());
  }

  get areDone() {
    return this.all.every(({ state }) => state === "done");
  }

  get haveFailed() {
    return this.all.some(({ state }) => state === "failed");
  }

  /** Returns what to say if not all of them can be taken, or "". */
  add(files) {
    const room = LIMIT - this.all.length;
    const taken = files.slice(0, room).map((file) => new Upload(file, this.#post, this.#onChange));
    this.all.push(...taken);
    taken.forEach((upload) => upload.start());
    return files.length > room ? `A message takes at most ${LIMIT} files.` : "";
  }

  remove(upload) {
    upload.cancel();
    this.all = this.all.filter((other) => other !== upload);
    this.#onChange();
  }

  /** Hands the files over to the message that takes them. */
  take() {
    const taken = this.all;
    this.all = [];
    this.#onChange();
    return taken;
  }

  #resume() {
    this.all.filter(({ state, mayRetry }) => state === "failed" && mayRetry).forEach((upload) => upload.start());
  }
}
