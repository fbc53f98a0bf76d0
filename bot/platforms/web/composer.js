/** Where one types: the message box, the quick commands above it, and help with the question that stands. */

import { element, fill } from "./dom.js";
import { icon } from "./icons.js";

const COMMANDS = [
  { label: "Report", icon: "report", text: "/smpolicy report", about: "Report something worrying" },
  { label: "Ask", icon: "ask", text: "/smpolicy ask ", about: "Ask what the policy says", unfinished: true },
  { label: "Apply", icon: "apply", text: "/smpolicy apply", about: "Apply for a school account" },
  { label: "Press", icon: "press", text: "/smpolicy press", about: "A journalist has been in touch" },
  { label: "My", icon: "my", text: "/smpolicy my", about: "What you have open" },
  { label: "Accounts", icon: "accounts", text: "/smpolicy accounts", about: "The school’s accounts" },
  { label: "Help", icon: "help", text: "/smpolicy help", about: "Everything that the assistant does" },
];
const SEVERAL = new Set(["choices", "people"]);

export class Composer {
  #send;
  #place = "";
  #drafts = new Map();
  #sending = false;
  #words;
  #button;
  #answer;

  /** @param {{send: Function}} wiring `send(text)` returns a promise of whether the words arrived. */
  constructor({ send }) {
    this.#send = send;
    this.#words = element("textarea", {
      id: "words",
      class: "words",
      rows: "1",
      "aria-describedby": "words-hint",
      autocomplete: "off",
      enterkeyhint: "send",
    });
    this.#button = element("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));
    this.#answer = element("div", { class: "answer-help", hidden: true });
    this.#words.addEventListener("input", () => this.#grow());
    this.#words.addEventListener("keydown", (event) => this.#keyed(event));
    document.addEventListener("keydown", (event) => this.#slash(event));
    fill(
      document.getElementById("composer"),
      element(
        "div",
        { class: "quick", role: "group", "aria-label": "Quick commands" },
        COMMANDS.map((command) => this.#chip(command)),
      ),
      this.#answer,
      element(
        "form",
        { class: "composer", onsubmit: (event) => this.#submitted(event) },
        element("label", { class: "unseen", for: "words" }, "Message"),
        this.#words,
        this.#button,
      ),
      element(
        "div",
        { class: "composer-foot" },
        element(
          "p",
          { class: "danger" },
          element("strong", {}, "In danger?"),
          " ",
          element("a", { href: "tel:999" }, "Phone 999"),
          ".",
        ),
        element(
          "p",
          { class: "words-hint", id: "words-hint" },
          element("kbd", {}, "Enter"),
          " sends, ",
          element("kbd", {}, "Shift"),
          " ",
          element("kbd", {}, "Enter"),
          " starts a line, ",
          element("kbd", {}, "/"),
          " comes here",
        ),
      ),
    );
  }

  /** Turn to *place*, keeping what was begun in the other one. */
  open(place, placeholder) {
    this.#drafts.set(this.#place, this.#words.value);
    this.#place = place;
    this.#words.placeholder = placeholder;
    this.#words.value = this.#drafts.get(place) ?? "";
    this.#grow();
  }

  /** Put the cursor into the message box. */
  focus() {
    this.#words.focus();
  }

  /** Help with *question*, a form of one field, or with nothing. */
  answering(question) {
    const field = question?.fields[0];
    const tools = field ? this.#tools(field) : null;
    this.#answer.hidden = !tools;
    fill(this.#answer, tools);
  }

  async #say(text) {
    if (this.#sending) return false;
    this.#sending = true;
    this.#button.setAttribute("aria-disabled", "true");
    try {
      return await this.#send(text);
    } finally {
      this.#sending = false;
      this.#button.removeAttribute("aria-disabled");
    }
  }

  async #submitted(event) {
    event.preventDefault();
    const [text, place] = [this.#words.value, this.#place];
    if (!text.trim() || !(await this.#say(text))) return;
    if (this.#place !== place) this.#drafts.delete(place);
    else if (this.#words.value === text) this.#words.value = "";
    this.#grow();
  }

  #keyed(event) {
    // While letters are still being composed, as in Japanese, Enter belongs to the input method.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#words.form.requestSubmit();
  }

  #slash(event) {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (
      event.key !== "/" ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      typing ||
      document.querySelector("dialog[open]")
    )
      return;
    event.preventDefault();
    this.focus();
  }

  #chip(command) {
    const act = command.unfinished ? () => this.#put(command.text) : () => this.#say(command.text);
    return element(
      "button",
      { type: "button", class: "chip", title: command.about, "data-command": command.label, onclick: act },
      icon(command.icon),
      command.label,
    );
  }

  /** Begin the message with *text*, unless something was begun already. */
  #put(text) {
    if (!this.#words.value.trim()) this.#words.value = text;
    this.#grow();
    this.focus();
  }

  #tools(field) {
    if (SEVERAL.has(field.kind)) return this.#several(field);
    if (field.kind === "day" || field.kind === "moment") return this.#calendar(field);
    return null;
  }

  /** Ticks that write the answer, for questions that take more than one thing. */
  #several(field) {
    const names = field.options.map((option) => option.name ?? option);
    const boxes = names.map((name) => element("input", { type: "checkbox", value: name }));
    const write = () => {
      this.#words.value = boxes
        .filter((box) => box.checked)
        .map((box) => box.value)
        .join(", ");
      this.#grow();
    };
    return element(
      "fieldset",
      { class: "answer-ticks", onchange: write },
      element("legend", {}, "Tick one or more, then send"),
      boxes.map((box) => element("label", { class: "tick" }, box, element("span", {}, box.value))),
    );
  }

  #calendar(field) {
    const type = field.kind === "day" ? "date" : "datetime-local";
    const input = element("input", { type, class: "control", id: "answer-calendar" });
    input.addEventListener("change", () => {
      this.#words.value = input.value.replace("T", " ");
      this.#grow();
    });
    return element(
      "div",
      { class: "answer-calendar" },
      element("label", { for: input.id }, "Choose here, or type it below"),
      input,
    );
  }

  #grow() {
    this.#words.style.height = "auto";
    this.#words.style.height = `${this.#words.scrollHeight + 2}px`;
  }
}
