import { Conversation } from "./conversation.js";
import { Problem } from "./api.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";
import { TypingSignal, Typists } from "./typing.js";
import { wellFormed } from "./visit.js";
import { pause } from "./wait.js";
import { watchWaking } from "./waking.js";
import { Whereabouts } from "./whereabouts.js";

const LONGEST_WAIT = 30_000; // ms between two attempts to begin
const PREVIEW = 500; // characters of what is not sent yet, where the team may see it
const ASK = 15_000; // ms between two questions for news while the socket cannot tell them
const FRESH = 60_000; // ms that the channel's settings are believed
const JUST_NOW = 5000; // ms; of what changed before that a socket that connects now did not hear

/** The visit: begins it, sends, listens. `onChange()` hears of all that is not one message of the timeline. */
export class Chat {
  config = null;
  contact = null;
  conversation;
  typists;
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
  #typing = new TypingSignal((isTyping, text) => this.#tellTyping(isTyping, text));
  #whereabouts = new Whereabouts((page) => this.#live.tell("presence:page", page));
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
      onArrival: ({ conversationId, seq }) => this.#live.tell("message:delivered", { conversationId, seq }),
    });
    this.typists = new Typists(onChange);
    this.#outbox = new Outbox({
      store,
      timeline,
      post: (entry, visit) => this.#post(entry, visit),
      verify: () => this.#verify(),
      explain: (entry, problem) => this.#explain(entry, problem),
    });
    this.#live = new Live(home, this.#session, this.#listeners());
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
    this.#outbox.begin();
    watchWaking(() => this.#woke());
    for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        await this.start();
        this.#outbox.flush();
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
    this.#outbox.add(text, uploads);
  }

  retry(entry) {
    this.#outbox.retry(entry);
  }

  discard(entry) {
    this.#outbox.discard(entry);
  }

  /** What stands in the field now, not sent. */
  typed(text) {
    this.#typing.typed(text);
  }

  stopTyping() {
    this.#typing.stop();
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

  async #post(entry, visit) {
    await this.start();
    await this.#session.claim();
    const { clientId, text, uploads } = entry;
    const attachments = uploads.length ? await Promise.all(uploads.map((upload) => upload.finish())) : entry.attachments;
    const attachmentIds = attachments.map(({ id }) => id);
    const body = { clientId, text, attachmentIds, ...this.about(), ...visit };
    const stored = await this.#session.withToken((token) => this.#api.send(token, body));
    this.onSent();
    this.conversation.receive(stored);
    this.#listen();
  }

  /** Gets what another tab may have sent. */
  async #verify() {
    await this.start();
    await this.#session.claim();
    await this.conversation.catchUp();
  }

  #explain({ uploads }, problem) {
    this.onRefused(problem);
    if (problem.errors?.attachmentIds === undefined) return problem.message;
    uploads.forEach((upload) => upload.forget()); // what is not sent lives a day
    return uploads.length ? "The files have to be uploaded again." : "Its files are no longer there: attach them once more.";
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
      onUp: () => this.#up(),
      onDown: () => this.#setConnected(false),
      onMessage: (event) => {
        this.conversation.hear(event);
        this.typists.hasWritten(event.message.author?.name);
      },
      onUpdate: (event) => this.conversation.hearUpdate(event),
      onConversation: (event) => this.conversation.hearChange(event),
      onTyping: (event) => event.conversationId === this.conversation.facts?.id && this.typists.hear(event),
      onPresence: ({ online }) => {
        this.config = { ...this.config, online };
        this.#onChange();
      },
    };
  }

  #up() {
    this.#setConnected(true);
    this.#whereabouts.connected();
    this.conversation.catchUp();
    this.#outbox.flush();
    if (Date.now() - this.#configAt > JUST_NOW) this.#configAt = 0;
    if (this.#open) this.#refreshConfig();
  }

  #tellTyping(isTyping, text) {
    const conversationId = this.conversation.facts?.id;
    if (!conversationId) return false;
    const preview = this.config.sneakPeek ? { preview: Array.from(wellFormed(text)).slice(0, PREVIEW).join("") } : {};
    return this.#live.tell("typing", { conversationId, isTyping, ...preview });
  }

  #listen() {
    if (this.conversation.facts || this.#open) this.#live.connect();
    else this.#live.disconnect();
  }

  /** A page that slept may have missed something, whatever its socket says. */
  #woke() {
    this.#live.wake();
    this.#outbox.flush();
    this.#ask();
  }

  #ask() {
    if (document.visibilityState !== "visible") return;
    if (this.conversation.facts) this.conversation.catchUp();
    this.#onChange();
  }

  /** Where no socket gets through at all, messages still come, only later. */
  #setConnected(connected) {
    if (connected === this.connected) return;
    this.connected = connected;
    clearInterval(this.#asking);
    if (!connected) this.#asking = setInterval(() => this.#ask(), ASK);
    this.#onChange();
  }
}
