/** Draws one message: who said it and when, and the words or the card. */

import { drawCard } from "./cards.js";
import { element } from "./dom.js";
import { avatar } from "./people.js";
import { timeOfDay } from "./schooltime.js";

/**
 * Return *message* as an element.
 * @param {object} message
 * @param {{kind: string, name: string, alike: boolean, settled: boolean, press: Function}} reading How it reads here:
 *   *kind* is own, bot or other; *alike* leaves out a head like the one before; *settled* leaves out the buttons;
 *   `press(label)` returns a promise.
 */
export function drawMessage(message, { kind, name, alike, settled, press }) {
  const time = timeOfDay(new Date(message.at));
  const head = element(
    "p",
    { class: "message-top" },
    element("span", { class: "message-author" }, name),
    element("time", { class: "message-time", datetime: message.at }, time),
    message.private && element("span", { class: "message-private" }, "Only you can see this"),
  );
  const said = message.card
    ? drawCard(message.card, { settled, press: once(press) })
    : element("p", { class: "bubble" }, message.text);
  return element(
    "article",
    {
      class: `message message-${kind}${alike ? " message-alike" : ""}`,
      "data-message": message.id,
      tabindex: "-1",
      "aria-label": `${name}, ${time}`,
    },
    avatar(message.author, name),
    element("div", { class: "message-body" }, head, said),
  );
}

/** A second press while the first is on its way would only be refused. */
function once(press) {
  return async (label, card) => {
    if (card.getAttribute("aria-busy") === "true") return;
    card.setAttribute("aria-busy", "true");
    try {
      await press(label);
    } finally {
      card.removeAttribute("aria-busy");
    }
  };
}
