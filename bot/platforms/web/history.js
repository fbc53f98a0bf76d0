/** What was said in one place, each message once, in the order in which it came. */

export class History {
  #messages = new Map();

  /** Take a message in; return "new", "redrawn", or "known" where nothing changed. */
  take(message) {
    const before = this.#messages.get(message.id);
    this.#messages.set(message.id, message);
    if (!before) return "new";
    return JSON.stringify(before) === JSON.stringify(message) ? "known" : "redrawn";
  }

  /** Return the ids of all messages. */
  ids() {
    return [...this.#messages.keys()];
  }

  /** Forget the message called *id*, which the server does not know any more. */
  forget(id) {
    this.#messages.delete(id);
  }

  /** Return all messages, oldest first. */
  inOrder() {
    return [...this.#messages.values()].sort((one, other) => one.seq - other.seq);
  }

  /** Return the number of the last message, or 0. */
  get last() {
    return Math.max(0, ...[...this.#messages.values()].map((message) => message.seq));
  }

  /** Return the messages that *reader* has not seen, who has read up to number *read*. */
  unread(reader, read) {
    // A smaller number than what was read means that the server's data were thrown away meanwhile.
    const seen = read > this.last ? 0 : read;
    return this.inOrder().filter((message) => message.seq > seen && message.author !== reader);
  }

  /** Return ids of the messages whose question was asked again or answered: a later one carries the same form. */
  settled() {
    const latest = new Map();
    for (const message of this.inOrder()) if (message.form) latest.set(message.form.session, message.id);
    return new Set(
      this.inOrder()
        .filter((message) => message.form && latest.get(message.form.session) !== message.id)
        .map((message) => message.id),
    );
  }

  /** Return the one-field form of the question that stands, or null. */
  question() {
    const spoken = this.inOrder().filter((message) => message.author === "bot");
    const form = spoken.at(-1)?.form;
    return form?.fields.length === 1 ? form : null;
  }
}
