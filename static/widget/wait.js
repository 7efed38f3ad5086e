const WAITS = [1000, 2000, 4000, 8000]; // ms before each further attempt
const LONGEST_WAIT = 60_000; // ms; a server that asks for more is not waited for

/**
 * Waits before another attempt: as long as the server asked for (`asked`, ms or null), otherwise about `usual` ms,
 * or less if the browser finds its connection again. An abort of the `signal` ends either.
 */
export function pause(usual, asked = null, signal = null) {
  return new Promise((resolve) => {
    const done = () => {
      window.removeEventListener("online", done);
      resolve();
    };
    setTimeout(done, asked ?? usual * (0.75 + Math.random() / 2));
    if (asked === null) window.addEventListener("online", done);
    signal?.addEventListener("abort", done);
  });
}

/** Resolves when the browser knows of a connection: mostly at once. */
export function online() {
  if (navigator.onLine) return Promise.resolve();
  return new Promise((resolve) => window.addEventListener("online", resolve, { once: true }));
}

/** Answers what `call()` answers, after further attempts if need be; throws its Problem. `onWait(problem)`: before each. */
export async function persist(call, onWait = () => {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (problem) {
      if (!problem.passing || attempt === WAITS.length || problem.retryAfter > LONGEST_WAIT) throw problem;
      onWait(problem);
      await pause(WAITS[attempt], problem.retryAfter);
    }
  }
}
