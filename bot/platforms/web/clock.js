/** The school's pretended clock, and ways to move it. */

import { CallFailed, clock, setClock } from "./api.js";
import { element, fill } from "./dom.js";
import { icon } from "./icons.js";
import { asInput, fromInput, instantOf, iso, onTheWall, shortDay, timeOfDay, useZone } from "./schooltime.js";
import { alertToast } from "./toast.js";

const HOUR = 60 * 60 * 1000;
const LOOK_AGAIN = 30 * 1000;
const FIXED = "This clock can’t be moved while a real chat is connected.";

export class ClockPanel {
  #now = null;
  #day = element("span", { class: "clock-day" });
  #time = element("span", { class: "clock-time" });
  #note = element("p", { class: "clock-note", role: "status" });
  #input = element("input", { type: "datetime-local", class: "control", id: "clock-input" });
  #controls;
  #moved;

  /** @param {{moved: Function}} wiring `moved()` is called after this page has moved the clock. */
  constructor({ moved }) {
    this.#moved = moved;
    this.#controls = element(
      "form",
      { class: "clock-controls", onsubmit: (event) => this.#typed(event) },
      element(
        "div",
        { class: "clock-jumps" },
        this.#jump("+1 hour", (now) => new Date(now.getTime() + HOUR)),
        this.#jump("Tomorrow 09:00", (now) => nineOn(now, 1)),
        this.#jump("Monday 09:00", (now) => nineOn(now, daysToMonday(now))),
      ),
      element(
        "details",
        { class: "clock-other" },
        element("summary", {}, "Another moment"),
        element("label", { class: "unseen", for: this.#input.id }, "Day and time"),
        element(
          "div",
          { class: "clock-set" },
          this.#input,
          element("button", { type: "submit", class: "button", "data-style": "default" }, "Set"),
        ),
      ),
    );
    document
      .getElementById("clock")
      .append(
        element("p", { class: "clock-face" }, icon("clock"), this.#day, " ", this.#time),
        this.#controls,
        this.#note,
      );
    this.look();
    setInterval(() => this.look(), LOOK_AGAIN);
  }

  /** Ask the server what time it is. */
  async look() {
    try {
      this.show(await clock());
    } catch (failure) {
      if (!(failure instanceof CallFailed)) throw failure;
    }
  }

  /** Show the time that the server told. */
  show({ now, movable, zone }) {
    useZone(zone);
    this.#now = new Date(now);
    this.#day.textContent = shortDay(this.#now);
    this.#time.textContent = timeOfDay(this.#now);
    if (document.activeElement !== this.#input) this.#input.value = asInput(this.#now);
    if (movable === false) this.#fix(FIXED);
  }

  #jump(label, target) {
    return element(
      "button",
      {
        type: "button",
        class: "button",
        "data-style": "default",
        onclick: () => this.#set(target(this.#now ?? new Date())),
      },
      label,
    );
  }

  #typed(event) {
    event.preventDefault();
    const instant = fromInput(this.#input.value);
    if (instant) this.#set(instant);
    else this.#say("Choose a day and a time first.");
  }

  async #set(instant) {
    try {
      this.show(await setClock(iso(instant)));
      this.#input.value = asInput(this.#now);
      this.#say(`It is now ${shortDay(this.#now)}, ${timeOfDay(this.#now)}.`);
      await this.#moved();
    } catch (failure) {
      if (!(failure instanceof CallFailed)) throw failure;
      if (failure.status === 409) this.#fix(failure.body.error || FIXED);
      else alertToast(failure.message);
    }
  }

  #fix(sentence) {
    for (const control of this.#controls.elements) control.disabled = true;
    this.#say(sentence);
  }

  #say(sentence) {
    if (this.#note.textContent !== sentence) fill(this.#note, sentence);
  }
}

function nineOn(now, days) {
  const { year, month, day } = onTheWall(now);
  return instantOf({ year, month, day: day + days, hour: 9, minute: 0 });
}

/** A Monday always means the coming one: on a Monday, the one in a week. */
function daysToMonday(now) {
  return (8 - onTheWall(now).weekday) % 7 || 7;
}
