const MESSAGE = [[880, 0]]; // Hz, s after the beginning
const CONVERSATION = [[659, 0], [988, 0.14]]; // prettier-ignore
const LENGTH = 0.35; // s
const LOUD = 0.18; // of 1

/** A bell of two kinds, without a file. Browsers play nothing before somebody has clicked on the page. */
export class Sound {
  #context = null;

  constructor() {
    const wake = () => this.#context?.resume();
    document.addEventListener("pointerdown", wake, { passive: true });
    document.addEventListener("keydown", wake, { passive: true });
  }

  /** Resolves false if the browser lets nothing be heard yet. */
  async ring(kind) {
    this.#context ??= new AudioContext();
    if (this.#context.state !== "running") await Promise.race([this.#context.resume(), new Promise((wait) => setTimeout(wait, 300))]);
    if (this.#context.state !== "running") return false;
    for (const [pitch, after] of kind === "conversation" ? CONVERSATION : MESSAGE) this.#tone(pitch, this.#context.currentTime + after);
    return true;
  }

  #tone(pitch, at) {
    const tone = new OscillatorNode(this.#context, { type: "sine", frequency: pitch });
    const loudness = new GainNode(this.#context, { gain: 0 });
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(LOUD, at + 0.01);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + LENGTH);
    tone.connect(loudness).connect(this.#context.destination);
    tone.start(at);
    tone.stop(at + LENGTH);
  }
}
