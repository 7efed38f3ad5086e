import { FILES } from "./styles-files.js";
import { LIVE } from "./styles-live.js";
import { ROLES } from "./styles-roles.js";
import { THREAD } from "./styles-thread.js";

/** Frame, header and composer. */
const PANEL = `
.panel[hidden], .panel [hidden] { display: none; }
.panel {
  position: fixed;
  bottom: calc(92px + env(safe-area-inset-bottom, 0px));
  right: calc(20px + env(safe-area-inset-right, 0px));
  box-sizing: border-box;
  width: min(384px, 100vw - 40px);
  height: min(660px, 100vh - 116px);
  height: min(660px, 100dvh - 116px);
  display: flex;
  flex-direction: column;
  overflow: hidden;
  border-radius: 18px;
  background: var(--surface);
  color: var(--text);
  box-shadow: 0 0 0 1px var(--edge), 0 4px 12px rgb(0 0 0 / .08), 0 16px 48px rgb(0 0 0 / .22);
  text-align: start;
  transform-origin: bottom right;
  animation: rise .2s cubic-bezier(.2, .8, .3, 1);
  outline: 0;
}
.panel[data-still] { animation: none; }
.frame[data-position="left"] .panel {
  right: auto;
  left: calc(20px + env(safe-area-inset-left, 0px));
  transform-origin: bottom left;
}
@keyframes rise { from { opacity: 0; transform: translateY(12px) scale(.97); } }
.panel *, .panel *::before, .panel *::after { box-sizing: border-box; }
.panel :is(h2, p) { margin: 0; }
.panel :is(button, input, textarea) { font: inherit; color: inherit; margin: 0; }
.panel button { cursor: pointer; -webkit-tap-highlight-color: transparent; }
.panel :focus-visible { outline: 2px solid var(--accent-text); outline-offset: 2px; }
.icon {
  width: 20px;
  height: 20px;
  flex: none;
  fill: none;
  stroke: currentColor;
  stroke-width: 2;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  padding: 0;
  border: 0;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.header {
  flex: none;
  display: flex;
  align-items: center;
  gap: 12px;
  padding-block: 14px;
  padding-inline: 16px 12px;
  background: var(--accent);
  color: var(--on-accent);
}
.header > div { flex: 1; min-width: 0; }
.header h2 { font-size: 16px; font-weight: 650; line-height: 1.3; }
.header :is(h2, .team) { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.face {
  position: relative;
  flex: none;
  display: grid;
  place-items: center;
  width: 40px;
  height: 40px;
  overflow: hidden;
  border-radius: 50%;
  font-size: 17px;
  font-weight: 650;
  user-select: none;
}
.header .face { background: color-mix(in srgb, var(--on-accent) 18%, transparent); }
.face:empty { visibility: hidden; }
.face img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; }
.team { display: flex; align-items: center; min-height: 1.45em; font-size: 13px; }
.panel[data-ready] .team::before {
  content: "";
  flex: none;
  width: 8px;
  height: 8px;
  margin-inline-end: 6px;
  border: 1.5px solid currentColor;
  border-radius: 50%;
}
.panel[data-ready] .team[data-online]::before { border-color: var(--on-accent); background: var(--online); }
.close {
  flex: none;
  display: grid;
  place-items: center;
  width: 40px;
  height: 40px;
  padding: 0;
  border: 0;
  border-radius: 12px;
  background: transparent;
}
.close:hover { background: color-mix(in srgb, var(--on-accent) 16%, transparent); }
.panel .close:focus-visible { outline-color: var(--on-accent); outline-offset: -3px; }

.composer { flex: none; padding: 10px 12px calc(12px + env(safe-area-inset-bottom, 0px)); }
.field {
  display: flex;
  align-items: flex-end;
  gap: 6px;
  padding: 5px;
  border: 1px solid var(--border);
  border-radius: 24px;
  background: var(--surface);
}
.field:focus-within { border-color: var(--text); box-shadow: 0 0 0 1px var(--text); }
.panel .input {
  flex: 1;
  min-width: 0;
  max-height: 140px;
  padding-block: 6px;
  padding-inline: 2px 4px;
  border: 0;
  outline: 0;
  background: transparent;
  line-height: 22px;
  resize: none;
  overscroll-behavior: contain;
}
.input::placeholder { color: var(--muted); opacity: 1; }
.send {
  flex: none;
  display: grid;
  place-items: center;
  width: 34px;
  height: 34px;
  padding: 0;
  border: 1px solid transparent;
  border-radius: 50%;
  background: var(--accent);
  transition: background-color .15s ease;
}
.panel .send { color: var(--on-accent); }
.panel .send:disabled { background: var(--raised); color: var(--muted); cursor: default; }
.count {
  padding: 4px 12px 0;
  color: var(--muted);
  font-size: 12px;
  text-align: end;
  font-variant-numeric: tabular-nums;
}
.count[data-over] { color: var(--danger); font-weight: 600; }

@media (max-width: 480px) {
  .panel, .frame[data-position] .panel {
    inset: 0 auto auto 0;
    width: 100vw;
    height: 100vh;
    height: 100dvh;
    border-radius: 0;
    box-shadow: none;
  }
  .header {
    padding-block-start: calc(12px + env(safe-area-inset-top, 0px));
    padding-left: calc(16px + env(safe-area-inset-left, 0px));
    padding-right: calc(12px + env(safe-area-inset-right, 0px));
  }
  .panel :is(input, textarea) { font-size: 16px; } /* below that, iOS zooms the page in */
}
@media (forced-colors: active) {
  .panel { border: 1px solid CanvasText; }
  .header { border-block-end: 1px solid CanvasText; }
  .face { border: 1px solid CanvasText; }
  .panel[data-ready] .team[data-online]::before, .presence[data-online]::before {
    background: CanvasText;
    forced-color-adjust: none;
  }
}
@media (prefers-reduced-motion: reduce) {
  .panel, .panel * { animation: none; transition: none; scroll-behavior: auto; }
}
`;

/** The panel's sheet: constructed, so that it needs no permission from the page's Content-Security-Policy. */
export function styles() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(ROLES + PANEL + THREAD + FILES + LIVE);
  return sheet;
}
