const REFUSED = new Set([403, 404, 422]); // the same answer every time: asking again is of no use
const RETRY = 3000; // ms
const SILENCE = 25_000; // ms without a packet after which a connection is not believed without proof
const IMPATIENT = 2000; // ms that an attempt to connect is left alone
// After a server's restart all visitors come back: apart from each other.
const RECONNECTION = { reconnectionDelay: 500, reconnectionDelayMax: 15_000, randomizationFactor: 0.8 }; // ms, ms

/** The socket: hints that something is new. What it misses, the messages' call makes good. */
export class Live {
  #home;
  #session;
  #handlers;
  #socket = null;
  #wanted = false;
  #heardAt = 0; // by the clock on the wall, which goes on while a computer sleeps
  #wokenAt = 0;

  /** `handlers`: {onUp, onDown, onMessage, onUpdate, onConversation, onTyping, onPresence}. */
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

  /** The page may have slept: a connection that is lost, or may be, is made anew at once. */
  wake() {
    const now = Date.now();
    const isAlive = this.#socket?.connected && now - this.#heardAt < SILENCE;
    if (isAlive || now - this.#wokenAt < IMPATIENT) return;
    this.#wokenAt = now;
    this.reconnect();
  }

  /** Returns false if there is no connection: what it tells is of no use later. */
  tell(event, payload) {
    if (!this.#socket?.connected) return false;
    this.#socket.emit(event, payload);
    return true;
  }

  #open(io) {
    const socket = io(`${this.#home.origin}/widget`, {
      path: `${this.#home.pathname}socket.io`,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      timeout: 7000, // ms
      ...RECONNECTION,
      autoConnect: false,
      auth: (answer) => answer({ visitorToken: this.#session.token }),
    });
    socket.on("connect", this.#handlers.onUp);
    socket.on("disconnect", (reason) => this.#down(reason));
    socket.on("connect_error", (error) => this.#failed(error));
    socket.on("message:new", this.#handlers.onMessage);
    socket.on("message:updated", this.#handlers.onUpdate);
    socket.on("conversation:updated", this.#handlers.onConversation);
    socket.on("typing", this.#handlers.onTyping);
    socket.on("presence", this.#handlers.onPresence);
    for (const sign of ["open", "ping", "packet"]) socket.io.on(sign, () => (this.#heardAt = Date.now()));
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
