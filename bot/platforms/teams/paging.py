"""Forms in Teams, page by page: what was entered is read and taken, and the page to be shown is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.assistant import Assistant
from bot.conversation.events import Json, Place, Submission
from bot.conversation.forms import FormPage
from bot.domain.people import Person, Seat
from bot.platforms.answering import Heard
from bot.platforms.teams.entries import entries
from bot.platforms.teams.pages import asked_on
from bot.platforms.teams.parse import Origin, Press
from bot.platforms.teams.roster import TeamsRoster
from bot.platforms.teams.talk import Talk

# What a page or a press leads to is seen by one person alone, wherever it was opened.
AT_ONCE = Place("dm", pages_first=True)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a page led to.

    Attributes:
        page: The page to be filled in now, or None at the end.
        entered: What was entered on it just now, where it has to be mended.
        heard: What the submission led to, or None where the page was not taken at all.
        title: That of the form that was filled in, or "".
    """

    page: FormPage | None = None
    entered: Mapping[str, Json] = field(default_factory=dict)
    heard: Heard | None = None
    title: str = ""


class Paging:
    """The pages of one school's forms in Teams."""

    def __init__(self, assistant: Assistant, talk: Talk, roster: TeamsRoster) -> None:
        self._assistant = assistant
        self._roster = roster
        self._talk = talk

    async def submit(self, origin: Origin, person: Person, pressed: Press) -> Taken:
        """Take a page that was filled in."""
        page, values = await self._entered(person, pressed)
        if page is not None and pressed.asks != asked_on(page):
            # Sent before, or from another card: nothing on it may count as an answer to a page that was not seen.
            return Taken(page)
        event = Submission(origin.id, person.id, AT_ONCE, pressed.subject, values)
        heard = await self._talk.hear(event, person)
        following = heard.reply.form
        if following is None and heard.refusal is not None and page is not None and not heard.once.changed:
            return Taken(page, pressed.data, heard)
        if following is None and page is not None and not heard.reply.views:
            return Taken(page)  # it came again, after a restart: what it led to is what is open now
        again = page is not None and following is not None and asked_on(page) == asked_on(following)
        return Taken(following, pressed.data if again else {}, heard, page.title if page is not None else "")

    async def values(self, person: Person, pressed: Press) -> Mapping[str, Json] | None:
        """Return what stands on a page that is left for the chat, or None where it was on no page."""
        if not pressed.has_inputs:
            return None
        _, values = await self._entered(person, pressed)
        return values

    async def _entered(self, person: Person, pressed: Press) -> tuple[FormPage | None, Mapping[str, Json]]:
        outside = person.seat is Seat.OUTSIDER
        page = None if outside else await self._assistant.open_page(person.id, pressed.subject)
        if page is None:
            return None, {}
        office = await self._assistant.office()
        return page, entries(pressed.data, page, office=office, people=self._roster.person_id)
