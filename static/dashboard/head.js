import { el, setText } from "../shared/dom.js";
import { snoozeEnd } from "./times.js";

/** Above the thread: who the customer is, the conversation's status and its assignee. */
export class Head {
  #parts;
  #onChange;

  /** `onChange(fields)` asks for a change; until the answer the old values stay shown. */
  constructor(parts, agents, onChange) {
    this.#parts = parts;
    this.#onChange = onChange;
    const options = agents.map(({ id, name }) => el("option", { value: id }, name));
    parts.assignee.append(el("option", { value: "" }, "Unassigned"), ...options);
    parts.status.addEventListener("change", () => this.#status());
    parts.assignee.addEventListener("change", () => this.#ask({ assigneeId: parts.assignee.value || null }));
  }

  #shown = null;

  show(conversation) {
    this.#shown = conversation;
    const { customer, email, status, assignee } = this.#parts;
    setText(customer, conversation.customerName);
    setText(email, [conversation.customerEmail, conversation.pageName].filter(Boolean).join(" · "));
    status.value = conversation.status;
    this.#knowAgent(conversation.assignee);
    assignee.value = conversation.assignee?.id ?? "";
  }

  #knowAgent(agent) {
    const { assignee } = this.#parts;
    if (agent && ![...assignee.options].some(({ value }) => value === agent.id)) {
      assignee.append(el("option", { value: agent.id }, agent.name));
    }
  }

  #status() {
    const [kind, name] = this.#parts.status.value.split(":");
    if (kind !== "snooze") return this.#ask({ status: kind });
    return this.#ask({ status: "SNOOZED", snoozedUntil: snoozeEnd(name).toISOString() });
  }

  async #ask(fields) {
    const before = this.#shown;
    const done = await this.#onChange(fields);
    if (!done && this.#shown === before) this.show(before);
  }
}
