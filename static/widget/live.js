const REFUSED = new Set([403, 404, 422]); // the same answer every time: asking again is of no use
const RETRY = 3000; // ms

/** The socket: hints that something is new. What it misses, the messages' call makes good. */
export class Live {
  #home;
  #session;
  #handlers;
  #socket = null;
  #wanted = false;

  /** `handlers`: {onUp, onDown, onMessage, onUpdate, onConversation}. */
  constructor(home, session, handlers) {
    this.#home = new URL(home);
    this.#session = session;
    this.#handlers = handlers;
  }

  /** Connects and stays so until disconnect(). */
  async connect() {
    if (this.#wanted) return;
    this.#wanted = true;
    try {
      const { io } = await import("../vendor/socket.io-client-4.8.4.esm.min.js");
      if (this.#wanted) this.#socket ??= this.#open(io);
      this.#socket?.connect();
    } catch {
      this.#wanted = false;
      this.#handlers.onDown();
      setTimeout(() => this.connect(), RETRY);
    }
  }

  disconnect() {
    this.#wanted = false;
    this.#socket?.disconnect();
  }

  /** The token became another visitor's: the server decides by it at the connect what this socket hears. */
  reconnect() {
    if (this.#wanted) this.#socket?.disconnect().connect();
  }

  /** Tells the team that this message has arrived. */
  delivered(message) {
    if (!this.#socket?.connected) return;
    this.#socket.emit("message:delivered", { conversationId: message.conversationId, seq: message.seq });
  }

  #open(io) {
    const socket = io(`${this.#home.origin}/widget`, {
      path: `${this.#home.pathname}socket.io`,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      timeout: 7000, // ms
      autoConnect: false,
      auth: (answer) => answer({ visitorToken: this.#session.token }),
    });
    socket.on("connect", this.#handlers.onUp);
    socket.on("disconnect", (reason) => this.#down(reason));
    socket.on("connect_error", (error) => this.#failed(error));
    socket.on("message:new", this.#handlers.onMessage);
    socket.on("message:updated", this.#handlers.onUpdate);
    socket.on("conversation:updated", this.#handlers.onConversation);
    return socket;
  }

  #down(reason) {
    if (!this.#wanted) return;
    this.#handlers.onDown();
    if (reason === "io server disconnect") this.#again(); // the client does not come back from this by itself
  }

  async #failed(error) {
    this.#handlers.onDown();
    const status = error.data?.status;
    if (error.message === "timeout") this.#pollFirst();
    if (this.#socket.active || REFUSED.has(status)) return;
    if (status === 401) await this.#session.renew(this.#session.token).catch(() => {});
    this.#again();
  }

  /** A proxy may swallow WebSockets without an answer: then begin by polling, and upgrade where that works. */
  #pollFirst() {
    this.#socket.io.opts.transports = ["polling", "websocket"];
  }

  #again() {
    setTimeout(() => this.#wanted && this.#socket.connect(), RETRY * (0.5 + Math.random()));
  }
}
