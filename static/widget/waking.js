const TICK = 2000; // ms
const NAP = 10_000; // ms that the clock jumps when a computer slept

/** Calls `onWake()` when the page may have missed something: shown again, taken out of a cache, online again, woken up. */
export function watchWaking(onWake) {
  let seen = Date.now();
  const wake = () => {
    seen = Date.now();
    onWake();
  };
  const tick = () => {
    if (document.visibilityState !== "visible") return;
    if (Date.now() - seen > TICK + NAP) wake();
    seen = Date.now();
  };
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  window.addEventListener("pageshow", (event) => event.persisted && wake());
  window.addEventListener("online", wake);
  setInterval(tick, TICK);
}
