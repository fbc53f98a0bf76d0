/** The local page: one person's view of the chat, put together from the other modules. */

import * as api from "./api.js";
import { ClockPanel } from "./clock.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { FormDialog } from "./forms.js";
import { History } from "./history.js";
import { showIdentity, showWelcome } from "./people.js";
import { aboutPlace, ReadMarks, showPlaces } from "./places.js";
import { labelMenu, wireRail } from "./rail.js";
import { suggestions } from "./suggestions.js";
import { alertToast } from "./toast.js";

const SLOW = 350;
const LOOK_WHILE_HIDDEN = 15000;
const PLACEHOLDERS = { dm: "Ask about the policy" };
const SHARED_PLACEHOLDER = "Write, or ask with @smpolicy";

class ChatPage {
  #stopListening = null;
  #hiddenLook = null;

  constructor(me, everyone, places) {
    this.me = me;
    this.places = places;
    this.histories = new Map(places.map((place) => [place.id, new History()]));
    this.marks = new ReadMarks(me.id);
    this.place = "";
    this.closeRail = wireRail();
    this.forms = new FormDialog({ me, done: (answer) => this.#submitted(answer) });
    this.composer = new Composer({ send: (text) => this.#say(text) });
    this.conversation = new Conversation({
      me,
      names: new Map(everyone.map((person) => [person.id, person.name])),
      press: (message, label) => this.#press(message, label),
      empty: (place) => suggestions(place, (text) => this.#say(text)),
    });
    showIdentity(document.getElementById("identity"), me, everyone);
    document.getElementById("gallery-link").href = `/local/gallery?${new URLSearchParams({ as: me.id })}`;
    for (const id of ["chat", "skip"]) document.getElementById(id).hidden = false;
  }

  /** Read everything, show the place of the address, and listen from then on. */
  async start() {
    window.addEventListener("hashchange", () => this.#turnToAddress());
    document.addEventListener("visibilitychange", () => this.#seenOrHidden());
    await this.readAll();
    this.#turnToAddress();
    this.clock = new ClockPanel({ moved: () => this.catchUp() });
    this.#listen();
    // On a touch screen this would bring up the keyboard before anything was read.
    if (matchMedia("(hover: hover)").matches) this.composer.focus();
  }

  /** Read what came after the last message that is known. */
  async catchUp() {
    await this.#quietly(async () => {
      await Promise.all(
        [...this.histories].map(async ([place, history]) => {
          for (const message of await api.messages(this.me.id, place, history.last || undefined))
            history.take(message);
        }),
      );
    });
  }

  /** Read every place from its beginning, since messages may also have been redrawn or thrown away. */
  async readAll() {
    await this.#quietly(async () => {
      await Promise.all(
        [...this.histories].map(async ([place, history]) => {
          const before = history.ids();
          const all = await api.messages(this.me.id, place);
          const there = new Set(all.map((message) => message.id));
          for (const id of before) if (!there.has(id)) history.forget(id);
          for (const message of all) history.take(message);
        }),
      );
    });
  }

  async #quietly(read) {
    try {
      await read();
      this.#refresh();
    } catch (failure) {
      // The line at the top says already that the server is away; the next connection reads everything again.
      if (!(failure instanceof api.CallFailed)) throw failure;
    }
  }

  #turnToAddress() {
    const wanted = decodeURIComponent(location.hash.slice(1));
    const place = this.places.find(({ id }) => id === wanted) ?? this.places[0];
    if (!place || place.id === this.place) return;
    this.place = place.id;
    document.getElementById("place-name").textContent = place.name;
    document.getElementById("place-about").textContent = aboutPlace(place.id);
    const history = this.histories.get(place.id);
    const unread = history.unread(this.me.id, this.marks.get(place.id));
    this.composer.open(place.id, PLACEHOLDERS[place.id] ?? SHARED_PLACEHOLDER);
    this.conversation.open(place.id, history, unread[0]?.seq);
    this.#refresh();
    this.closeRail();
  }

  /** Bring everything on the screen in line with what is known. */
  #refresh() {
    const here = this.histories.get(this.place);
    if (here) {
      this.conversation.update(here);
      this.composer.answering(here.question());
      if (!document.hidden) this.marks.set(this.place, here.last);
    }
    const unread = Object.fromEntries(
      [...this.histories].map(([place, history]) => [
        place,
        history.unread(this.me.id, this.marks.get(place)).length,
      ]),
    );
    const count = Object.values(unread).reduce((sum, each) => sum + each, 0);
    showPlaces(document.getElementById("places"), this.places, this.place, unread);
    labelMenu(count);
    document.title = `${count ? `(${count}) ` : ""}${this.me.name} – smpolicy`;
  }

  /** Say *text*; return whether it arrived. */
  async #say(text) {
    const answer = await this.#attempt(api.say(this.me.id, this.place, text));
    if (!answer) return false;
    await this.catchUp();
    return true;
  }

  async #press(message, label) {
    const answer = await this.#attempt(api.press(this.me.id, message, label));
    if (!answer) return;
    if (answer.form) this.forms.open(answer.form);
    await this.catchUp();
  }

  async #submitted(answer) {
    await this.catchUp();
    if (!answer.form) this.conversation.focusNewest();
  }

  /** Return the answer to *call*, or null after telling why there is none. */
  async #attempt(call) {
    const slow = setTimeout(() => this.#wait(true), SLOW);
    try {
      return await call;
    } catch (failure) {
      if (!(failure instanceof api.CallFailed)) throw failure;
      alertToast(failure.message);
      return null;
    } finally {
      clearTimeout(slow);
      this.#wait(false);
    }
  }

  #wait(waiting) {
    this.conversation.wait(waiting, this.histories.get(this.place));
  }

  #take(place, message) {
    if (this.histories.get(place)?.take(message) !== "known") this.#refresh();
  }

  #listen() {
    this.#stopListening = api.listen(this.me.id, {
      open: () => {
        this.#connection("");
        this.readAll();
      },
      lost: () => this.#connection("Connecting again…"),
      message: ({ in: place, message }) => this.#take(place, message),
      clock: (told) => this.clock.show(told),
    });
  }

  #connection(words) {
    document.getElementById("connection").textContent = words;
  }

  /** A browser opens six lines to one server at most, so tabs out of sight give theirs up and look now and then. */
  #seenOrHidden() {
    clearInterval(this.#hiddenLook);
    this.#stopListening?.();
    if (document.hidden) this.#hiddenLook = setInterval(() => this.readAll(), LOOK_WHILE_HIDDEN);
    else this.#listen();
  }
}

async function begin() {
  const wanted = new URLSearchParams(location.search).get("as");
  const everyone = await api.people();
  const me = everyone.find((person) => person.id === wanted);
  if (!me) {
    showWelcome(document.getElementById("welcome"), everyone, wanted);
    return;
  }
  const page = new ChatPage(me, everyone, await api.places(me.id));
  await page.start();
}

begin().catch((failure) => {
  const expected = failure instanceof api.CallFailed;
  alertToast(expected ? failure.message : "The page could not start: reload it, please.");
  if (!expected) throw failure;
});
