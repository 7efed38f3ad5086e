const LIMIT = 10; // files of one message

/** A file that goes up at once. `state`: "uploading", "done" or "failed" with a `problem`. */
export class Upload {
  state = "uploading";
  progress = 0;
  problem = null;
  mayRetry = false;
  attachment = null;
  #api;
  #onChange;
  #abort;
  #going;

  constructor(file, api, onChange) {
    this.file = file;
    this.#api = api;
    this.#onChange = onChange;
    this.#start();
  }

  /** As an attachment of a message that is on its way. */
  get shown() {
    const { name, type, size } = this.file;
    return this.attachment ?? { id: null, name, contentType: type, size, url: null, width: null, height: null };
  }

  /** Resolves with the stored attachment; what failed is tried again. */
  finish() {
    if (this.state === "failed") this.#start();
    return this.#going;
  }

  retry() {
    this.#start();
  }

  cancel() {
    this.#abort.abort();
  }

  #start() {
    this.#abort = new AbortController();
    this.#set({ state: "uploading", progress: 0, problem: null });
    this.#going = this.#send();
    this.#going.catch(() => {}); // told by the state
  }

  async #send() {
    try {
      const path = "/api/attachments";
      const { attachment } = await this.#api.upload(path, this.file, (progress) => this.#set({ progress }), this.#abort.signal);
      this.#set({ state: "done", progress: 1, attachment });
      return attachment;
    } catch (error) {
      const problem = error.status === 0 ? "The connection was lost." : error.message;
      this.#set({ state: "failed", problem, mayRetry: error.isPassing ?? false });
      throw new Error(`“${this.file.name}” was not uploaded: ${problem}`, { cause: error });
    }
  }

  #set(fields) {
    Object.assign(this, fields);
    this.#onChange();
  }
}

/** The files of one draft. `onChange()` draws; `onTooMany()` tells. */
export class Uploads {
  all = [];
  #api;
  #onChange;
  #onProblem;

  constructor(api, { onChange, onProblem }) {
    this.#api = api;
    this.#onChange = onChange;
    this.#onProblem = onProblem;
  }

  get hasFailed() {
    return this.all.some(({ state }) => state === "failed");
  }

  add(files) {
    const room = LIMIT - this.all.length;
    if (files.length > room) this.#onProblem(`A message takes at most ${LIMIT} files.`);
    for (const file of [...files].slice(0, Math.max(0, room))) this.all.push(new Upload(file, this.#api, this.#onChange));
    this.#onChange();
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
}
