const ADDRESS = /(?:https?:\/\/|mailto:)[^\s<>"]+/gi;
const CLOSING = /[.,;:!?'’”…\])}]$/u;
const OPENING = { ")": "(", "]": "[", "}": "{" };
const ALLOWED = new Set(["http:", "https:", "mailto:"]);

/** A text as nodes in which web and mail addresses are links. */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutPunctuation(match[0]);
    const link = linkTo(address);
    if (!link) continue;
    nodes.push(text.slice(end, match.index), link);
    end = match.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

/** The full stop after an address is not part of it, nor a bracket that opened before it. */
function withoutPunctuation(address) {
  while (CLOSING.test(address)) {
    const last = address.at(-1);
    const opening = OPENING[last];
    if (opening && address.split(opening).length >= address.split(last).length) break;
    address = address.slice(0, -1);
  }
  return address;
}

function linkTo(address) {
  const url = parsed(address);
  if (!url || !ALLOWED.has(url.protocol) || !(url.hostname || url.pathname)) return null;
  const link = document.createElement("a");
  link.href = url.href;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  link.textContent = address;
  return link;
}

function parsed(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
