"""Slack as a platform on which the worker says things, each once, and finds again what it said."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation.cards import Card
from bot.conversation.events import Json
from bot.domain.jobs import Reach, To
from bot.errors import Undeliverable
from bot.platforms.recent import Recent
from bot.platforms.slack.addresses import Addresses
from bot.platforms.slack.api import SlackApi, SlackRefusal
from bot.platforms.slack.refusals import GONE, NOT_THERE, SHUT_OUT, judged, workspace_trouble
from bot.platforms.slack.render import Drawn, messages
from bot.platforms.slack.response_urls import ResponseUrls
from bot.platforms.trouble import Busy, OutcomeUnknown
from bot.ports import Clock

KNOCKS_EVERY = timedelta(minutes=9)
EPHEMERAL = "ephemeral:"
SAID = "smpolicy_job"
ADDED = "smpolicy_more"
PAGES_BACK = 3
PAGE = 100

log = logging.getLogger("smpolicy.slack")


@dataclass(frozen=True, slots=True)
class Reference:
    """The messages that show one card: `C0123:1700.1,1700.2`, in a thread `C0123/1699.9:1700.1`.

    Attributes:
        stamps: What Slack calls the `ts` of each part, in order.
    """

    channel: str
    thread: str
    stamps: tuple[str, ...]

    def __str__(self) -> str:
        place = f"{self.channel}/{self.thread}" if self.thread else self.channel
        return f"{place}:{','.join(self.stamps)}"

    @classmethod
    def read(cls, text: str) -> Reference:
        """Return the reference that was written as *text*."""
        place, _, stamps = text.partition(":")
        channel, _, thread = place.partition("/")
        return cls(channel, thread, tuple(stamps.split(",")))


class SlackChat:
    """Says cards in Slack; never waits itself, but says how long to wait.

    A card that is too long for one message is several, its parts. Each carries a hash of the job's key in its
    metadata, so that `find` recognises it after a crash or a lost answer. Of a sending that stopped half-way `find`
    remembers what it saw, and the next `send` under the same key posts only the parts that are missing.

    Attributes:
        trouble: What is wrong with the whole workspace, as a sentence for its administrator, or ""; that of a single
            channel is only in the `blocked` of what was raised.
    """

    name = "slack"

    def __init__(
        self,
        api: SlackApi,
        addresses: Addresses,
        seats: Callable[[str], str | None],
        clock: Clock,
        own: Callable[[], frozenset[str]],
    ) -> None:
        """Make the chat; *own* returns the user, bot and app ids under which the bot itself posts."""
        self._api = api
        self._addresses = addresses
        self._seats = seats
        self._clock = clock
        self._own = own
        self._quiet: dict[tuple[str, str], datetime] = {}
        self._urls = ResponseUrls(clock)
        # Number of a part to its stamp: of sendings that are not complete, and of messages as they stand.
        self._begun: Recent[tuple[str, str], dict[int, str]] = Recent()
        self._standing: Recent[str, dict[int, str]] = Recent()
        self.trouble = ""
        self._shut_until: datetime | None = None
        self._door = asyncio.Lock()

    def reaches(self, to: To) -> bool:
        """Tell whether Slack has a seat or a channel for *to*."""
        return self._addresses.reaches(to)

    def remember_response_url(self, channel: str, user: str, url: str, until: datetime) -> None:
        """Keep a response URL for what only *user* is to see in *channel*, both as Slack names them."""
        self._urls.remember(channel, user, url, until)

    async def send(self, to: To, card: Card, key: str) -> str:
        """Say *card*, and return the reference of its messages; what only one person sees has none of its own.

        Raises:
            Undeliverable: It could not be said, or nobody can tell; then `find` comes before the next try.
        """
        async with self._troubles_of(to):
            channel = await self._addresses.channel(to)
            if _is_whispered(to):
                return await self._whisper(to, channel, card, key)
            return await self._post(channel, to.thread, messages(card, self._seats), key)

    async def redraw(self, to: To, reference: str, card: Card) -> None:
        """Replace what the messages show; parts are added or deleted where the card has grown or shrunk.

        Slack keeps the metadata of a message that is updated without any. Nothing happens where the message is gone,
        or was for one person's eyes only and can't be changed any more.

        Raises:
            Undeliverable: It could not be replaced, or not wholly.
        """
        if reference == EPHEMERAL:
            return
        shown = Reference.read(reference)
        drawn = messages(card, self._seats)
        # What was whispered and has a reference went to the person directly.
        async with self._troubles_of(To.person(to.only) if _is_whispered(to) else to):
            # Taken out, so that after a failure the messages are looked at again.
            parts = self._standing.pop(reference, None) or await self._parts_of(shown)
            await self._replace(shown, parts, drawn)
            self._standing[reference] = parts

    async def find(self, to: To, key: str) -> str | None:
        """Return the reference of what was sent under *key*, if all of it was; looks back over the last 300 messages.

        Raises:
            Undeliverable: The messages could not be read.
        """
        if _is_whispered(to):
            return None
        async with self._troubles_of(to):
            channel = await self._addresses.channel(to)
            begun = self._begun.setdefault((channel, _mark(key)), {})
            number_of_parts = 0
            for stamp, said in await self._own_messages(channel, to.thread, SAID):
                if said.get("job") == _mark(key):
                    begun.setdefault(said["part"], stamp)
                    number_of_parts = max(number_of_parts, said["parts"])
        if not number_of_parts or not begun.keys() >= set(range(number_of_parts)):
            return None
        return self._completed(channel, to.thread, key, begun)

    # A card for a channel or a private chat

    async def _post(self, channel: str, thread: str, drawn: Sequence[Drawn], key: str) -> str:
        begun = self._begun.setdefault((channel, _mark(key)), {})
        for number, part in enumerate(drawn):
            if number not in begun:
                payload = {"job": _mark(key), "part": number, "parts": len(drawn)}
                begun[number] = await self._say(channel, thread, part, SAID, payload)
        return self._completed(channel, thread, key, begun)

    def _completed(self, channel: str, thread: str, key: str, parts: dict[int, str]) -> str:
        self._begun.pop((channel, _mark(key)), None)
        reference = str(Reference(channel, thread, tuple(parts[number] for number in sorted(parts))))
        self._standing[reference] = parts
        return reference

    async def _say(self, channel: str, thread: str, part: Drawn, event: str, payload: Mapping[str, Json]) -> str:
        said = await self._call(
            "chat.postMessage",
            channel,
            text=part.text,
            blocks=part.blocks,
            thread_ts=thread or None,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": event, "event_payload": payload},
        )
        stamp = said.get("ts")
        if not isinstance(stamp, str):
            raise OutcomeUnknown("no stamp")
        return stamp

    # A card for one person's eyes in a shared place

    async def _whisper(self, to: To, channel: str, card: Card, key: str) -> str:
        user = self._addresses.seat(to.only)
        try:
            for part in messages(card, self._seats):
                await self._show(channel, user, to.thread, part)
        except SlackRefusal as refusal:
            if refusal.code not in NOT_THERE:
                raise
            alone = To.person(to.only)
            return await self.find(alone, key) or await self.send(alone, card, key)
        return EPHEMERAL

    async def _show(self, channel: str, user: str, thread: str, part: Drawn) -> None:
        body = {"text": part.text, "blocks": part.blocks}
        if thread:
            body["thread_ts"] = thread
        if url := self._urls.take(channel, user):
            try:
                await self._api.respond(url, {**body, "response_type": "ephemeral", "replace_original": False})
            except SlackRefusal as refusal:
                log.info("a response url is of no use: %s", refusal.code)
                self._urls.forget(channel, user)
            else:
                return
        await self._call("chat.postEphemeral", channel, user=user, **body)

    # What was said before

    async def _replace(self, shown: Reference, parts: dict[int, str], drawn: Sequence[Drawn]) -> None:
        """Make *parts* show what is drawn, and note in it which messages they are now."""
        for number, part in enumerate(drawn):
            stamp = parts.get(number)
            if stamp and await self._change("chat.update", shown.channel, stamp, **_content(part)):
                continue
            if number == 0:
                log.info("message %s in %s is gone", stamp, shown.channel)
                return
            # A part that the card did not have, or that went when it shrank.
            payload = {"of": shown.stamps[0], "part": number}
            parts[number] = await self._say(shown.channel, shown.thread, part, ADDED, payload)
        for number in [each for each in parts if each >= len(drawn)]:
            await self._change("chat.delete", shown.channel, parts[number])
            del parts[number]

    async def _change(self, method: str, channel: str, stamp: str, **content: Json) -> bool:
        """Update or delete one message, and tell whether it was still there."""
        try:
            await self._call(method, channel, ts=stamp, **content)
        except SlackRefusal as refusal:
            if refusal.code not in GONE:
                raise
            return False
        return True

    async def _parts_of(self, shown: Reference) -> dict[int, str]:
        """Return the messages of *shown*, those included that were added after it was written down."""
        parts = dict(enumerate(shown.stamps))
        first = shown.stamps[0]
        for stamp, added in await self._own_messages(shown.channel, shown.thread, ADDED, oldest=first):
            if added.get("of") == first:
                parts[added["part"]] = stamp
        return parts

    async def _own_messages(
        self, channel: str, thread: str, event: str, oldest: str | None = None
    ) -> list[tuple[str, Mapping[str, Json]]]:
        """Return stamp and payload of the bot's own recent messages whose metadata are of the kind *event*."""
        method = "conversations.replies" if thread else "conversations.history"
        with self._paced(method, channel):
            found = await self._api.pages(
                method,
                "messages",
                at_most=PAGES_BACK,
                channel=channel,
                ts=thread or None,
                oldest=oldest,
                limit=PAGE,
                include_all_metadata=True,
            )
        return [(each["ts"], payload) for each in found if self._is_own(each) and (payload := _payload(each, event))]

    def _is_own(self, message: Mapping[str, Json]) -> bool:
        by = {message.get(name) for name in ("user", "bot_id", "app_id")}
        return not self._own().isdisjoint(by)

    # Pace and refusals

    async def _call(self, method: str, channel: str, **arguments: Json) -> Mapping[str, Json]:
        with self._paced(method, channel):
            return await self._api.call(method, channel=channel, **arguments)

    @contextmanager
    def _paced(self, method: str, channel: str) -> Iterator[None]:
        """Keep *method* quiet in *channel* as long as Slack asked; its limits are those of a method."""
        now = self._clock.now()
        self._quiet = {each: until for each, until in self._quiet.items() if until > now}
        if (method, channel) in self._quiet:
            raise Busy((self._quiet[method, channel] - now).total_seconds())
        try:
            yield
        except Busy as busy:
            self._quiet[method, channel] = self._clock.now() + timedelta(seconds=busy.retry_after)
            raise
        self.trouble, self._shut_until = "", None

    @asynccontextmanager
    async def _troubles_of(self, to: To) -> AsyncIterator[None]:
        """Turn what went wrong on the way to *to* into what the worker understands."""
        try:
            async with self._knocking(to):
                yield
        except Busy as busy:
            raise Undeliverable("Slack asks to wait.", retry_after=busy.retry_after) from busy
        except OutcomeUnknown as unknown:
            raise Undeliverable("Slack did not answer.", unknown=True) from unknown
        except SlackRefusal as refusal:
            if to.reach is Reach.PERSON and refusal.code == "channel_not_found":
                self._addresses.forget(to)
                raise Undeliverable("Slack has closed this private chat.") from refusal
            self.trouble = workspace_trouble(refusal) or self.trouble
            if refusal.code in SHUT_OUT and not _is_whispered(to):
                self._shut_until = self._clock.now() + KNOCKS_EVERY
            raise judged(refusal, self._addresses.described(to)) from refusal

    @asynccontextmanager
    async def _knocking(self, to: To) -> AsyncIterator[None]:
        """While Slack takes nothing at all, let one message in a while try, and hold the others up meanwhile."""
        if self._shut_until is None or _is_whispered(to):  # what is whispered may have a way of its own
            yield
            return
        async with self._door:
            if self._is_shut():
                raise Undeliverable("Slack takes nothing from the bot.", blocked=self.trouble)
            yield

    def _is_shut(self) -> bool:
        return self._shut_until is not None and self._clock.now() < self._shut_until


def _is_whispered(to: To) -> bool:
    return to.reach is Reach.PLACE and bool(to.only)


def _content(part: Drawn) -> dict[str, Json]:
    # Left alone, an update would make links of names and addresses in the text, unlike a new message.
    return {"text": part.text, "blocks": part.blocks, "parse": "none"}


def _payload(message: Mapping[str, Json], event: str) -> Mapping[str, Json] | None:
    """Return the payload of *message* where its metadata are of the kind *event* and name a part."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload")
    if metadata.get("event_type") != event or not isinstance(payload, dict):
        return None
    return payload if isinstance(payload.get("part"), int) else None


def _mark(key: str) -> str:
    """Return a name for *key* that gives nothing away; metadata can be read by other apps of the workspace."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]
