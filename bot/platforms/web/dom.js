/** Builds elements from plain values. Every word becomes a text node, so nobody can type markup into a page. */

/**
 * Return a new element.
 * @param {string} tag
 * @param {object} attributes Attribute name to value, left out where false or null; `onclick` and the like listen.
 * @param {...(Node|string|null|Array)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...present(children));
  return made;
}

/** Put *children* in the place of whatever *parent* holds. */
export function fill(parent, ...children) {
  parent.replaceChildren(...present(children));
}

/** Return words for screen readers only. */
export function unseen(words) {
  return element("span", { class: "unseen" }, words);
}

function present(children) {
  return children
    .flat(3)
    .filter((child) => child !== undefined && child !== null && child !== "" && child !== false);
}
