/** Who is there, who types, and what is on its way. */
export const LIVE = `
.outlook {
  display: -webkit-box;
  overflow: hidden;
  font-size: 13px;
  line-height: 1.35;
  overflow-wrap: anywhere;
  -webkit-box-orient: vertical;
  -webkit-line-clamp: 2;
}
.watched { padding: 6px 12px 0; color: var(--muted); font-size: 12px; line-height: 1.35; }

.dots { display: flex; align-items: center; gap: 4px; min-height: 38px; }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--muted); }
@media (prefers-reduced-motion: no-preference) {
  .dots i { animation: dot 1.2s ease-in-out infinite; }
  .dots i:nth-child(2) { animation-delay: .15s; }
  .dots i:nth-child(3) { animation-delay: .3s; }
}
@keyframes dot { 0%, 60%, 100% { transform: none; } 30% { transform: translateY(-4px); } }
@media (forced-colors: active) { .dots i { background: CanvasText; forced-color-adjust: none; } }

.meta { display: flex; align-items: center; gap: 4px; }
.meta .icon { width: 13px; height: 13px; }
.row[data-state="waiting"] .text { opacity: .72; }
.row[data-state="waiting"] .failure { padding-block: 4px; color: var(--muted); }
`;
