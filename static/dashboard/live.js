import { io } from "../vendor/socket.io-client-4.8.4.esm.min.js";
import { toSignIn } from "./api.js";

const EVENTS = ["conversation:new", "message:new", "message:updated", "conversation:view-update", "conversation:updated"];
const RETRY = 3000; // ms

/**
 * The socket. It tells `onState("live" | "reconnecting" | "offline")`, `onEvent(name, payload)`, and `onUp()` whenever
 * it is connected (again): then something may have been missed.
 */
export class Live {
  #socket;
  #handlers;

  constructor(handlers) {
    this.#handlers = handlers;
    this.#socket = io("/agent", { transports: ["websocket", "polling"], tryAllTransports: true, timeout: 7000 });
    this.#socket.on("connect", () => this.#up());
    this.#socket.on("disconnect", (reason) => this.#down(reason));
    this.#socket.on("connect_error", (error) => this.#failed(error));
    for (const name of EVENTS) this.#socket.on(name, (payload) => handlers.onEvent(name, payload));
    window.addEventListener("offline", () => handlers.onState("offline"));
    window.addEventListener("online", () => this.#socket.connected || this.#socket.connect());
  }

  /** Follow one conversation, whoever else may hear it. */
  join(conversationId) {
    if (this.#socket.connected) this.#socket.emit("conversation:join", { conversationId });
  }

  leave(conversationId) {
    if (this.#socket.connected) this.#socket.emit("conversation:leave", { conversationId });
  }

  #up() {
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
