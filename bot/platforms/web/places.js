/** The list of places in the rail, and how far each of them was read. */

import { element, fill, unseen } from "./dom.js";
import { icon } from "./icons.js";

const ICONS = { dm: "direct", slt: "group", staff: "everybody" };
const ABOUT = {
  dm: "Just you and the assistant.",
  slt: "The leadership team and the assistant.",
  staff: "Everybody and the assistant.",
};

/** Return one line about the place called *id*. */
export const aboutPlace = (id) => ABOUT[id] ?? "A channel with the assistant.";

/** Draw the places as links; *unread* maps place id to a count. */
export function showPlaces(list, places, current, unread) {
  fill(
    list,
    places.map(({ id, name }) =>
      element(
        "li",
        {},
        element(
          "a",
          {
            class: "place",
            href: `#${encodeURIComponent(id)}`,
            "aria-current": id === current && "page",
            "data-place": id,
          },
          icon(ICONS[id] ?? "everybody"),
          element("span", { class: "place-label" }, name),
          unread[id] > 0 && element("span", { class: "unread" }, String(unread[id]), unseen(" unread")),
        ),
      ),
    ),
  );
}

/** Remembers, in this browser, up to which message *person* has read each place. */
export class ReadMarks {
  #person;

  constructor(person) {
    this.#person = person;
  }

  /** Return the number of the last message that was read in *place*, or 0. */
  get(place) {
    try {
      return Number(localStorage.getItem(this.#key(place))) || 0;
    } catch {
      return 0;
    }
  }

  /** Keep that *place* was read up to message number *last*. */
  set(place, last) {
    try {
      localStorage.setItem(this.#key(place), String(last));
    } catch {
      // A browser that keeps nothing shows a count again after a reload; that is all.
    }
  }

  #key(place) {
    return `smpolicy.read.${this.#person}.${place}`;
  }
}
