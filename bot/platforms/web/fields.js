/** One drawer per kind of field; each tells what was entered in the shape that the server takes. */

import { element, fill } from "./dom.js";
import { icon } from "./icons.js";
import { asInput, fromInput, iso } from "./schooltime.js";

const FEW = 8;
const DRAWERS = {
  text: (field, ids) => line(field, ids, "text"),
  multiline: drawMultiline,
  choice: (field, ids) => options(field, ids, "radio", (chosen) => chosen[0] ?? ""),
  choices: (field, ids) => options(field, ids, "checkbox", (chosen) => chosen),
  yes_no: drawYesNo,
  number: drawNumber,
  day: (field, ids) => line(field, ids, "date"),
  moment: drawMoment,
  people: drawPeople,
};

/**
 * Return *field* as `{name, node, read(), setError(sentence), focus()}`.
 * @param {object} field
 * @param {string} scope What makes ids differ between forms on one page.
 */
export function drawField(field, scope) {
  const base = `${scope}-${field.name}`;
  const ids = {
    control: base,
    label: `${base}-label`,
    help: `${base}-help`,
    error: `${base}-error`,
    described: "",
  };
  ids.described = [field.help && ids.help, ids.error].filter(Boolean).join(" ");
  const drawn = (DRAWERS[field.kind] ?? DRAWERS.text)(field, ids);
  const error = element("p", { class: "field-error", id: ids.error });
  const label = element(
    drawn.group ? "legend" : "label",
    { class: "field-label", id: ids.label, for: !drawn.group && ids.control },
    field.label,
    !field.required && element("span", { class: "field-optional" }, " (optional)"),
  );
  const words = [
    (field.help || field.clause) &&
      element(
        "p",
        { class: "field-help" },
        field.help && element("span", { id: ids.help }, field.help),
        field.clause && element("span", { class: "field-clause" }, `Policy ${field.clause}`),
      ),
    error,
  ];
  const node = element(
    drawn.group ? "fieldset" : "div",
    {
      class: "field",
      "data-field": field.name,
      "data-kind": field.kind,
      "aria-describedby": drawn.group && ids.described,
      role: drawn.group === "radio" && "radiogroup",
    },
    label,
    words,
    drawn.node,
  );

  const setError = (sentence) => {
    fill(error, sentence && icon("warning"), sentence);
    node.classList.toggle("field-wrong", Boolean(sentence));
    for (const control of drawn.controls) {
      if (sentence) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  };
  setError(field.error);
  return { name: field.name, node, read: drawn.read, setError, focus: () => drawn.controls[0]?.focus() };
}

function line(field, ids, type, attributes = {}) {
  const input = element("input", {
    id: ids.control,
    name: field.name,
    type,
    value: field.value ?? "",
    class: "control",
    autocomplete: "off",
    "aria-describedby": ids.described,
    "aria-required": String(field.required),
    ...attributes,
  });
  return { node: input, controls: [input], read: () => input.value };
}

function drawMultiline(field, ids) {
  const input = element(
    "textarea",
    {
      id: ids.control,
      name: field.name,
      rows: "4",
      class: "control",
      "aria-describedby": ids.described,
      "aria-required": String(field.required),
    },
    field.value ?? "",
  );
  return { node: input, controls: [input], read: () => input.value };
}

function drawNumber(field, ids) {
  const drawn = line(field, ids, "text", { inputmode: "numeric" });
  return {
    ...drawn,
    // What is no number goes as it was typed, so that the server can say what is wrong with it.
    read: () => (/^\s*-?\d+\s*$/.test(drawn.node.value) ? Number(drawn.node.value) : drawn.node.value),
  };
}

function drawMoment(field, ids) {
  const at = field.value ? new Date(field.value) : null;
  const drawn = line(
    { ...field, value: at && !Number.isNaN(at.valueOf()) ? asInput(at) : field.value },
    ids,
    "datetime-local",
  );
  return {
    ...drawn,
    read: () => {
      const instant = fromInput(drawn.node.value);
      return instant ? iso(instant) : drawn.node.value;
    },
  };
}

function drawYesNo(field, ids) {
  const words = field.value === true ? "Yes" : field.value === false ? "No" : null;
  return options({ ...field, options: ["Yes", "No"], value: words }, ids, "radio", (chosen) =>
    chosen.length ? chosen[0] === "Yes" : null,
  );
}

function options(field, ids, type, read) {
  const chosen = new Set([field.value ?? []].flat());
  const controls = field.options.map((option) =>
    element("input", {
      type,
      name: ids.control,
      value: option,
      checked: chosen.has(option),
      "aria-describedby": ids.error,
    }),
  );
  const node = element(
    "div",
    { class: `options ${field.options.join("").length < 28 ? "options-short" : ""}` },
    controls.map((control) =>
      element("label", { class: "option" }, control, element("span", {}, control.value)),
    ),
  );
  return {
    node,
    controls,
    group: type,
    read: () => read(controls.filter((control) => control.checked).map((control) => control.value)),
  };
}

function drawPeople(field, ids) {
  const known = field.options ?? [];
  const value = [field.value ?? []].flat();
  const knownIds = new Set(known.map((person) => person.id));
  const boxes = known.map((person) =>
    element("input", {
      type: "checkbox",
      name: ids.control,
      value: person.id,
      checked: value.includes(person.id),
      "aria-describedby": ids.error,
    }),
  );
  const rows = boxes.map((box, number) =>
    element("label", { class: "option" }, box, element("span", {}, known[number].name)),
  );
  const others = element("input", {
    type: "text",
    class: "control",
    id: `${ids.control}-others`,
    autocomplete: "off",
    "aria-describedby": ids.error,
    value: value.filter((each) => !knownIds.has(each)).join(", "),
  });
  const search = element("input", {
    type: "search",
    class: "control",
    "aria-label": "Find somebody by name",
    placeholder: "Find somebody by name",
    autocomplete: "off",
  });
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    rows.forEach((row) => {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
  });
  const node = element(
    "div",
    { class: "people-field" },
    known.length > FEW && search,
    known.length > 0 && element("div", { class: "options options-people" }, rows),
    element(
      "label",
      { class: "others-label", for: others.id },
      known.length ? "Others, by name, with commas between them" : "Names, with commas between them",
    ),
    others,
  );
  const typed = () =>
    others.value
      .split(/[,;\n]/)
      .map((name) => name.trim())
      .filter(Boolean);
  return {
    node,
    group: "checkbox",
    controls: [...boxes, others],
    read: () => [...boxes.filter((box) => box.checked).map((box) => box.value), ...typed()],
  };
}
