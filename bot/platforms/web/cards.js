/** Draws a card: a title, blocks in reading order, and buttons. */

import { element, unseen } from "./dom.js";
import { icon } from "./icons.js";

const TONE_WORDS = { info: "Note", good: "Good", warning: "Warning", urgent: "Urgent" };
const SAFE_LINK = /^(https?:|mailto:|tel:)/i;

/**
 * Return *card* as an element.
 * @param {object} card
 * @param {{press: Function, settled: boolean, heading: string}} options `press(label, card element)`; *settled*
 *   leaves the buttons out; *heading* is the tag of the title.
 */
export function drawCard(card, { press, settled = false, heading = "h2" }) {
  const shown = element(
    "div",
    { class: "card" },
    card.title && element(heading, { class: "card-title" }, card.title),
    (card.blocks ?? []).map(drawBlock),
  );
  if (card.buttons?.length && !settled)
    shown.append(drawButtons(card.buttons, (label) => press(label, shown)));
  if (settled) shown.append(element("p", { class: "settled" }, icon("check"), "Answered"));
  return shown;
}

/** Return one block; one of an unknown type still shows its words. */
function drawBlock(block) {
  switch (block.type) {
    case "bullets":
      return element(
        "ul",
        { class: "bullets" },
        block.items.map((item) => element("li", {}, drawSpans(item))),
      );
    case "facts":
      return element(
        "dl",
        { class: "facts" },
        block.rows.map((row) =>
          element(
            "div",
            { class: "fact" },
            element("dt", {}, row.label),
            element("dd", {}, drawSpans(row.value)),
          ),
        ),
      );
    case "quote":
      return drawQuote(block);
    case "notice":
      return drawNotice(block);
    default:
      return element("p", { class: "paragraph" }, drawSpans(block.spans ?? []));
  }
}

function drawQuote({ text, source }) {
  const lines = text
    .split("\n")
    .map((line) =>
      element("span", { class: line.startsWith("- ") ? "quote-line quote-item" : "quote-line" }, line || " "),
    );
  return element(
    "figure",
    { class: "quote" },
    element("blockquote", {}, lines),
    source && element("figcaption", {}, source),
  );
}

function drawNotice({ tone, spans }) {
  const word = TONE_WORDS[tone] ?? TONE_WORDS.info;
  const label =
    tone === "urgent" ? element("strong", { class: "notice-word" }, `${word}: `) : unseen(`${word}: `);
  return element(
    "div",
    { class: "notice", "data-tone": tone },
    icon(tone),
    element("p", {}, label, drawSpans(spans)),
  );
}

function drawButtons(buttons, press) {
  return element(
    "div",
    { class: "card-buttons" },
    buttons.map(({ label, style }) =>
      element(
        "button",
        { type: "button", class: "button", "data-style": style, onclick: () => press(label) },
        label,
      ),
    ),
  );
}

function drawSpans(spans) {
  return spans.map((span) => {
    switch (span.type) {
      case "bold":
        return element("strong", {}, span.text);
      case "mention":
        return element("span", { class: "mention", "data-person": span.person }, span.text);
      case "moment":
        return element("time", { class: "moment", datetime: span.at }, span.text);
      case "link":
        return drawLink(span);
      default:
        return span.text;
    }
  });
}

function drawLink({ text, url }) {
  if (!SAFE_LINK.test(url ?? "")) return text;
  const web = /^http/i.test(url);
  return element("a", { href: url, target: web && "_blank", rel: web && "noopener noreferrer" }, text);
}
