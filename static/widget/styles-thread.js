/** The messages and what stands above them. */
export const THREAD = `
.middle, .thread { position: relative; flex: 1; min-height: 0; display: flex; flex-direction: column; }
.scroller {
  flex: 1;
  min-height: 0;
  padding: 18px 16px 8px;
  overflow: hidden auto;
  overflow-anchor: none;
  overscroll-behavior: contain;
  scrollbar-width: thin;
}
.panel .scroller:focus-visible { outline-offset: -3px; }

.status {
  position: absolute;
  inset: 8px 0 auto;
  width: fit-content;
  max-width: calc(100% - 32px);
  margin-inline: auto;
  padding: 5px 14px;
  border-radius: 16px;
  background: var(--text);
  color: var(--surface);
  font-size: 13px;
  box-shadow: 0 2px 10px rgb(0 0 0 / .2);
}
.status:empty { visibility: hidden; }

.intro { display: flex; flex-direction: column; gap: 14px; }
.welcome { display: flex; flex-direction: column; gap: 12px; }
.who { display: flex; align-items: center; gap: 12px; padding-inline: 2px; }
.faces { flex: none; display: flex; padding-inline-start: 2px; }
.faces .face {
  width: 40px;
  height: 40px;
  background: var(--accent);
  color: var(--on-accent);
  font-size: 16px;
  box-shadow: 0 0 0 2.5px var(--surface);
}
.faces .face + .face { margin-inline-start: -10px; }
.presence { min-width: 0; color: var(--muted); font-size: 14px; line-height: 1.4; overflow-wrap: anywhere; }
.presence[data-online] { color: var(--text); font-weight: 550; }
.presence:not(:empty)::before {
  content: "";
  display: inline-block;
  width: 8px;
  height: 8px;
  margin-inline-end: 7px;
  border: 1.5px solid var(--muted);
  border-radius: 50%;
}
.presence[data-online]::before { border-color: transparent; background: var(--present); }
.greeting {
  align-self: flex-start;
  max-width: 85%;
  padding: 9px 14px;
  border-radius: 18px;
  border-end-start-radius: 6px;
  background: var(--bubble);
  overflow-wrap: anywhere;
  white-space: pre-line;
}
.greeting:empty { width: 60%; height: 40px; }
.refusal { padding: 10px 14px; border: 1px solid var(--danger); border-radius: 12px; color: var(--danger); }

.profile { display: grid; gap: 10px; padding: 12px 14px 14px; border: 1px solid var(--line); border-radius: 16px; }
.profile-head { display: flex; align-items: center; justify-content: space-between; gap: 8px; }
.profile-head p { font-size: 14px; font-weight: 600; }
.skip {
  flex: none;
  min-height: 28px;
  padding: 2px 8px;
  border: 0;
  border-radius: 8px;
  background: transparent;
  font-size: 13px;
  text-decoration: underline;
  text-underline-offset: 2px;
}
.panel .skip { color: var(--muted); font-size: 13px; }
.skip:hover { background: var(--raised); }
.profile-field label { display: block; margin-block-end: 3px; font-size: 13px; }
.optional { color: var(--muted); }
.profile-field input {
  width: 100%;
  min-height: 38px;
  padding: 6px 11px;
  border: 1px solid var(--border);
  border-radius: 10px;
  background: var(--surface);
}
.profile-field input[aria-invalid="true"] { border-color: var(--danger); }
.complaint { color: var(--danger); font-size: 13px; }
.complaint:not(:empty) { margin-block-start: 3px; }

.list { display: flex; flex-direction: column; padding-block-start: 4px; }
.row { position: relative; display: flex; flex-direction: column; align-items: flex-start; margin-block-start: 3px; }
.row[data-first="true"] { margin-block-start: 12px; }
.row[data-role="USER"] { align-items: flex-end; }
.row[data-role="SYSTEM"] { align-items: center; }
.day {
  align-self: center;
  margin-block: 4px 12px;
  color: var(--muted);
  font-size: 12px;
  font-weight: 600;
}
.author {
  max-width: 85%;
  margin-block-end: 3px;
  padding-inline: 14px;
  color: var(--muted);
  font-size: 12px;
  overflow-wrap: anywhere;
}
.body { max-width: 85%; }
.text {
  padding: 8px 13px;
  border: 1px solid transparent; /* seen where the system forces its own colours */
  border-radius: 18px;
  background: var(--bubble);
  overflow-wrap: anywhere;
  white-space: pre-wrap;
  unicode-bidi: plaintext;
}
.text a { color: var(--accent-text); text-underline-offset: 2px; }
.row:not([data-first="true"]) .text { border-start-start-radius: 6px; }
.row:not([data-last="true"]) .text { border-end-start-radius: 6px; }
.row[data-role="USER"] .text {
  border-radius: 18px;
  background: var(--accent);
  color: var(--on-accent);
}
.row[data-role="USER"]:not([data-first="true"]) .text { border-start-end-radius: 6px; }
.row[data-role="USER"]:not([data-last="true"]) .text { border-end-end-radius: 6px; }
.row[data-role="USER"] .text a { color: inherit; }
.row[data-role="USER"] .text a:focus-visible { outline-color: var(--on-accent); }
.row[data-role="SYSTEM"] .text {
  padding: 4px 10px;
  background: transparent;
  color: var(--muted);
  font-size: 13px;
  text-align: center;
}
.row:not([data-role="SYSTEM"]) .text[data-emoji] {
  padding: 0 4px;
  background: transparent;
  color: inherit;
  font-size: 34px;
  line-height: 1.25;
}
.row[data-state="pending"] .text { opacity: .72; }
.row[data-state="failed"] .text { box-shadow: 0 0 0 2px var(--surface), 0 0 0 4px var(--danger); }
.meta { padding: 3px 14px 0; color: var(--muted); font-size: 12px; font-variant-numeric: tabular-nums; }
.failure {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: flex-end;
  gap: 2px 8px;
  max-width: 85%;
  padding-block: 7px;
  color: var(--danger);
  font-size: 13px;
  overflow-wrap: anywhere;
}
.panel .retry {
  min-height: 28px;
  padding: 2px 12px;
  border: 1px solid currentColor;
  border-radius: 14px;
  background: transparent;
  color: inherit;
  font-size: 13px;
  font-weight: 600;
}
.retry:hover { background: var(--raised); }
.line { color: var(--muted); font-size: 13px; text-align: center; }
.panel .line { margin-block: 14px 4px; }

.newer {
  position: absolute;
  inset: auto 0 8px;
  display: flex;
  align-items: center;
  gap: 4px;
  width: fit-content;
  min-height: 34px;
  margin-inline: auto;
  padding: 4px 14px 4px 10px;
  border: 0;
  border-radius: 17px;
  background: var(--text);
  box-shadow: 0 2px 12px rgb(0 0 0 / .25);
}
.panel .newer { margin-inline: auto; color: var(--surface); font-size: 13px; font-weight: 600; }
`;
