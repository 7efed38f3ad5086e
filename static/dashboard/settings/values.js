/** What a form's fields say, as the object that their names describe: "settings.texts.title" is {settings: {texts: {title}}}. */
export function valuesOf(form) {
  const found = {};
  for (const field of form.elements) {
    if (field.name && !(field.type === "radio" && !field.checked)) put(found, field.name.split("."), valueOf(field));
  }
  return { ...found, ...(form.extraValues?.(found) ?? {}) };
}

/** Writes values into the fields of these names; fields that the values do not name stay. */
export function fill(form, values) {
  for (const field of form.elements) {
    const value = field.name ? at(values, field.name.split(".")) : undefined;
    if (value === undefined) continue;
    if (field.type === "checkbox") field.checked = value;
    else if (field.type === "radio") field.checked = field.value === value;
    else field.value = Array.isArray(value) ? value.join("\n") : (value ?? "");
  }
}

function valueOf(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.name.endsWith("Origins")) return field.value.split(/\s+/).filter(Boolean);
  return field.value;
}

function put(object, [name, ...rest], value) {
  if (!rest.length) Object.defineProperty(object, name, { value, enumerable: true, configurable: true });
  else put((object[name] ??= {}), rest, value);
}

function at(object, path) {
  return path.reduce((inner, name) => (inner && Object.hasOwn(inner, name) ? inner[name] : undefined), object);
}
