/** The rail on the left, which on a small screen is a drawer. */

import { fill } from "./dom.js";
import { icon } from "./icons.js";

/** Make the drawer open and close, and return a function that closes it. */
export function wireRail() {
  const rail = document.getElementById("rail");
  const main = document.getElementById("main");
  const veil = document.getElementById("rail-veil");
  const menu = document.getElementById("menu");
  const closer = document.getElementById("rail-close");
  fill(closer, icon("close"));
  fill(menu, icon("menu"));

  function set(open) {
    const back = !open && rail.contains(document.activeElement);
    rail.classList.toggle("rail-open", open);
    veil.hidden = !open;
    main.inert = open;
    menu.setAttribute("aria-expanded", String(open));
    if (open) closer.focus();
    else if (back) menu.focus();
  }
  const close = () => rail.classList.contains("rail-open") && set(false);

  menu.addEventListener("click", () => set(true));
  closer.addEventListener("click", close);
  veil.addEventListener("click", close);
  document.addEventListener(
    "keydown",
    (event) => event.key === "Escape" && !document.querySelector("dialog[open]") && close(),
  );
  return close;
}

/** Say on the menu's button how much is unread elsewhere, since the list is out of sight on a small screen. */
export function labelMenu(unread) {
  const menu = document.getElementById("menu");
  menu.setAttribute("aria-label", unread ? `Menu, ${unread} unread` : "Menu");
  menu.classList.toggle("menu-unread", unread > 0);
}
