"""The conversations: an application from the first question to the live account, a report, a journalist, questions."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from functools import partial

from bot.domain.accounts import Account
from bot.domain.applications import Application
from bot.domain.applications import State as ApplicationState
from bot.domain.incidents import Incident
from bot.domain.press import PressContact
from bot.ports import SchoolStore
from tests.crash.books import Books
from tests.crash.people import Conversations, reference_in
from tests.crash.town import Line

TRAINED = "2026-09-12"
RUNNER = "pe_teacher"
QUESTIONS = (
    ("May I name the school in a post on my own account?", "should not be included in any post made on a personal"),
    ("May I be friends with pupils on Facebook?", "Staff are not permitted to follow or engage with pupils"),
    ("May I post a photo of a pupil?", "Under no circumstances should staff share or upload student pictures"),
)
SLT = ("deputy_head", "assistant_head")
DECIDED = Counter({"begin": 1, "submit": 1, "confirm": 2, "approve": 3, "created": 1})


@dataclass
class Story(ABC):
    """One conversation; *number* makes its words its own.

    Attributes:
        reference: That of the case, once it is known.
        ended: Whether it came to its end.
    """

    talk: Conversations
    person: str
    number: int
    reference: str = ""
    ended: bool = False

    async def play(self) -> None:
        """Play it to its end; raises Lost where it can't go on."""
        await self.acts()
        self.ended = True

    @abstractmethod
    async def acts(self) -> None:
        """Do what people do."""

    @abstractmethod
    async def compare(self, records: SchoolStore, books: Books) -> None:
        """Compare what people did with what is kept."""


class Applying(Story):
    """Somebody applies, two runners confirm, SLT votes at once, the Head approves, the administrator creates."""

    @property
    def handle(self) -> str:
        """Return the name of the account, which no other has."""
        return f"@Beb{self.number:04}x"

    @property
    def aim(self) -> str:
        """Return the words of the first answer."""
        return f"Show parents what happens in lesson {self.number:04}."

    async def drafts(self) -> Line:
        """Fill the form in, and return the draft."""
        command = "apply" if self.talk.town.repeats else "/smpolicy apply"
        return await self.talk.fills(self.person, command, (
            ("aim of the account", self.aim), ("intended audience", "Parents and carers"),
            ("be promoted", "In the newsletter."), ("run the account", f"{_name(self.person)} and {_name(RUNNER)}"),
            ("open or private/closed", "Open"), ("Which platform is it on", "X (Twitter)"),
            ("name or handle", self.handle),
        ), "APP-", self.handle)  # fmt: skip

    async def acts(self) -> None:
        """Go the whole way."""
        talk, teacher = self.talk, self.person
        draft = await self.drafts()
        self.reference = reference_in(draft, "APP")
        await talk.presses(teacher, "Submit", self.reference, self.handle, gone=self._submitted)
        for runner in (teacher, RUNNER):
            await talk.presses(
                runner, "Confirm", f"{self.reference}: will you run", gone=partial(self._confirmed, runner),
                trained=TRAINED,
            )  # fmt: skip
        await asyncio.gather(*(self._vote(each) for each in SLT))
        await talk.presses("head_teacher", "Approve", self.reference, self.handle, gone=self._approved)
        await talk.presses(
            "administrator", "Created", f"{self.reference}: create", gone=self._live,
            handle=self.handle, vault=f"Vault {self.number}", two_step="Yes",
        )  # fmt: skip
        await talk.hears(teacher, f"{self.reference}: live")
        await talk.hears(RUNNER, f"{self.handle} on X (Twitter) is live")

    async def _vote(self, voter: str) -> None:
        await self.talk.presses(voter, "Approve", self.reference, self.handle, place="slt", gone=self._with_head)

    async def _submitted(self) -> object:
        return await self.talk.look(RUNNER, f"{self.reference}: will you run")

    async def _confirmed(self, runner: str) -> bool:
        line = await self.talk.look(runner, f"{self.reference}: will you run")
        return line is not None and "Confirm" not in line.labels

    async def _with_head(self) -> object:
        return await self.talk.look("head_teacher", self.reference, self.handle)

    async def _approved(self) -> object:
        return await self.talk.look("administrator", f"{self.reference}: create")

    async def _live(self) -> object:
        return await self.talk.look(self.person, f"{self.reference}: live")

    async def compare(self, records: SchoolStore, books: Books) -> None:
        """One application with the words that were typed, decided once, and one account."""
        kept = [each for each in await records.find(Application) if each.answers.get("handle") == self.handle]
        sent = [each for each in kept if each.state is not ApplicationState.DRAFT]
        if not self.ended:
            return
        if [each.id for each in sent] != [self.reference]:
            books.lost.append(f"{self.reference} of {self.person}: kept as {[each.id for each in sent]}")
            return
        [case] = sent
        if case.answers.get("aim") != self.aim or set(case.runners) != {self.person, RUNNER}:
            books.lost.append(f"{case.id}: the words {case.answers.get('aim')!r} instead of {self.aim!r}")
        # Whoever got no answer may vote once more: that replaces the vote, and decides nothing.
        votes = Counter(vote.person for vote in case.votes)
        again = sum(each.move == "approve" and each.by in SLT for each in case.history) - len(SLT)
        moves = Counter(each.move for each in case.history) - Counter(approve=max(0, again))
        if moves - DECIDED or votes - Counter(SLT):
            books.decided_twice.append(f"{case.id}: {dict(moves - DECIDED)} beyond what was decided, by {dict(votes)}")
        if DECIDED - moves or case.state is not ApplicationState.LIVE:
            books.lost.append(f"{case.id}: {dict(DECIDED - moves)} is missing, and it is {case.state}")
        voters = {each.by for each in case.history if each.move == "approve"}
        if voters != {*SLT, "head_teacher"}:
            books.decided_twice.append(f"{case.id}: approved by {sorted(voters)}")
        accounts = [each for each in await records.find(Account) if each.application == case.id]
        if len(accounts) != 1:
            books.decided_twice.append(f"{case.id}: {len(accounts)} accounts")


