/** Conversations in the list's order, newest activity first. To move one takes two binary searches, however many. */
export class Sorted {
  rows = [];

  fill(conversations) {
    this.rows = conversations.sort(byActivity);
  }

  add(conversation) {
    this.rows.splice(this.#placeOf(conversation), 0, conversation);
  }

  /** Takes out the one of this id, last activity as it was put in. */
  remove(conversation) {
    const at = this.indexOf(conversation);
    if (at >= 0) this.rows.splice(at, 1);
  }

  indexOf(conversation) {
    const at = this.#placeOf(conversation);
    return this.rows[at]?.id === conversation.id ? at : -1;
  }

  /** How many were active at this moment or later. */
  countSince(moment) {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].lastMessageAt >= moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The index of the first that does not come before it. */
  #placeOf(conversation) {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byActivity(this.rows[middle], conversation) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function byActivity(one, other) {
  if (one.lastMessageAt !== other.lastMessageAt) return one.lastMessageAt < other.lastMessageAt ? 1 : -1;
  if (one.id === other.id) return 0;
  return one.id < other.id ? 1 : -1;
}
