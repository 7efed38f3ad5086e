import { api, boot } from "./boot.js";
import { Inbox } from "./inbox.js";

new Inbox(document.querySelector(".inbox"), boot, api).start();