class Reporting(Story):
    """Somebody reports an account that was taken over, and whoever is told opens it."""

    @property
    def words(self) -> str:
        """Return what happened, in words that no other report has."""
        return f"Somebody else posts on it since lesson {self.number:04}."

    async def acts(self) -> None:
        """Report, and have it opened."""
        talk = self.talk
        preview = await talk.fills(self.person, "report", (
            ("What is it about?", "An account taken over, or a lost login"), ("Is a child involved", "no"),
            ("Which school account", "@BebingtonHistory"), ("What happened?", self.words), ("data breach", "no"),
        ), "INC-", self.words)  # fmt: skip
        self.reference = reference_in(preview, "INC")
        await talk.presses(self.person, "Submit", self.reference, gone=self._sent)
        await talk.presses("administrator", "Open", "Something has been sent to you", self.reference, gone=self._opened)
        await talk.hears("deputy_head", "Something has been sent to you", self.reference)
        await talk.hears("administrator", self.words)
        await talk.hears(self.person, self.reference, "Opened by")

    async def _sent(self) -> object:
        return await self.talk.look("administrator", "Something has been sent to you", self.reference)

    async def _opened(self) -> object:
        return await self.talk.look("administrator", self.words)

    async def compare(self, records: SchoolStore, books: Books) -> None:
        """One report with the words that were typed."""
        every = [each for each in await records.find(Incident) if each.answers.get("what") == self.words]
        sent = [each for each in every if any(step.move == "submit" for step in each.history)]
        if not self.ended:
            return
        if [each.id for each in sent] != [self.reference]:
            books.lost.append(f"{self.reference} of {self.person}: kept as {[each.id for each in sent]}")
            return
        moves = Counter(each.move for each in sent[0].history)
        if moves["submit"] != 1:
            books.decided_twice.append(f"{self.reference}: {dict(moves)}")
        if not moves["open"]:
            books.lost.append(f"{self.reference}: nobody has opened it")


