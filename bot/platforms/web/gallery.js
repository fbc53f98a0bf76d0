/** The gallery: every card and form from made-up facts, drawn by the code that draws the chat. */

import { CallFailed, gallery } from "./api.js";
import { drawCard } from "./cards.js";
import { element, fill } from "./dom.js";
import { drawForm } from "./forms.js";
import { alertToast } from "./toast.js";

const ONLY_A_SAMPLE = "This is a sample: its buttons do nothing.";

function sample(name, ...children) {
  return element(
    "article",
    { class: "sample", "aria-label": name },
    element("h3", { class: "sample-name" }, name),
    children,
  );
}

function cardSample({ name, text, card }) {
  return sample(
    name,
    drawCard(card, { press: () => alertToast(ONLY_A_SAMPLE), heading: "h4" }),
    element(
      "details",
      { class: "sample-plain" },
      element("summary", {}, "As plain text"),
      element("pre", { tabindex: "0" }, text),
    ),
  );
}

function formSample({ name, form }, number) {
  const drawn = drawForm(form, { scope: `form-${number}`, heading: "h4" });
  // The pages of one form share a title, but their names differ.
  drawn.node.removeAttribute("aria-labelledby");
  drawn.node.setAttribute("aria-label", name);
  drawn.node.addEventListener("submit", (event) => {
    event.preventDefault();
    alertToast(ONLY_A_SAMPLE);
  });
  return sample(name, drawn.node);
}

function wireFilter(samples) {
  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  const show = () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const each of samples) each.hidden = !each.textContent.toLowerCase().includes(wanted);
    const shown = samples.filter((each) => !each.hidden).length;
    count.textContent = `${shown} of ${samples.length} samples`;
  };
  filter.addEventListener("input", show);
  show();
}

/** Who came from the chat goes back to it as the same person. */
function wireWayBack() {
  const as = new URLSearchParams(location.search).get("as");
  if (as) document.getElementById("back").href = `/?${new URLSearchParams({ as })}`;
}

async function begin() {
  wireWayBack();
  const { cards, forms } = await gallery();
  const cardSamples = cards.map(cardSample);
  const formSamples = forms.map(formSample);
  fill(document.getElementById("cards"), cardSamples);
  fill(document.getElementById("forms"), formSamples);
  wireFilter([...cardSamples, ...formSamples]);
}

begin().catch((failure) => {
  const expected = failure instanceof CallFailed;
  alertToast(expected ? failure.message : "The gallery could not start: reload it, please.");
  if (!expected) throw failure;
});
