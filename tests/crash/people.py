"""How people go on while the program comes and goes: they look, wait, and try again what was not taken."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from time import time

from tests.crash.town import Answer, Line, Seat, Town

SCREEN = 120  # messages
SCROLLS_EVERY = 3.0  # seconds
TRIES = 50  # of the same thing, where nobody tries so often but something is wrong
# What the bot says after a kill: that its answer was lost, what is open, and which draft there is.
LOST_ANSWER, TYPE_MY = "my answer was lost", "Type my to see everything"
MINE = "What is open for"
DRAFT, CARRY_ON = "Your draft has", "Continue"


class Lost(Exception):
    """Something that had to be said never came."""


@dataclass
class Conversations:
    """What people do in one town, and what they have reason to hear more than once.

    Attributes:
        patience: Seconds in which nobody kills the program, after which something that was promised counts as lost.
        asked: By reader and words: how often somebody asked for a message that holds them.
        taken: The same, where that was taken.
        pressed: Who pressed what on which words, and what was answered.
    """

    town: Town
    patience: float
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    pressed: list[str] = field(default_factory=list)
    _scrolled: defaultdict[tuple[str, ...], float] = field(default_factory=lambda: defaultdict(float))

    def seat(self, person: str) -> Seat:
        """Return somebody at their client."""
        return self.town.seat(person)

    def _waits(self) -> Callable[[], bool]:
        """Begin to wait; what is returned tells whether to go on, and keeps the longest wait."""
        begun = time()

        def goes_on() -> bool:
            now, traffic = time(), self.town.traffic
            traffic.longest = max(traffic.longest, now - begun)
            return not self.town.is_up or now < max([begun, *self.town.killed_at[-1:]]) + self.patience

        return goes_on

    async def look(
        self, person: str, *words: str, place: str = "dm", label: str = "", but: Container[str] = ()
    ) -> Line | None:
        """Return the newest message that holds all of *words*, and a button where one is named; *but* not those."""
        whole = time() - self._scrolled[person, place, *words] > SCROLLS_EVERY
        if whole:
            self._scrolled[person, place, *words] = time()
        for line in islice(await self.seat(person).lines(place, whole=whole), None if whole else SCREEN):
            if (
                line.handle not in but
                and all(each in line.text for each in words)
                and (not label or label in line.labels)
            ):
                return line
        return None

    async def hears(self, person: str, *words: str, place: str = "dm", label: str = "") -> Line:
        """Wait for a message; raises Lost where it does not come."""
        waits = self._waits()
        while waits():
            line = await self.look(person, *words, place=place, label=label)
            if line is not None:
                return line
            await self.town.moment()
        raise Lost(f"{person} never read {' … '.join(words)!r} {f'with {label} ' if label else ''}in {place}")

    async def presses(
        self, person: str, label: str, *words: str, place: str = "dm",
        gone: Callable[[], Awaitable[object]] | None = None, **values: str,
    ) -> Answer:  # fmt: skip
        """Press until it is taken; where it is *gone*, the press that seemed lost went through."""
        seat = self.seat(person)
        line = await self.hears(person, *words, place=place, label=label)
        strangers: set[str] = set()
        for _ in range(TRIES):
            answer = await seat.presses(line, label, **values)
            self.pressed.append(f"{person} pressed {label} on {' … '.join(words)!r}: {answer}")
            if answer.ok:
                return answer
            self.town.traffic.by_hand += 1
            strangers |= {line.handle} if answer.stranger else set()
            await self.town.up()
            found = await self._again(person, label, *words, place=place, gone=gone, but=strangers)
            if found is None:
                return Answer(ok=True, said="went through")
            line = found
        raise Lost(f"{person} can't press {label} on {' … '.join(words)!r} in {place}: {answer.said!r}")

    async def _again(
        self,
        person: str,
        label: str,
        *words: str,
        place: str,
        gone: Callable[[], Awaitable[object]] | None,
        but: Container[str],
    ) -> Line | None:
        """Return where to press once more, or None where that is not needed any more."""
        waits = self._waits()
        while waits():
            if gone is not None and await gone():
                return None
            line = await self.look(person, *words, place=place, label=label, but=but)
            if line is not None:
                return line
            await self.town.moment()
        raise Lost(f"{person} can't press {label} on {' … '.join(words)!r} in {place} any more")

    async def fills(self, person: str, command: str, answers: Sequence[tuple[str, str]], done: str, own: str) -> Line:
        """Begin a form and answer in chat whatever is asked, as it comes; return what it leads to.

        Each of *answers* is a part of the question and what is typed. *done* and *own* stand in what it leads to, and
        *own* in nothing else. Where something was not taken, and nobody sends it again, the form is begun anew.
        """
        seat = self.seat(person)
        async with seat.busy:
            form = Filling(seat, command, dict(answers), done, own, {each.handle for each in await seat.lines()})
            for _ in range(TRIES):
                for question, _ in answers:
                    self.asked[person, question] += 1
                if (await seat.says(command)).ok and (line := await self._filled(form)):
                    return line
                self.town.traffic.by_hand += 1
                await self.town.up()
                if seen := await self.look(person, done, own):
                    return seen
        raise Lost(f"{person} can't get {command!r} to its end")

    async def _filled(self, form: Filling) -> Line | None:
        """Return what the form leads to, or None where something was not taken."""
        waits = self._waits()
        while waits():
            line = await form.newest()
            if line is None:
                await self.town.moment()
            elif form.is_done(line):
                return line
            elif await form.deal_with(line):
                waits = self._waits()
            else:
                return None
        newest = [each.text for each in islice(await form.seat.lines(whole=False), 3)]
        raise Lost(f"{form.seat.person} never read {form.done} … {form.own!r}, but reads {newest!r}")


@dataclass
class Filling:
    """A form that somebody fills in.

    Attributes:
        answers: A part of each question to what is typed.
        before: The handles of what was read and needs no answer any more.
        dealt_with: The texts of that, some of which Teams may show a second time. Where nothing is sent again by
            itself, or a draft is shown once more, the form was begun anew.
    """

    seat: Seat
    command: str
    answers: Mapping[str, str]
    done: str
    own: str
    before: set[str]
    dealt_with: set[str] = field(default_factory=set)

    async def newest(self) -> Line | None:
        """Return the newest message that asks for something, or the end."""
        for line in islice(await self.seat.lines(whole=False), SCREEN):
            if line.handle in self.before:
                return None
            if self.is_done(line) or (line.text not in self.dealt_with and self._act(line)):
                return line
        return None

    def is_done(self, line: Line) -> bool:
        """Tell whether *line* is what the form leads to."""
        return self.done in line.text and self.own in line.text

    async def deal_with(self, line: Line) -> bool:
        """Do what *line* asks for; tell whether it was taken."""
        act = self._act(line)
        assert act is not None
        read = {each.handle for each in await self.seat.lines(whole=False)}
        taken = (await act()).ok
        self.before |= read
        if taken and self.seat.town.repeats and DRAFT not in line.text:
            self.dealt_with.add(line.text)
        return taken

    def _act(self, line: Line) -> Callable[[], Awaitable[Answer]] | None:
        seat, text = self.seat, line.text
        if LOST_ANSWER in text and TYPE_MY in text:
            return partial(seat.says, self.command.replace(self.command.split()[-1], "my"))
        if MINE in text:
            label = next((each for each in line.labels if self.done in each), "")
            return partial(seat.presses, line, label) if label else None
        if DRAFT in text:
            return partial(seat.presses, line, CARRY_ON)
        if re.search(r"(APP|INC|PRESS)-[A-Z0-9]", text):
            return None
        answer = next((answer for question, answer in self.answers.items() if question in text), None)
        return partial(seat.says, answer) if answer is not None else None


def reference_in(line: Line, prefix: str) -> str:
    """Return the reference that *line* names."""
    found = re.search(rf"{prefix}-[A-Z0-9]+", line.text)
    if found is None:
        raise Lost(f"no {prefix} stands in {line.text!r}")
    return found[0]