class Ringing(Story):
    """A journalist rings somebody, and SLT releases a reply."""

    @property
    def words(self) -> str:
        """Return what the journalist asks."""
        return f"Is it true that post {self.number:04} was deleted?"

    @property
    def reply(self) -> str:
        """Return what SLT releases."""
        return f"Post {self.number:04} broke our rules."

    async def acts(self) -> None:
        """Pass the journalist on, and have a reply released."""
        talk = self.talk
        preview = await talk.fills(self.person, "/smpolicy press" if not talk.town.repeats else "press", (
            ("Who is it?", "Sam Example"), ("Which newspaper", "The Wirral Example"),
            ("How can SLT reach them", "0151 496 0999"), ("What do they ask?", self.words),
            ("By when do they want", "skip"), ("member of staff who is accused", "no"),
        ), "PRESS-", self.words)  # fmt: skip
        self.reference = reference_in(preview, "PRESS")
        await talk.presses(self.person, "Submit", self.reference, gone=self._waiting)
        await talk.presses("deputy_head", "Open", "Something is waiting", self.reference, gone=self._open)
        await talk.presses(
            "deputy_head", "Release reply", self.words, gone=self._released,
            reply=self.reply, speaker="The person who was contacted gives it",
        )  # fmt: skip
        await talk.presses(self.person, "Open", "SLT released a reply", self.reference, gone=self._read)
        await talk.hears(self.person, self.reply)

    async def _waiting(self) -> object:
        return await self.talk.look("deputy_head", "Something is waiting", self.reference)

    async def _open(self) -> object:
        return await self.talk.look("deputy_head", self.words)

    async def _released(self) -> object:
        return await self.talk.look(self.person, "SLT released a reply", self.reference)

    async def _read(self) -> object:
        return await self.talk.look(self.person, self.reply)

    async def compare(self, records: SchoolStore, books: Books) -> None:
        """One entry with the journalist's words and the reply, released once."""
        every = [each for each in await records.find(PressContact) if each.answers.get("asks") == self.words]
        sent = [each for each in every if each.sent]
        if not self.ended:
            return
        if [each.id for each in sent] != [self.reference] or sent[0].reply != self.reply:
            books.lost.append(f"{self.reference} of {self.person}: kept as {[(each.id, each.reply) for each in sent]}")
            return
        moves = Counter(each.move for each in sent[0].history)
        if moves["submit"] != 1 or moves["release"] != 1:
            books.decided_twice.append(f"{self.reference}: {dict(moves)}")


class Drafting(Applying):
    """Somebody begins an application and leaves it at that."""

    async def acts(self) -> None:
        """Fill it in."""
        self.reference = reference_in(await self.drafts(), "APP")

    async def compare(self, records: SchoolStore, books: Books) -> None:
        """The draft is kept with the words that were typed."""
        kept = await records.get(Application, self.reference) if self.ended else None
        if self.ended and (kept is None or kept.state is not ApplicationState.DRAFT or kept.answers["aim"] != self.aim):
            books.lost.append(f"{self.reference} of {self.person}: the draft is kept as {kept and kept.state}")


class Asking(Story):
    """Somebody asks what the policy says, alone or where all staff read it."""

    @property
    def place(self) -> str:
        """Return where it is asked: who has forms to fill in would answer them with it in private."""
        return "dm" if self.person == "dsl" and self.number % 2 else "staff"

    async def acts(self) -> None:
        """Ask, and again by hand where nobody took it."""
        question, answer = QUESTIONS[self.number % len(QUESTIONS)]
        heard = self.person if self.place == "dm" else self.place, answer
        while True:
            self.talk.asked[heard] += 1
            if (await self.talk.seat(self.person).says(question, self.place)).ok:
                break
            self.talk.town.traffic.by_hand += 1
            await self.talk.town.up()
        self.talk.taken[heard] += 1

    async def compare(self, records: SchoolStore, books: Books) -> None:
        """Nothing is kept of it; the answers are counted together."""


def _name(person: str) -> str:
    return {"pe_teacher": "PE teacher"}.get(person, person.replace("_", " ").capitalize())
