import { Api, ApiError } from "./api.js";

/** What the page was served with: {me, agents, …}. */
export const boot = JSON.parse(document.getElementById("boot").textContent);

/** The agent's door for this page. */
export const api = new Api(boot.me.csrfToken);

window.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof ApiError && event.reason.status === 401) event.preventDefault(); // on the way to sign in
});
