/** A form as a dialog: page after page in the same one, with what is wrong said beside each field. */

import { CallFailed, submit } from "./api.js";
import { element, fill } from "./dom.js";
import { drawField } from "./fields.js";
import { icon } from "./icons.js";
import { alertToast, keepToasts } from "./toast.js";

const DEFAULT_SUBMIT = "Submit";

/** Return the inside of *form*: its title, intro, fields and buttons; the gallery shows it without a dialog. */
export function drawForm(form, { scope, close, heading = "h2" }) {
  const fields = form.fields.map((field) => drawField(field, scope));
  const summary = element("div", { class: "form-summary", role: "alert" });
  const send = element(
    "button",
    { type: "submit", class: "button", "data-style": "primary" },
    form.submit || DEFAULT_SUBMIT,
  );
  const node = element(
    "form",
    { class: "form", novalidate: true, "aria-labelledby": `${scope}-title` },
    element(
      "header",
      { class: "sheet-top" },
      element(heading, { class: "sheet-title", id: `${scope}-title` }, form.title),
      close &&
        element(
          "button",
          { type: "button", class: "icon-button", "aria-label": "Close", onclick: close },
          icon("close"),
        ),
    ),
    element(
      "div",
      { class: "sheet-body" },
      form.intro && element("p", { class: "form-intro" }, form.intro),
      summary,
      fields.map((field) => field.node),
    ),
    element(
      "footer",
      { class: "sheet-foot" },
      close &&
        element(
          "button",
          { type: "button", class: "button", "data-style": "default", onclick: close },
          "Close",
        ),
      send,
    ),
  );
  return { node, fields, send, summary };
}

/** Shows forms over the chat. */
export class FormDialog {
  #dialog = document.getElementById("form-dialog");
  #drawn = null;
  #form = null;
  #kept = new Map();
  #done;
  #me;

  /** @param {{me: object, done: Function}} wiring `done(answer)` hears what the server said to a page. */
  constructor({ me, done }) {
    this.#me = me;
    this.#done = done;
    this.#dialog.addEventListener("close", () => this.#closed());
  }

  /** Open *form*, with what this person typed into it before, if it was closed meanwhile. */
  open(form) {
    const kept = this.#kept.get(keyOf(form));
    this.#show(
      kept
        ? {
            ...form,
            fields: form.fields.map((field) => ({ ...field, value: kept[field.name] ?? field.value })),
          }
        : form,
    );
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#focusFirst();
  }

  #show(form) {
    this.#form = form;
    this.#drawn = drawForm(form, { scope: "form", close: () => this.#dialog.close() });
    this.#drawn.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    const toasts = this.#dialog.querySelector("#toasts");
    fill(this.#dialog, this.#drawn.node, toasts);
    this.#sumUp(form.fields.filter((field) => field.error).length);
  }

  async #send() {
    const { send, node } = this.#drawn;
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    send.setAttribute("aria-disabled", "true");
    try {
      await this.#submitted(await submit(this.#me.id, this.#form.session, this.#values()));
    } catch (failure) {
      if (!(failure instanceof CallFailed)) throw failure;
      const errors = failure.body.errors ?? {};
      if (Object.keys(errors).length) this.#showErrors(errors);
      else alertToast(failure.message);
    } finally {
      node.removeAttribute("aria-busy");
      send.removeAttribute("aria-disabled");
    }
  }

  async #submitted(answer) {
    this.#kept.delete(keyOf(this.#form));
    if (answer.form) {
      this.#show(answer.form);
      this.#focusFirst();
    } else {
      this.#drawn = null;
      this.#dialog.close();
    }
    await this.#done(answer);
  }

  /** Say what is wrong beside the fields, which keep what was typed into them. */
  #showErrors(errors) {
    for (const field of this.#drawn.fields) field.setError(errors[field.name] ?? "");
    this.#sumUp(Object.keys(errors).length);
    this.#focusFirst();
    const elsewhere = Object.keys(errors).filter(
      (name) => !this.#drawn.fields.some((field) => field.name === name),
    );
    if (elsewhere.length) alertToast(errors[elsewhere[0]]);
  }

  #sumUp(count) {
    const words = count === 1 ? "One answer needs mending." : `${count} answers need mending.`;
    fill(this.#drawn.summary, count > 0 && element("p", {}, words));
  }

  /** Put the keyboard where there is something to do: at the first mistake, else at the first field. */
  #focusFirst() {
    const wrong = this.#drawn.fields.find((field) => field.node.classList.contains("field-wrong"));
    const first = wrong ?? this.#drawn.fields[0];
    if (first) first.focus();
    else this.#drawn.send.focus();
    if (!wrong) this.#dialog.querySelector(".sheet-body").scrollTop = 0;
  }

  #values() {
    return Object.fromEntries(this.#drawn.fields.map((field) => [field.name, field.read()]));
  }

  #closed() {
    keepToasts();
    if (this.#drawn) this.#kept.set(keyOf(this.#form), this.#values());
    this.#drawn = null;
    this.#dialog.replaceChildren();
    if (document.activeElement === document.body) document.getElementById("words").focus();
  }
}

/** A page of a form is known by its session and its fields. */
function keyOf(form) {
  return `${form.session} ${form.fields.map((field) => field.name).join(" ")}`;
}
