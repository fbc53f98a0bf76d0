/** Moments as a clock on the school's wall shows them, wherever the browser is. */

// Every school that this is made for is in the United Kingdom; the server may name another zone.
let zone = "Europe/London";

/** Use the time zone called *name* from now on. */
export function useZone(name) {
  if (name) zone = name;
}

/** Return the parts of *instant* on the school's wall: year, month, day, hour, minute, weekday (0 is Sunday). */
export function onTheWall(instant) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(instant);
  const wall = Object.fromEntries(
    parts.filter((part) => part.type !== "literal").map((part) => [part.type, Number(part.value)]),
  );
  return { ...wall, weekday: new Date(Date.UTC(wall.year, wall.month - 1, wall.day)).getUTCDay() };
}

/** Return the instant at which the school's wall shows these parts; days past a month's end run on. */
export function instantOf({ year, month, day, hour, minute }) {
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  let instant = wanted;
  // Twice, because the first guess may lie on the other side of a change between summer and winter time.
  for (let round = 0; round < 2; round += 1) instant = wanted - offset(instant);
  return new Date(instant);
}

/** Return *instant* as the value of a datetime-local input. */
export function asInput(instant) {
  const wall = onTheWall(instant);
  return `${wall.year}-${two(wall.month)}-${two(wall.day)}T${two(wall.hour)}:${two(wall.minute)}`;
}

/** Return the instant that the value of a datetime-local input means, or null. */
export function fromInput(value) {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(value);
  if (!found) return null;
  const [year, month, day, hour, minute] = found.slice(1).map(Number);
  return instantOf({ year, month, day, hour, minute });
}

/** Return *instant* in ISO 8601 with the offset that the school has then. */
export function iso(instant) {
  const minutes = Math.round(offset(instant.getTime()) / 60000);
  const size = Math.abs(minutes);
  return `${asInput(instant)}:00${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Return `22:10`. */
export const timeOfDay = (instant) => format(instant, { hour: "2-digit", minute: "2-digit" });

/** Return `Saturday 28 November 2026`. */
export const longDay = (instant) =>
  format(instant, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Return `Sat 28 Nov 2026`. */
export const shortDay = (instant) =>
  format(instant, { weekday: "short", day: "numeric", month: "short", year: "numeric" });

function format(instant, parts) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...parts })
    .format(instant)
    .replaceAll(",", "");
}

function offset(instant) {
  const wall = onTheWall(new Date(instant));
  const shown = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  return shown - Math.floor(instant / 60000) * 60000;
}

function two(number) {
  return String(number).padStart(2, "0");
}
