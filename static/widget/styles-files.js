/** Files: where they are dropped, as chips of what is being written, and in messages. */
export const FILES = `
.attach {
  flex: none;
  display: grid;
  place-items: center;
  width: 34px;
  height: 34px;
  padding: 0;
  border: 0;
  border-radius: 50%;
  background: transparent;
}
.panel .attach { color: var(--muted); }
.panel .attach:hover { background: var(--raised); color: var(--text); }
.panel .attach:disabled { background: transparent; opacity: .5; cursor: default; }
.composer-note { padding: 4px 12px 0; font-size: 13px; }
.composer-note:empty { display: none; }

.chips {
  display: flex;
  flex-direction: column;
  gap: 6px;
  max-height: 190px;
  margin: 0 0 8px;
  padding: 2px;
  overflow: hidden auto;
  list-style: none;
  scrollbar-width: thin;
}
.chip {
  position: relative;
  flex: none;
  display: flex;
  align-items: center;
  gap: 4px;
  min-height: 52px;
  padding: 5px 6px;
  overflow: hidden;
  border: 1px solid var(--line);
  border-radius: 14px;
  background: var(--raised);
}
.chip[data-state="failed"] { border-color: var(--danger); }
.chip-picture {
  flex: none;
  display: grid;
  place-items: center;
  width: 40px;
  height: 40px;
  margin-inline-end: 5px;
  overflow: hidden;
  border-radius: 9px;
  background: var(--surface);
  color: var(--muted);
}
.chip-picture canvas { width: 40px; height: 40px; }
.chip-words { flex: 1; min-width: 0; display: flex; flex-direction: column; line-height: 1.35; }
.chip-name, .card-name { overflow: hidden; font-size: 14px; text-overflow: ellipsis; white-space: nowrap; }
.chip-state, .card-size { color: var(--muted); font-size: 13px; font-variant-numeric: tabular-nums; }
.chip-state { overflow-wrap: anywhere; }
.chip[data-state="failed"] .chip-state { color: var(--danger); }
.chip-retry, .chip-remove {
  flex: none;
  display: grid;
  place-items: center;
  width: 32px;
  height: 32px;
  padding: 0;
  border: 0;
  border-radius: 10px;
  background: transparent;
}
.panel :is(.chip-retry, .chip-remove) { color: var(--muted); }
.panel :is(.chip-retry, .chip-remove):hover { background: var(--line); color: var(--text); }
.panel :is(.chip-retry, .chip-remove):focus-visible { outline-offset: -2px; }
.chip :is(.chip-retry, .chip-remove) .icon { width: 17px; height: 17px; }
.chip progress {
  position: absolute;
  inset: auto 0 0;
  width: 100%;
  height: 3px;
  border: 0;
  appearance: none;
  background: var(--line);
}
.chip progress::-webkit-progress-bar { background: var(--line); }
.chip progress::-webkit-progress-value { background: var(--accent-text); transition: inline-size .2s linear; }
.chip progress::-moz-progress-bar { background: var(--accent-text); }

.body { display: flex; flex-direction: column; align-items: flex-start; gap: 3px; min-width: 0; }
.row[data-role="USER"] .body { align-items: flex-end; }
.text { max-width: 100%; }
.text[data-removed] { font-style: italic; }
.row:not([data-role="USER"]) .text[data-removed] { color: var(--muted); }
.files { display: flex; flex-direction: column; align-items: inherit; gap: 3px; max-width: 100%; }
.picture { max-width: 100%; }
.picture > a:not(.card) {
  display: block;
  overflow: hidden;
  border: 1px solid var(--line);
  border-radius: 16px;
  background: var(--bubble);
}
.picture img { display: block; max-width: 100%; height: auto; object-fit: cover; color: var(--muted); font-size: 13px; }
.card {
  display: flex;
  align-items: center;
  gap: 11px;
  width: 262px;
  max-width: 100%;
  min-height: 56px;
  padding: 8px 12px;
  border: 1px solid var(--line);
  border-radius: 16px;
  background: var(--surface);
  text-decoration: none;
}
.panel .card { color: var(--text); }
.card[href]:hover { background: var(--raised); }
.card > .icon { width: 18px; height: 18px; color: var(--muted); }
.card:not([href]) > .icon { display: none; }
.card-icon {
  flex: none;
  display: grid;
  place-items: center;
  width: 36px;
  height: 36px;
  border-radius: 10px;
  background: var(--bubble);
  color: var(--accent-text);
}
.card-words { flex: 1; min-width: 0; display: flex; flex-direction: column; line-height: 1.35; }
.row[data-state="pending"] .files { opacity: .72; }
.row[data-state="failed"] .files > * { border-radius: 16px; box-shadow: 0 0 0 2px var(--surface), 0 0 0 4px var(--danger); }

.drop {
  position: absolute;
  inset: 0;
  z-index: 1;
  padding: 14px;
  background: color-mix(in srgb, var(--surface) 86%, transparent);
  pointer-events: none;
}
.drop > div {
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 10px;
  height: 100%;
  border: 2px dashed var(--accent-text);
  border-radius: 14px;
  color: var(--accent-text);
  font-weight: 600;
}
.drop .icon { width: 32px; height: 32px; }
@media (forced-colors: active) {
  .chip progress { appearance: auto; }
}
`;
