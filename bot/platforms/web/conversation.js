/** The middle of the page: what was said in one place, kept in step with its history. */

import { element } from "./dom.js";
import { drawMessage } from "./message.js";
import { longDay } from "./schooltime.js";

const AT_THE_END = 4;
const NEAR_THE_END = 120;
const MARGIN = 16;
const ONE_BREATH = 5 * 60 * 1000;

export class Conversation {
  #log = document.getElementById("log");
  #column = document.getElementById("log-column");
  #newer = document.getElementById("newer");
  #drawn = new Map();
  #unreadFrom = null;
  #waiting = false;
  #height = 0;
  #empty;

  /**
   * @param {{me: object, names: Map, press: Function, empty: Function}} wiring `press(message id, label)` returns a
   *   promise; `empty(place)` returns what is shown where nothing was said yet.
   */
  constructor(wiring) {
    this.wiring = wiring;
    this.#empty = wiring.empty;
    this.#newer.addEventListener("click", () => this.toTheEnd());
    this.#log.addEventListener("scroll", () => {
      if (this.#fromTheEnd() < NEAR_THE_END) this.#newer.hidden = true;
    });
    new ResizeObserver(() => this.#resized()).observe(this.#log);
  }

  /** Show another place: its end, or what is unread, which begins with message number *unreadFrom*. */
  open(place, history, unreadFrom) {
    this.place = place;
    this.#unreadFrom = unreadFrom;
    this.#drawn.clear();
    // What was said long ago must not be read out as news.
    this.#log.setAttribute("aria-live", "off");
    this.#column.replaceChildren();
    this.update(history);
    this.toTheEnd();
    const unread = this.#drawn.get("new");
    if (unread) this.#beginWith(unread.node);
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
  }

  /** Draw what is new or changed in *history*. */
  update(history) {
    const follows = this.#fromTheEnd() < NEAR_THE_END;
    const atTheEnd = this.#fromTheEnd() < AT_THE_END;
    const before = new Set(this.#drawn.keys());
    const rows = this.#rows(history);
    this.#reconcile(rows);
    const added = rows.filter((row) => row.message && !before.has(row.key));
    if (!added.length && atTheEnd) this.#end();
    if (!added.length) return;
    const mine = added.at(-1).message.author === this.wiring.me.id;
    if (follows || mine) this.#bringIntoView(added.at(-1).key);
    else this.#newer.hidden = false;
  }

  /** Show, or stop showing, that the assistant is at work. */
  wait(waiting, history) {
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    this.update(history);
  }

  /** Put the keyboard at what was said last, so that its buttons come next. */
  focusNewest() {
    const messages = this.#column.querySelectorAll(".message");
    messages[messages.length - 1]?.focus({ preventScroll: true });
  }

  /** Scroll to what was said last. */
  toTheEnd() {
    this.#newer.hidden = true;
    this.#end();
  }

  #end() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #fromTheEnd() {
    return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight;
  }

  /** Keep the end in sight when the message box below grows. */
  #resized() {
    const shrunk = this.#height - this.#log.clientHeight;
    if (shrunk > 0 && this.#fromTheEnd() - shrunk < AT_THE_END) this.#end();
    this.#height = this.#log.clientHeight;
  }

  /** Show the end, unless the message that came last does not fit: then its beginning, with what it answers. */
  #bringIntoView(key) {
    const shown = this.#drawn.get(key).node;
    this.toTheEnd();
    if (shown.offsetHeight + 2 * MARGIN <= this.#log.clientHeight) return;
    const before = shown.previousElementSibling;
    this.#beginWith(before?.classList.contains("message-own") ? before : shown);
  }

  #beginWith(node) {
    this.#log.scrollTop = node.offsetTop - MARGIN;
  }

  /** Return what has to stand in the column: messages with dividers between them, each with a key and a signature. */
  #rows(history) {
    const settled = history.settled();
    const rows = [];
    let previous = null;
    for (const message of history.inOrder()) {
      const at = new Date(message.at);
      const day = longDay(at);
      if (!previous || longDay(new Date(previous.at)) !== day) {
        rows.push({ key: `day ${message.id}`, signature: "", draw: () => divider("day", day) });
        previous = null;
      }
      if (message.seq === this.#unreadFrom) {
        rows.push({ key: "new", signature: "", draw: () => divider("new", "New") });
        previous = null;
      }
      const alike = previous?.author === message.author && at - new Date(previous.at) < ONE_BREATH;
      const done = settled.has(message.id);
      rows.push({
        key: `message ${message.id}`,
        signature: JSON.stringify([message, alike, done]),
        message,
        draw: () => this.#message(message, alike, done),
      });
      previous = message;
    }
    if (!rows.length)
      rows.push({ key: `empty ${this.place}`, signature: "", draw: () => this.#empty(this.place) });
    if (this.#waiting) rows.push({ key: "waiting", signature: "", draw: waitingSign });
    return rows;
  }

  /** Touch only what differs, so that focus, selection and screen readers stay where they are. */
  #reconcile(rows) {
    const wanted = new Set(rows.map((row) => row.key));
    for (const [key, { node }] of this.#drawn) {
      if (wanted.has(key)) continue;
      node.remove();
      this.#drawn.delete(key);
    }
    let place = this.#column.firstChild;
    for (const row of rows) {
      const before = this.#drawn.get(row.key);
      if (before && before.signature === row.signature) {
        if (before.node === place) place = place.nextSibling;
        else this.#column.insertBefore(before.node, place);
        continue;
      }
      const node = row.draw();
      if (before) {
        if (before.node === place) place = place.nextSibling;
        replaceKeepingFocus(before.node, node);
      } else {
        this.#column.insertBefore(node, place);
      }
      this.#drawn.set(row.key, { node, signature: row.signature });
    }
  }

  #message(message, alike, settled) {
    const own = message.author === this.wiring.me.id;
    const name = message.author === "bot" ? "Assistant" : this.wiring.names.get(message.author);
    return drawMessage(message, {
      kind: own ? "own" : message.author === "bot" ? "bot" : "other",
      name: own ? "You" : (name ?? message.author),
      alike,
      settled,
      press: (label) => this.wiring.press(message.id, label),
    });
  }
}

function divider(kind, words) {
  return element("p", { class: `divider divider-${kind}` }, element("span", {}, words));
}

function waitingSign() {
  return element(
    "div",
    { class: "waiting" },
    element("span", { class: "unseen" }, "The assistant is at work"),
    element("i"),
    element("i"),
    element("i"),
  );
}

/** A card that is drawn again while somebody is inside it keeps them there: at the same button, or at the message. */
function replaceKeepingFocus(before, after) {
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  before.replaceWith(after);
  if (!focused) return;
  const same = [...after.querySelectorAll("button")].find(
    (button) => button.textContent === focused.textContent,
  );
  (same ?? after).focus({ preventScroll: true });
}
