import { io } from "../vendor/socket.io-client-4.8.4.esm.min.js";
import { toSignIn } from "./api.js";

const EVENTS = ["conversation:new", "message:new", "message:updated", "conversation:view-update", "conversation:updated"];
const MOMENTARY = ["typing", "presence", "conversation:viewers"]; // without a revision: never asked for again
const RETRY = 3000; // ms
const SILENT = 25_000; // ms without a packet after which a connection is not trusted; the server pings every 20 s
const OPTIONS = { transports: ["websocket", "polling"], tryAllTransports: true, timeout: 7000, reconnectionDelay: 500, reconnectionDelayMax: 15_000, randomizationFactor: 0.7 };

/**
 * The socket. It tells `onState("live" | "reconnecting" | "offline")`, `onEvent(name, payload)`, `onMoment(name, payload)`,
 * and `onUp()` whenever it is connected (again): then something may have been missed.
 */
export class Live {
  #socket;
  #handlers;
  #heardAt = 0;

  constructor(handlers) {
    this.#handlers = handlers;
    this.#socket = io("/agent", OPTIONS);
    this.#socket.on("connect", () => this.#up());
    this.#socket.on("disconnect", (reason) => this.#down(reason));
    this.#socket.on("connect_error", (error) => this.#failed(error));
    this.#socket.io.on("ping", () => this.#heard());
    this.#socket.onAny(() => this.#heard());
    for (const name of EVENTS) this.#socket.on(name, (payload) => handlers.onEvent(name, payload));
    for (const name of MOMENTARY) this.#socket.on(name, (payload) => handlers.onMoment(name, payload));
    window.addEventListener("offline", () => handlers.onState("offline"));
  }

  /** Follow one conversation, whoever else may hear it. */
  join(conversationId) {
    if (this.#socket.connected) this.#socket.emit("conversation:join", { conversationId });
  }

  leave(conversationId) {
    if (this.#socket.connected) this.#socket.emit("conversation:leave", { conversationId });
  }

  types(conversationId, isTyping) {
    if (this.#socket.connected) this.#socket.volatile.emit("typing", { conversationId, isTyping });
  }

  /** The page was asleep, or the network is back: a connection that may be dead is replaced at once. */
  wake() {
    const isSilent = Date.now() - this.#heardAt > SILENT;
    if (this.#socket.connected && !isSilent) return;
    this.#socket.disconnect();
    this.#socket.connect();
  }

  #heard() {
    this.#heardAt = Date.now();
  }

  #up() {
    this.#heard();
    this.#handlers.onState("live");
    this.#handlers.onUp();
  }

  #down(reason) {
    this.#handlers.onState(navigator.onLine ? "reconnecting" : "offline");
    if (reason === "io server disconnect") this.#again(); // the client does not come back from this by itself
  }

  #failed(error) {
    if (error.data?.status === 401) return toSignIn();
    if (error.message === "timeout") this.#socket.io.opts.transports = ["polling", "websocket"]; // a proxy swallows WebSockets
    this.#handlers.onState(navigator.onLine ? "reconnecting" : "offline");
    if (!this.#socket.active) this.#again();
  }

  #again() {
    setTimeout(() => this.#socket.connect(), RETRY * (0.5 + Math.random()));
  }
}
