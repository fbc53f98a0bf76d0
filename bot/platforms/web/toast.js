/** Short sentences that come up when something did not work. */

import { element } from "./dom.js";
import { icon } from "./icons.js";

const STAYS = 12000;

/** Tell the person *sentence* at once. */
export function alertToast(sentence) {
  const shelf = document.getElementById("toasts");
  // Whatever is outside an open dialog is out of reach, so the shelf moves in.
  const host = document.querySelector("dialog[open]") ?? document.body;
  if (shelf.parentNode !== host) host.append(shelf);
  const shown = element(
    "div",
    { class: "toast", role: "alert" },
    icon("warning"),
    element("p", {}, sentence),
    element(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: () => shown.remove() },
      icon("close"),
    ),
  );
  for (const older of [...shelf.children].slice(0, -1)) older.remove();
  shelf.append(shown);
  setTimeout(() => shown.remove(), STAYS);
}

/** Bring the shelf back before its dialog closes. */
export function keepToasts() {
  document.body.append(document.getElementById("toasts"));
}
