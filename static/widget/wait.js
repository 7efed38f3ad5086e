/**
 * Waits before another attempt: as long as the server asked for (`asked`, ms or null), otherwise about `usual` ms,
 * or less if the browser finds its connection again.
 */
export function pause(usual, asked = null) {
  return new Promise((resolve) => {
    const done = () => {
      window.removeEventListener("online", done);
      resolve();
    };
    setTimeout(done, asked ?? usual * (0.75 + Math.random() / 2));
    if (asked === null) window.addEventListener("online", done);
  });
}
