/** Who one can be, and how to become somebody else. */

import { element, fill, unseen } from "./dom.js";
import { icon } from "./icons.js";

const ROLE_WORDS = {
  staff: "Staff",
  slt: "SLT",
  head: "Head",
  administrator: "Account administrator",
  dsl: "Safeguarding lead",
  dpo: "Data protection officer",
  chair: "Chair of governors",
};
const COLOURS = 6;

/** Return the roles of *person* in words; that everybody is staff is said only where there is nothing else. */
function roleWords(person) {
  const special = person.roles.filter((role) => role !== "staff");
  return (special.length ? special : person.roles).map((role) => ROLE_WORDS[role] ?? role);
}

/** Return the round sign of somebody called *name*, always in the same colour for the same *id*. */
export function avatar(id, name) {
  if (id === "bot")
    return element(
      "span",
      { class: "avatar avatar-bot", "aria-hidden": "true" },
      element("img", { src: "/local/assets/icon.svg", alt: "" }),
    );
  const words = name.split(/\s+/).filter(Boolean);
  const initials = `${words[0]?.[0] ?? "?"}${words.length > 1 ? words.at(-1)[0] : ""}`.toUpperCase();
  const colour = [...id].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % COLOURS;
  return element("span", { class: `avatar avatar-${colour}`, "aria-hidden": "true" }, initials);
}

/** Return the address of the page for *person*. */
function addressOf(person) {
  return `/?${new URLSearchParams({ as: person.id })}`;
}

/** Draw who *person* is, with a way to become somebody else among *everyone*. */
export function showIdentity(section, person, everyone) {
  const dialog = document.getElementById("people-dialog");
  const change = element(
    "button",
    { type: "button", class: "identity-change", onclick: () => dialog.showModal() },
    "Change",
    unseen(" who you are"),
  );
  section.append(
    element(
      "div",
      { class: "identity" },
      avatar(person.id, person.name),
      element(
        "div",
        { class: "identity-words" },
        element("p", { class: "identity-name" }, person.name),
        element("p", { class: "identity-roles" }, roleWords(person).join(", ")),
      ),
      change,
    ),
  );
  fill(
    dialog,
    element(
      "header",
      { class: "sheet-top" },
      element("h2", { id: "people-title", class: "sheet-title" }, "Who do you want to be?"),
      element(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => dialog.close() },
        icon("close"),
      ),
    ),
    element("div", { class: "sheet-body" }, peopleList(everyone, person.id)),
  );
}

/** Draw the first page that somebody sees: everybody whom one can be. */
export function showWelcome(main, everyone, unknown) {
  fill(
    main,
    element("img", {
      class: "welcome-icon",
      src: "/local/assets/icon.svg",
      alt: "",
      width: "56",
      height: "56",
    }),
    element("h1", {}, "Who do you want to be?"),
    element(
      "p",
      { class: "welcome-intro" },
      "This is the school’s Social Media Policy assistant. Choose a person, and open others in new tabs ",
      "to see what they see.",
    ),
    unknown &&
      element(
        "p",
        { class: "notice", "data-tone": "warning" },
        icon("warning"),
        `There is nobody called “${unknown}” here who can chat.`,
      ),
    peopleList(everyone, ""),
  );
  main.hidden = false;
}

function peopleList(everyone, current) {
  return element(
    "ul",
    { class: "people" },
    everyone.map((person) =>
      element(
        "li",
        { class: "person" },
        element(
          "a",
          { class: "person-link", href: addressOf(person), "aria-current": person.id === current && "true" },
          avatar(person.id, person.name),
          element(
            "span",
            { class: "person-words" },
            element("span", { class: "person-name" }, person.name),
            element(
              "span",
              { class: "person-roles" },
              roleWords(person).join(", "),
              person.id === current && " – you now",
            ),
          ),
        ),
        element(
          "a",
          {
            class: "person-tab",
            href: addressOf(person),
            target: "_blank",
            rel: "noopener",
            title: "Open in a new tab",
          },
          icon("tab"),
          unseen(`Open as ${person.name} in a new tab`),
        ),
      ),
    ),
  );
}
