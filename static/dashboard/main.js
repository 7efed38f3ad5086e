import { Api, ApiError } from "./api.js";
import { Inbox } from "./inbox.js";

const boot = JSON.parse(document.getElementById("boot").textContent);
new Inbox(document.querySelector(".inbox"), boot, new Api(boot.me.csrfToken)).start();

window.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof ApiError && event.reason.status === 401) event.preventDefault(); // on the way to sign in
});
