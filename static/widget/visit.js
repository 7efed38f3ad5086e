/** What a message tells of the visit, within the lengths that the server takes: {page, locale, timezone}. */
export function visit() {
  return {
    page: {
      url: clip(location.href, 2048),
      title: clip(document.title, 300),
      referrer: clip(document.referrer, 2048),
    },
    locale: clip(navigator.language ?? "", 35),
    timezone: clip(Intl.DateTimeFormat().resolvedOptions().timeZone ?? "", 64),
  };
}

function clip(text, length) {
  return wellFormed(text.slice(0, length));
}

/** Halves of surrogate pairs, which are no text, replaced. */
export function wellFormed(text) {
  return text.replace(/\p{Cs}/gu, "\ufffd");
}
