import { el } from "../shared/dom.js";

const WORDS = /[\p{L}\p{N}_]+/gu;

/** A text as nodes in which the words that begin as one of the query's are marked, as the server's search finds them. */
export function marked(text, query) {
  const words = (query.match(WORDS) ?? []).map(folded).sort((one, other) => other.length - one.length);
  if (!words.length) return [text];
  const found = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words.join("|")})`, "gu");
  const nodes = [];
  let end = 0;
  for (const match of folded(text).matchAll(found)) {
    const next = match.index + match[0].length;
    nodes.push(text.slice(end, match.index), el("mark", {}, text.slice(match.index, next)));
    end = next;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

/** Lower case without accents, each character in its place. */
function folded(text) {
  let result = "";
  for (let at = 0; at < text.length; at++) result += text[at].normalize("NFD")[0].toLowerCase()[0];
  return result;
}
