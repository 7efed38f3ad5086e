/*
 * Deskbell's loader: what a site's <script async src="…/widget.js" data-key="…"></script> runs.
 *
 * It draws the launcher and fetches nothing else until someone opens the panel, or until the page is idle
 * if the visitor has written before. It needs no cookie, no inline style and no inline script, so that it
 * works under a strict Content-Security-Policy that allows this origin.
 *
 * Besides data-key the tag may carry data-position="left" and data-accent="#rrggbb": how the launcher
 * looks before the channel's settings are known. After the first visit they are remembered.
 * data-preview shows the widget with settings that the page holds (docs/widget.md) and asks the server for nothing.
 */
(() => {
  "use strict";

  const MARK = Symbol.for("deskbell.widget");
  const SVG = "http://www.w3.org/2000/svg";
  const ICONS = {
    chat:
      "M12 3.5c5 0 9 3.4 9 7.7s-4 7.8-9 7.8c-1 0-2-.2-3-.4l-4.4 1.8a.5.5 0 0 1-.7-.6l1-3.2" +
      "C3.7 15.2 3 13.4 3 11.2c0-4.3 4-7.7 9-7.7z",
    close: "M6 9.5l6 6 6-6",
  };
  const DARK = "--ring: #eceef2; --halo: #17191f;";
  const STYLES = `
    :host {
      all: initial !important;
      display: block !important;
      position: fixed !important;
      inset: 0 auto auto 0 !important;
      width: 0 !important;
      height: 0 !important;
      z-index: 2147483647 !important;
    }
    @media print { :host { display: none !important; } }
    .frame {
      --accent: #2f5bea;
      --on-accent: #ffffff;
      --ring: #14171f;
      --halo: #ffffff;
      font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
      color-scheme: light dark;
    }
    .launcher {
      position: fixed;
      bottom: calc(20px + env(safe-area-inset-bottom, 0px));
      right: calc(20px + env(safe-area-inset-right, 0px));
      box-sizing: border-box;
      width: 56px;
      height: 56px;
      margin: 0;
      padding: 0;
      display: grid;
      place-items: center;
      border: 1px solid transparent;
      border-radius: 50%;
      background: var(--accent);
      color: var(--on-accent);
      box-shadow: 0 1px 3px rgb(0 0 0 / .18), 0 8px 24px rgb(0 0 0 / .22);
      cursor: pointer;
      -webkit-tap-highlight-color: transparent;
      transition: transform .16s ease, box-shadow .16s ease;
    }
    .frame[data-position="left"] .launcher { right: auto; left: calc(20px + env(safe-area-inset-left, 0px)); }
    .launcher:hover { transform: scale(1.05); }
    .launcher:active { transform: scale(.97); }
    .launcher:focus-visible { outline: 3px solid var(--ring); outline-offset: 2px; box-shadow: 0 0 0 2px var(--halo); }
    .launcher svg { grid-area: 1 / 1; width: 28px; height: 28px; transition: opacity .16s ease, transform .16s ease; }
    .icon-close { fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }
    .icon-chat { fill: currentColor; }
    .launcher .icon-close,
    .frame[data-state="open"] .icon-chat,
    .frame[data-state="loading"] .icon-chat { opacity: 0; transform: scale(.6) rotate(-20deg); }
    .frame[data-state="open"] .icon-close { opacity: 1; transform: none; }
    .spinner {
      grid-area: 1 / 1;
      box-sizing: border-box;
      width: 24px;
      height: 24px;
      border: 2.5px solid currentColor;
      border-block-start-color: transparent;
      border-radius: 50%;
      visibility: hidden;
    }
    .frame[data-state="loading"] .spinner { visibility: visible; animation: turn .8s linear infinite; }
    @keyframes turn { to { transform: rotate(1turn); } }
    .badge {
      position: absolute;
      inset-block-start: -5px;
      inset-inline-end: -5px;
      box-sizing: border-box;
      min-width: 22px;
      height: 22px;
      padding: 0 6px;
      border: 2px solid var(--halo);
      border-radius: 11px;
      background: #d3222a;
      color: #ffffff;
      font: 700 12px/18px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif;
      text-align: center;
    }
    .badge[hidden], .frame[data-state="open"] .badge { display: none; }
    .notice {
      position: fixed;
      bottom: calc(88px + env(safe-area-inset-bottom, 0px));
      right: 20px;
      box-sizing: border-box;
      max-width: min(280px, 100vw - 40px);
      margin: 0;
      padding: 10px 14px;
      border-radius: 12px;
      background: #1d2027;
      color: #ffffff;
      font-size: 14px;
      box-shadow: 0 8px 24px rgb(0 0 0 / .22);
    }
    .frame[data-position="left"] .notice { right: auto; left: 20px; }
    .notice:empty { display: none; }
    @media (max-width: 480px) { .frame[data-state="open"] .launcher { visibility: hidden; } }
    .frame[data-theme="light"] { color-scheme: light; }
    .frame[data-theme="dark"] { ${DARK} color-scheme: dark; }
    @media (prefers-color-scheme: dark) { .frame:not([data-theme="light"]) { ${DARK} } }
    @media (forced-colors: active) { .launcher, .badge, .notice { border: 1px solid CanvasText; } }
    @media (prefers-reduced-motion: reduce) {
      .launcher, .launcher svg { transition: none; }
      .frame[data-state="loading"] .spinner { animation-duration: 3s; }
    }
  `;

  // Tag managers may run it in a way that leaves no current script.
  const script = document.currentScript ?? document.querySelector('script[data-key][src*="/widget.js"]');
  if (!script || window[MARK]) return;
  const isPreview = script.dataset.preview !== undefined;
  const widgetKey = isPreview ? "preview" : script.dataset.key;
  if (!widgetKey) {
    console.error("Deskbell: the script tag needs a data-key attribute.");
    return;
  }
  window[MARK] = true;

  const home = new URL("./", script.src).href;
  const host = document.createElement("deskbell-widget");
  const root = host.attachShadow({ mode: "open" });
  const frame = element("div", "frame");
  const button = element("button", "launcher");
  const badge = element("span", "badge");
  const notice = element("p", "notice");
  let unread = 0;
  let attempts = 0;
  let chat; // the promise of the loaded widget, while it loads and after

  function element(tag, name) {
    const node = document.createElement(tag);
    node.className = name;
    node.dataset.part = name;
    return node;
  }

  function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    svg.setAttribute("class", `icon-${name}`);
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  /** A JSON value that the widget kept here; null without one, or where storage is denied. */
  function kept(name, area = "localStorage") {
    try {
      return JSON.parse(window[area].getItem(`deskbell:${widgetKey}:${name}`));
    } catch {
      return null;
    }
  }

  /** Whether something waits there that could not be sent. */
  function hasUnsent() {
    try {
      return Object.keys(localStorage).some((name) => name.startsWith(`deskbell:${widgetKey}:outbox:`));
    } catch {
      return false;
    }
  }

  function draw() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    root.adoptedStyleSheets = [sheet];
    button.type = "button";
    button.setAttribute("aria-haspopup", "dialog");
    badge.setAttribute("aria-hidden", "true");
    notice.setAttribute("role", "status");
    button.append(icon("chat"), icon("close"), element("span", "spinner"), badge);
    button.addEventListener("click", press);
    frame.append(notice, button);
    root.append(frame);
    setLook({ position: script.dataset.position, accent: script.dataset.accent, ...kept("look") });
    setState("closed");
    setUnread(0);
  }

  /** closed, loading, open or failed. */
  function setState(state) {
    frame.dataset.state = state;
    say(state === "failed" ? "The chat could not be loaded. Press the button to try again." : "");
    button.setAttribute("aria-expanded", String(state === "open"));
    button.setAttribute("aria-busy", String(state === "loading"));
    setLabel();
  }

  function say(text) {
    notice.textContent = text;
  }

  function setUnread(count) {
    unread = count;
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
    setLabel();
  }

  function setLabel() {
    const news = unread ? `, ${unread} unread ${unread === 1 ? "message" : "messages"}` : "";
    button.setAttribute("aria-label", frame.dataset.state === "open" ? "Close chat" : `Open chat${news}`);
  }

  /** `look`: {position: "left" | "right", theme: "auto" | "light" | "dark", colours: {role: colour}, accent}. */
  function setLook({ position, theme, colours, accent }) {
    frame.dataset.position = position === "left" ? "left" : "right";
    frame.dataset.theme = theme ?? "auto";
    for (const [role, colour] of Object.entries(colours ?? { accent })) {
      if (colour) frame.style.setProperty(`--${role}`, colour);
    }
  }

  /** The widget itself. A browser may remember that an address failed: each new attempt uses another one. */
  function load() {
    const again = attempts ? `?attempt=${attempts}` : "";
    chat ??= import(`${home}assets/__BUILD__/widget/main.js${again}`)
      .then((main) => main.start({ widgetKey, isPreview, home, root, frame, button, setState, setUnread, setLook }))
      .catch((error) => {
        chat = undefined;
        attempts += 1;
        throw error;
      });
    return chat;
  }

  function press() {
    if (frame.dataset.state === "loading") return;
    run("toggle");
  }

  /** Calls a method of the widget, which is loaded first if it is not here yet. */
  async function run(method) {
    if (frame.dataset.state !== "open") setState("loading");
    try {
      await (await load())[method]();
    } catch (error) {
      console.error("Deskbell: the chat could not be loaded.", error);
      setState("failed");
    }
  }

  /** Who has written before hears of an answer without opening the panel. */
  function loadWhenIdle() {
    const quietly = () => load().catch(() => {}); // a press of the button tries again, and tells
    if (window.requestIdleCallback) requestIdleCallback(quietly, { timeout: 5000 });
    else setTimeout(quietly, 1000);
  }

  /** The settings page sends site owners here to see that their site loads the widget: the server notes who asks. */
  async function check() {
    const query = new URLSearchParams({ widgetKey, check: "1" });
    const answer = await fetch(`${home}api/widget/config?${query}`, { credentials: "omit" }).catch(() => ({}));
    const why = { 403: "this site is not among the allowed origins", 404: "the key is not right" }[answer.status];
    say(answer.ok ? "The chat works on this page." : `The chat does not work here: ${why ?? "no connection"}.`);
  }

  function mount() {
    document.body.append(host);
    // Some single-page sites replace the whole body when they change the page.
    new MutationObserver(() => {
      if (!host.isConnected) document.body?.append(host);
    }).observe(document.documentElement, { childList: true });
    if (location.hash === "#deskbell-check") check();
    if (isPreview || kept("open", "sessionStorage")) run("restore");
    else if (!kept("visitor") && !hasUnsent()) return;
    else if (document.readyState === "complete") loadWhenIdle();
    else addEventListener("load", loadWhenIdle, { once: true });
  }

  draw();
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount, { once: true });
})();
