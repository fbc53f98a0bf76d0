"""What is shown beside messages: modals, the home view, a status while thinking, and answers in an acknowledgement."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from bot.assistant import Assistant, refusal_card
from bot.conversation.cards import Card
from bot.conversation.events import Command, Json, Place
from bot.conversation.forms import FormPage
from bot.domain.people import Person, Seat
from bot.errors import Refused, Unknown
from bot.platforms.slack.api import SlackApi
from bot.platforms.slack.manifest import PROMPTS
from bot.platforms.slack.parse import Origin, Press
from bot.platforms.slack.render import messages
from bot.platforms.slack.views import asked_on, card_view, form_view, home_view
from bot.platforms.trouble import PlatformTrouble

OPEN_SECONDS = 2.5
THINKING_AFTER_SECONDS = 0.4
THINKING = "is looking it up…"
HOME = "home"

log = logging.getLogger("smpolicy.slack")


class Screens:
    """One school's views in Slack."""

    def __init__(self, assistant: Assistant, api: SlackApi, seats: Callable[[str], str | None]) -> None:
        self._assistant = assistant
        self._api = api
        self._seats = seats
        self._at_home: dict[str, str] = {}

    # Modals ----------------------------------------------------------------------------------

    async def open_form(self, origin: Origin, page: FormPage) -> bool:
        """Open a page of a form, within the three seconds that there are; tell whether it is open."""
        return await self.open_view(origin, await self.form(page, origin))

    async def open_card(self, origin: Origin, card: Card) -> bool:
        """Show one card in a modal; tell whether it is shown whole."""
        view, whole = card_view(card, self._seats, metadata=_metadata(origin))
        return whole and await self.open_view(origin, view)

    async def update(self, origin: Origin, view: Json) -> bool:
        """Show *view* in the modal that was pressed in; tell whether it is shown."""
        assert origin.view is not None
        try:
            await self._api.call("views.update", view_id=origin.view.id, view=view)
        except PlatformTrouble as trouble:
            log.info("a view could not be drawn anew for %s: %s", origin.id, trouble)
            return False
        return True

    async def turn_down(self, origin: Origin, card: Card) -> None:
        """Show a refusal where it was pressed: in the modal, or from elsewhere in a new one."""
        in_modal = origin.view is not None and origin.view.kind != HOME
        await (self.update if in_modal else self.open_view)(origin, self.card(card, origin))

    async def whisper(self, origin: Origin, text: str) -> None:
        """Say *text*, which Slack reads as markup, where somebody wrote something, and to them alone."""
        await self._api.call("chat.postEphemeral", channel=origin.channel, user=origin.user, text=text)

    async def form(self, page: FormPage, origin: Origin) -> Json:
        """Return *page* as a modal that remembers where it was opened."""
        office = await self._assistant.office()
        return form_view(page, office=office, seats=self._seats, metadata={**_metadata(origin), "asks": asked_on(page)})

    def card(self, card: Card, origin: Origin) -> Json:
        """Return *card* as a modal; one that is too long ends by sending people to the direct chat."""
        return card_view(card, self._seats, metadata=_metadata(origin))[0]

    def fits(self, card: Card) -> bool:
        """Tell whether a modal shows *card* whole."""
        return card_view(card, self._seats)[1]

    async def open_view(self, origin: Origin, view: Json) -> bool:
        """Open *view* within the three seconds that there are; tell whether it is open."""
        if not origin.trigger:
            return False
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await self._api.call("views.open", trigger_id=origin.trigger, view=view)
        except (PlatformTrouble, TimeoutError) as trouble:
            log.info("a view could not be opened for %s: %s", origin.id, trouble)
            return False
        return True

    # Home ------------------------------------------------------------------------------------

    async def publish_home(self, person: Person, user: str) -> None:
        """Show what is open for the person, and the register, with the report button first."""
        self._at_home[person.id] = user
        try:
            cards = [card for name in _home_commands(person) for card in await self._said(person, name)]
            first = [button for card in await self._said(person, "help") for button in card.buttons]
        except (Refused, Unknown) as error:  # whoever has left must not go on seeing what stood there
            cards, first = [refusal_card(error)], []
        view = home_view(cards, self._seats, first=first)
        await self._api.call("views.publish", user_id=user, view=view)

    async def refresh_home(self, person: Person) -> None:
        """Show it anew, for somebody who has looked at it since the start."""
        if person.id in self._at_home:
            await self.publish_home(person, self._at_home[person.id])

    async def _said(self, person: Person, command: str) -> list[Card]:
        reply = await self._assistant.handle(Command("home", person.id, Place("dm", pages_first=True), command, ""))
        return [view.card for view in reply.views]

    # Beside messages -------------------------------------------------------------------------

    def drawn(self, cards: Iterable[Card]) -> list[dict[str, Json]]:
        """Return *cards* as messages, one or more for each."""
        return [
            {"text": part.text, "blocks": part.blocks} for card in cards for part in messages(card, self._seats)
        ]  # fmt: skip

    async def respond(self, origin: Origin, message: Mapping[str, Json]) -> None:
        """Answer where only the person sees it, after the acknowledgement."""
        body = {"response_type": "ephemeral", "replace_original": False, **message}
        await self._api.respond(origin.response_url, body)

    async def settle(self, origin: Origin, pressed: Press) -> None:
        """Take the buttons off a question that was answered by a press, and say which one it was."""
        kept = [block for block in pressed.blocks if isinstance(block, dict) and block.get("type") != "actions"]
        chosen = [{"type": "text", "text": f"→ {pressed.label}", "style": {"italic": True}}]
        if pressed.label:
            kept.append({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": chosen}]})
        await self._api.call("chat.update", channel=origin.channel, ts=origin.message, text=pressed.text, blocks=kept)

    async def suggest(self, channel: str) -> None:
        """Offer what people ask most, above an empty direct chat."""
        prompts = [{"title": title, "message": message} for title, message in PROMPTS]
        await self._api.call("assistant.threads.setSuggestedPrompts", channel_id=channel, prompts=prompts)

    @contextlib.asynccontextmanager
    async def thinking(self, origin: Origin) -> AsyncIterator[None]:
        """Say in the chat that the answer is being looked up, where that takes longer than people expect."""
        done = asyncio.Event()
        task = asyncio.create_task(self._say_thinking(origin, done))
        try:
            yield
        finally:
            done.set()
            # A status that is being set is waited for. Only an answer that all see in its thread would clear it.
            if await task:
                await self._set_status(origin, "")

    async def _say_thinking(self, origin: Origin, done: asyncio.Event) -> bool:
        """Say so, if it has not been *done* soon; tell whether it was said."""
        try:
            async with asyncio.timeout(THINKING_AFTER_SECONDS):
                await done.wait()
        except TimeoutError:
            await self._set_status(origin, THINKING)
            return True
        return False

    async def _set_status(self, origin: Origin, status: str) -> None:
        thread = origin.thread or origin.message
        with contextlib.suppress(PlatformTrouble):
            await self._api.call(
                "assistant.threads.setStatus", channel_id=origin.channel, thread_ts=thread, status=status
            )


def _home_commands(person: Person) -> tuple[str, ...]:
    return ("my", "accounts") if person.seat is Seat.MEMBER else ("my",)


def _metadata(origin: Origin) -> dict[str, str]:
    """Return what a modal has to remember of where it was opened."""
    if origin.view is not None:
        return {name: origin.view.metadata[name] for name in ("channel", "thread") if name in origin.view.metadata}
    if origin.private or origin.direct or not origin.channel:
        return {}
    return {"channel": origin.channel, **({"thread": origin.thread} if origin.thread else {})}
