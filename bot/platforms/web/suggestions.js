/** What a place shows before anything was said in it: what one could ask. */

import { element } from "./dom.js";

const QUESTIONS = [
  "Can I name the school in a post on my own account?",
  "May I post photos of pupils on my own account?",
  "Who approves a new school account?",
  "A journalist rang me. What do I say?",
];

/** Return the words for the empty *place*; *say* sends the question that was chosen. */
export function suggestions(place, say) {
  if (place !== "dm")
    return element(
      "div",
      { class: "empty" },
      element("p", { class: "empty-title" }, "Nothing has been said here yet"),
    );
  return element(
    "div",
    { class: "empty" },
    element("p", { class: "empty-title" }, "Ask what the policy says"),
    element(
      "p",
      {},
      "The answer is the policy’s own words, with the clause. Or choose something to do below.",
    ),
    element(
      "ul",
      { class: "suggestions" },
      QUESTIONS.map((question) =>
        element(
          "li",
          {},
          element("button", { type: "button", class: "suggestion", onclick: () => say(question) }, question),
        ),
      ),
    ),
  );
}
