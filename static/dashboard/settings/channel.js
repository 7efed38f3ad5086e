import { api, boot } from "../boot.js";
import { newId } from "../../shared/ids.js";
import { Check } from "./check.js";
import { Questions } from "./questions.js";
import { valuesOf } from "./values.js";

/** A channel's page: colours, questions, the check of the website, and the live preview. */
export function startChannel(form) {
  if (!form) return;
  const questions = new Questions(form);
  form.extraValues = ({ settings }) => ({ settings: { ...settings, preChatFields: questions.values } });
  questions.show(boot.channel.settings.preChatFields);
  form.addEventListener("taken", ({ detail }) => questions.show(detail.settings.preChatFields));
  connectColours(form);
  const frame = document.querySelector("[data-part=preview]");
  const preview = () => tell(frame, valuesOf(form));
  form.addEventListener("input", preview);
  form.addEventListener("taken", preview);
  frame.addEventListener("load", preview);
  questions.onChange = preview;
  new Check(document.querySelector("[data-part=check]"), api).start();
}

function connectColours(form) {
  const picker = form.querySelector("[data-part=colour-picker]");
  const text = form.elements.namedItem("settings.colors.accent");
  picker.addEventListener("input", () => (text.value = picker.value));
  text.addEventListener("input", () => text.validity.valid && (picker.value = text.value));
}

/** The preview is a page of ours in a frame: it hears what it should look like, and nothing else. */
function tell(frame, { name, settings }) {
  const { colors, texts, position, theme, preChatFields } = settings;
  if (!/^#[0-9a-f]{6}$/i.test(colors.accent)) return;
  const fields = preChatFields.map((field) => ({ ...field, name: field.name || newId() }));
  const changed = { name, colors, texts, position, theme, preChatFields: fields };
  frame.contentWindow.postMessage({ deskbellPreview: changed }, location.origin);
}
