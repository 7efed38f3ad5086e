import { Row } from "./row.js";

const BEYOND = 12; // rows drawn above and below what is seen
const PADDING = 6; // px

/**
 * The list of conversations. Rows are kept, filled and moved, and only those near what is seen are in the page, however
 * many there are. What one looks at stays in its place while others move to the top.
 */
export class List {
  #scroller;
  #root;
  #template;
  #me;
  #customer;
  #onOpen;
  #rows = new Map(); // id → Row, of those in the page
  #items = { rows: [], count: 0, indexOf: () => -1 };
  #first = 0; // the index of the first row in the page
  #openId = null;
  #cursor = null; // the conversation that the keyboard was on last
  #height;

  /** `stateOf(conversation)`: {isOnline, typing} of its customer. */
  constructor(scroller, { me, stateOf, onOpen }) {
    this.#scroller = scroller;
    this.#root = scroller.querySelector("[data-part=conversation-list]");
    this.#template = scroller.parentElement.querySelector("[data-part=row-template]").content.firstElementChild;
    this.#me = me;
    this.#customer = stateOf;
    this.#onOpen = onOpen;
    for (const node of this.#root.children) this.#rows.set(node.dataset.id, new Row(node));
    this.#height = this.#root.firstElementChild?.offsetHeight || this.#measure();
    this.#root.addEventListener("click", (event) => this.#click(event));
    this.#root.addEventListener("focusin", ({ target }) => (this.#cursor = idOf(target) ?? this.#cursor));
    scroller.addEventListener("scroll", () => this.#draw(), { passive: true });
    new ResizeObserver(() => this.#draw()).observe(scroller);
    setInterval(() => this.#rows.forEach((row) => row.refreshTime()), 20_000);
  }

  get size() {
    return this.#items.count;
  }

  /** The conversation whose row has the focus. */
  get focusedId() {
    return this.#root.contains(document.activeElement) ? idOf(document.activeElement) : null;
  }

  /**
   * `items`: {rows, count, indexOf(id), hits, q}: the first `count` of `rows`, in this order; `hits` of a search by id.
   */
  show(items, openId) {
    this.#items = items;
    this.#openId = openId;
    this.#draw(this.#steadyTop());
  }

  toTop() {
    this.#scroller.scrollTop = 0;
  }

  /** The focus goes to this row, or to the list where there is none. */
  focus(id) {
    const at = this.#items.indexOf(id);
    if (at < 0) return this.#scroller.focus();
    this.#reveal(at);
    this.#rows.get(id)?.link.focus({ preventScroll: true });
  }

  /** The focus goes to the next row, or with -1 to the one before. */
  move(by) {
    const at = this.#items.indexOf(this.focusedId ?? this.#cursor ?? this.#openId);
    const to = at < 0 ? 0 : Math.min(this.#items.count - 1, Math.max(0, at + by));
    if (this.#items.count) this.focus(this.#items.rows[to].id);
  }

  // What is in the page

  #draw(top = this.#scroller.scrollTop) {
    const { rows, count, indexOf } = this.#items;
    const first = Math.max(0, Math.min(count, Math.floor((top - PADDING) / this.#height)) - BEYOND);
    const last = Math.min(count, Math.ceil((top + this.#scroller.clientHeight) / this.#height) + BEYOND);
    this.#first = first;
    const wanted = new Set();
    for (let at = first; at < last; at++) wanted.add(rows[at].id);
    const lost = this.#removeAllBut(wanted, indexOf);
    this.#root.style.paddingBlock = `${PADDING + first * this.#height}px ${PADDING + (count - last) * this.#height}px`;
    let place = this.#root.firstElementChild;
    for (let at = first; at < last; at++) {
      const row = this.#rowOf(rows[at].id);
      row.show(rows[at], { ...this.#stateOf(rows[at].id, at), ...this.#customer(rows[at]) });
      if (row.node === place) place = place.nextElementSibling;
      else this.#root.insertBefore(row.node, place);
    }
    if (top !== this.#scroller.scrollTop) this.#scroller.scrollTop = top;
    if (lost) this.#refocus(lost);
  }

  #stateOf(id, index) {
    const { hits, q, count } = this.#items;
    return { isOpen: id === this.#openId, hit: hits?.[id], q: q ?? "", me: this.#me.id, index, count };
  }

  /** Says which row had the focus, if it is among those that go, and where it was. */
  #removeAllBut(wanted, indexOf) {
    let lost = null;
    let at = 0;
    for (const node of [...this.#root.children]) {
      const { id } = node.dataset;
      if (!wanted.has(id)) {
        if (node.contains(document.activeElement)) lost = { at, isGone: indexOf(id) < 0 };
        this.#rows.delete(id);
        node.remove();
      } else at += 1;
    }
    return lost;
  }

  /** A focus whose row is gone goes to its neighbour; one that was scrolled away stays in the list. */
  #refocus({ at, isGone }) {
    const neighbour = this.#root.children[Math.min(at, this.#root.children.length - 1)];
    if (isGone && neighbour) neighbour.firstElementChild.focus({ preventScroll: true });
    else this.#scroller.focus({ preventScroll: true });
  }

  #rowOf(id) {
    if (!this.#rows.has(id)) this.#rows.set(id, new Row(this.#template.cloneNode(true)));
    return this.#rows.get(id);
  }

  #measure() {
    const probe = this.#root.appendChild(this.#template.cloneNode(true));
    const height = probe.offsetHeight;
    probe.remove();
    return height || 68;
  }

  /** Where to scroll to so that what one looks at stays where it is; at the list's beginning one sees what is new. */
  #steadyTop() {
    const { scrollTop } = this.#scroller;
    const seen = Math.floor((scrollTop - PADDING) / this.#height);
    if (seen < 1) return scrollTop;
    for (let index = Math.max(seen, this.#first); index < this.#first + this.#root.children.length; index++) {
      const now = this.#items.indexOf(this.#root.children[index - this.#first].dataset.id);
      if (now >= index) return scrollTop + (now - index) * this.#height; // others are gone, or have moved to the top
    }
    return scrollTop;
  }

  #reveal(at) {
    const top = PADDING + at * this.#height;
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop) this.#scroller.scrollTop = top - PADDING;
    else if (top + this.#height > scrollTop + clientHeight) this.#scroller.scrollTop = top + this.#height + PADDING - clientHeight;
    this.#draw();
  }

  #click(event) {
    const id = idOf(event.target);
    if (!id || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    this.#onOpen(id, this.#items.hits?.[id]?.seq ?? null);
  }
}

function idOf(node) {
  return node.closest("[data-part=conversation]")?.dataset.id ?? null;
}
