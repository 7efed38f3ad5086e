import { Conversation } from "./conversation.js";
import { newId } from "../shared/ids.js";
import { Problem } from "./api.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";
import { visit } from "./visit.js";
import { pause } from "./wait.js";

const LONGEST_WAIT = 30_000; // ms between two attempts to begin
const ASK = 15_000; // ms between two questions for news while the socket cannot tell them
const FRESH = 60_000; // ms that the team's online state is believed

/** The visit: begins it, sends, listens. `onChange()` hears of all that is not one message of the timeline. */
export class Chat {
  config = null;
  contact = null;
  conversation;
  refusal = null; // why this page may not chat at all, or null
  connected = true; // false once a connection is lost, or could not be made
  about = () => ({}); // {name, email} as far as the server does not know them yet
  onSent = () => {};
  onRefused = () => {};
  #api;
  #session;
  #timeline;
  #outbox;
  #live;
  #widgetKey;
  #onChange;
  #starting = null;
  #configAt = 0;
  #open = false;
  #asking;

  constructor({ api, store, home, widgetKey, timeline, onChange }) {
    this.#api = api;
    this.#timeline = timeline;
    this.#widgetKey = widgetKey;
    this.#onChange = onChange;
    this.#session = new Session(api, store, widgetKey, (answer) => this.#become(answer));
    this.conversation = new Conversation({
      api,
      session: this.#session,
      timeline,
      onChange,
      onArrival: (message) => this.#live.delivered(message),
    });
    this.#outbox = new Outbox({
      post: (entry) => this.#post(entry),
      onFailure: (entry, problem) => this.#failed(entry, problem),
    });
    this.#live = new Live(home, this.#session, this.#listeners());
    document.addEventListener("visibilitychange", () => this.#returned());
    window.addEventListener("pageshow", (event) => event.persisted && this.#returned());
  }

  /** Begins the visit, once. Throws Problem. */
  start() {
    this.#starting ??= this.#session.begin().then(
      (answer) => this.#adopt(answer),
      (problem) => {
        this.#starting = null;
        throw problem;
      },
    );
    return this.#starting;
  }

  /** Begins the visit, however long that takes, unless the server refuses it. */
  async keepStarting() {
    for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        await this.start();
        return this.#listen();
      } catch (problem) {
        if (!problem.passing) return this.#refuse(problem);
        this.#setConnected(false);
        await pause(wait, problem.retryAfter);
      }
    }
  }

  /** The panel opened or closed: a visitor who has not written needs the socket only while he looks. */
  setOpen(open) {
    this.#open = open;
    if (!this.config) return;
    if (open) this.#refreshConfig();
    this.#listen();
  }

  /** `uploads`: the files that go with it. */
  send(text, uploads = []) {
    this.#outbox.add(this.#timeline.begin(newId(), text, uploads));
  }

  /** Resolves with the attachment. `options` as of Api.upload. Throws Problem. */
  async upload(file, options) {
    await this.start();
    const most = this.config.maxFileSize;
    if (file.size > most) throw new Problem(413, `The file is too large: ${Math.floor(most / 2 ** 20)} MB at the most.`);
    await this.#session.claim();
    const { attachment } = await this.#session.withToken((token) => this.#api.upload(token, file, options));
    return attachment;
  }

  retry(entry) {
    if (entry.state !== "failed") return;
    this.#timeline.setState(entry, "pending");
    this.#outbox.add(entry);
  }

  async #post(entry) {
    await this.start();
    await this.#session.claim();
    const attachments = await Promise.all(entry.uploads.map((upload) => upload.finish()));
    const attachmentIds = attachments.map(({ id }) => id);
    const body = { clientId: entry.clientId, text: entry.text, attachmentIds, ...this.about(), ...visit() };
    const stored = await this.#session.withToken((token) => this.#api.send(token, body));
    this.onSent();
    this.conversation.receive(stored);
    this.#listen();
  }

  #failed(entry, problem) {
    const isGone = problem.errors?.attachmentIds !== undefined; // uploads that were not sent live a day
    if (isGone) entry.uploads.forEach((upload) => upload.forget());
    const words = isGone ? "The files have to be uploaded again." : problem.message;
    this.#timeline.setState(entry, "failed", problem.status === 0 ? "There is no connection." : words);
    this.onRefused(problem);
  }

  #adopt(answer) {
    this.#setConfig(answer.config);
    this.contact = answer.contact;
    this.conversation.adopt(answer);
  }

  /** The token is another visitor's now. */
  #become(answer) {
    this.#adopt(answer);
    this.#listen();
    this.#live.reconnect();
  }

  #setConfig(config) {
    this.config = config;
    this.#configAt = Date.now();
  }

  async #refreshConfig() {
    if (Date.now() - this.#configAt < FRESH) return;
    const config = await this.#api.config(this.#widgetKey).catch(() => null);
    if (!config) return; // what is known stays good enough
    this.#setConfig(config);
    this.#onChange();
  }

  #refuse(problem) {
    this.refusal = problem.message;
    this.#onChange();
  }

  #listeners() {
    return {
      onUp: () => {
        this.#setConnected(true);
        this.conversation.catchUp();
      },
      onDown: () => this.#setConnected(false),
      onMessage: (event) => this.conversation.hear(event),
      onUpdate: (event) => this.conversation.hearUpdate(event),
      onConversation: (event) => this.conversation.hearChange(event),
    };
  }

  #listen() {
    if (this.conversation.facts || this.#open) this.#live.connect();
    else this.#live.disconnect();
  }

  /** A page that slept may have missed something, whatever its socket says. */
  #returned() {
    if (document.visibilityState !== "visible") return;
    if (this.conversation.facts) this.conversation.catchUp();
    this.#onChange();
  }

  /** Where no socket gets through at all, messages still come, only later. */
  #setConnected(connected) {
    if (connected === this.connected) return;
    this.connected = connected;
    clearInterval(this.#asking);
    if (!connected) this.#asking = setInterval(() => this.#returned(), ASK);
    this.#onChange();
  }
}
