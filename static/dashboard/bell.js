import { setText } from "../shared/dom.js";
import { keep, kept } from "./kept.js";
import { Sound } from "./sound.js";
import { OneOfTabs } from "./tabs.js";

const SOUND = "deskbell:sound";
const NOTICES = "deskbell:notices";
const NOTICE_LENGTH = 140; // characters of a message in a notice
const SILENT = "The browser plays sounds only after a click on this page.";
const BLOCKED = "This browser blocks notices from here. Allow them in its settings for this site.";
const UNABLE = "This browser cannot show notices from a page.";

/**
 * Tells an agent who does not look: a sound and a desktop notice for what customers write, by one of the browser's tabs.
 * Nothing for the conversation that somebody has before his eyes, no sound while the agent is away.
 */
export class Bell {
  #part;
  #me;
  #openId;
  #onOpen;
  #sound = new Sound();
  #tabs = new OneOfTabs();
  #silent = false;

  /** `openId()`: the open conversation; `onOpen(id)` opens one. */
  constructor(part, { me, openId, onOpen }) {
    this.#part = part;
    this.#me = me;
    this.#openId = openId;
    this.#onOpen = onOpen;
  }

  start() {
    this.#switch("sound-switch").checked = kept(SOUND, true);
    this.#switch("sound-switch").addEventListener("change", ({ target }) => this.#chooseSound(target.checked));
    this.#switch("notice-switch").addEventListener("change", ({ target }) => this.#chooseNotices(target.checked));
    for (const name of ["focus", "blur", "pagehide"]) window.addEventListener(name, () => this.looked());
    document.addEventListener("visibilitychange", () => this.looked());
    this.looked();
    this.#draw();
  }

  /** Another conversation is open, or the page is looked at or not: other tabs are told. */
  looked() {
    this.#tabs.say(document.hasFocus() && !document.hidden ? this.#openId() : null);
  }

  hear(name, { message, conversation }) {
    if (name !== "message:new" || message.role !== "USER" || !this.#tabs.isFirst) return;
    if (this.#tabs.looksAt(message.conversationId)) return;
    const isFirst = message.seq === 1;
    if (this.#switch("sound-switch").checked && this.#me.availability !== "AWAY") this.#ring(isFirst ? "conversation" : "message");
    if (this.#wantsNotices) this.#notify(message, conversation);
  }

  get #wantsNotices() {
    return kept(NOTICES, false) && "Notification" in window && Notification.permission === "granted";
  }

  async #ring(kind) {
    const isHeard = await this.#sound.ring(kind);
    this.#silent = !isHeard;
    this.#draw();
  }

  #notify({ conversationId, text }, { customerName }) {
    try {
      const body = text.length > NOTICE_LENGTH ? `${text.slice(0, NOTICE_LENGTH)}…` : text;
      const notice = new Notification(customerName, { body, tag: conversationId, icon: document.querySelector("link[rel=icon]").href });
      notice.addEventListener("click", () => {
        window.focus();
        notice.close();
        this.#onOpen(conversationId);
      });
    } catch {
      this.#draw(UNABLE); // phones show notices from service workers only
    }
  }

  #chooseSound(isOn) {
    keep(SOUND, isOn);
    if (isOn) this.#ring("message");
    else this.#draw();
  }

  async #chooseNotices(isOn) {
    keep(NOTICES, isOn);
    if (isOn && "Notification" in window && Notification.permission === "default") await Notification.requestPermission();
    this.#draw();
  }

  #draw(problem = "") {
    const isPossible = "Notification" in window;
    const isBlocked = isPossible && kept(NOTICES, false) && Notification.permission === "denied";
    this.#switch("notice-switch").checked = this.#wantsNotices;
    this.#switch("notice-switch").disabled = !isPossible;
    const isSilent = this.#silent && this.#switch("sound-switch").checked;
    const note = problem || (isPossible ? "" : UNABLE) || (isBlocked ? BLOCKED : "") || (isSilent ? SILENT : "");
    setText(this.#part("bell-note"), note);
    this.#part("bell-note").hidden = note === "";
    const glyph = this.#switch("sound-switch").checked || this.#wantsNotices ? "bell" : "bell-off";
    this.#part("bell").querySelector("use").setAttribute("href", `#i-${glyph}`);
    this.#part("bell").dataset.problem = note !== "";
  }

  #switch(name) {
    return this.#part(name);
  }
}
