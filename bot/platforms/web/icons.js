/** Line drawings for buttons and notices; never the only way in which something is told. */

const SHAPES = {
  accounts: [
    "M16 20v-1.500a3.5 3.5 0 0 0-3.5-3.500h-5A3.5 3.5 0 0 0 4 18.500V20",
    "M10 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7",
    "M15.5 4.700a3.5 3.5 0 0 1 0 6.6",
    "M20 20v-1.500a3.5 3.5 0 0 0-2.5-3.3",
  ],
  apply: [
    "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8z",
    "M14 3v5h5",
    "M12 11.500v6",
    "M9 14.500h6",
  ],
  ask: [
    "M4 5.500h16v11H11l-5 4v-4H4z",
    "M10.3 9.300a1.8 1.8 0 1 1 2.5 1.700c-.5.2-.8.5-.8 1",
    "M12 14.200v.01",
  ],
  back: ["M15 5l-7 7 7 7"],
  check: ["M4.5 12.500l5 5 10-11"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  clock: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18", "M12 7.500V12l3 2"],
  direct: ["M4 5.500h16v11H11l-5 4v-4H4z"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
  everybody: ["M9.5 4L7.5 20", "M16.5 4l-2 16", "M4.5 9h16", "M3.5 15h16"],
  good: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18", "M8 12.300l2.8 2.800L16 9.5"],
  group: ["M7 10.500V8a5 5 0 0 1 10 0v2.5", "M5.5 10.500h13V20h-13z"],
  help: [
    "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18",
    "M9.6 9.500a2.4 2.4 0 1 1 3.4 2.200c-.7.3-1 .7-1 1.5",
    "M12 16.500v.01",
  ],
  info: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18", "M12 11.500V16", "M12 8v.01"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h16"],
  my: ["M9 6h11", "M9 12h11", "M9 18h11", "M4 6l.8.8L6.5 5", "M4 12l.8.8 1.7-1.8", "M4 18l.8.8 1.7-1.8"],
  press: [
    "M4 5h13v14H6a2 2 0 0 1-2-2z",
    "M17 9h3v8a2 2 0 0 1-2 2h-1",
    "M7.5 9h6",
    "M7.5 12.500h6",
    "M7.5 16h3.5",
  ],
  report: ["M5 21V4", "M5 4.500h12.500l-2 4 2 4H5"],
  send: ["M4 12l16-8-5 16-3.5-6.500z", "M11.5 13.500L20 4"],
  tab: ["M14 4h6v6", "M20 4l-9 9", "M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5"],
  urgent: ["M8.3 3h7.400L21 8.300v7.400L15.7 21H8.300L3 15.700V8.300z", "M12 7.500v5.5", "M12 16.500v.01"],
  warning: ["M12 4L2.8 20h18.400z", "M12 10v4.5", "M12 17v.01"],
};

/** Return the drawing called *name*, hidden from screen readers: words beside it say what it means. */
export function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(namespace, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("focusable", "false");
  for (const shape of SHAPES[name] ?? SHAPES.info) {
    const path = document.createElementNS(namespace, "path");
    path.setAttribute("d", shape);
    drawing.append(path);
  }
  return drawing;
}
