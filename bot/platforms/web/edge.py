"""The local page over HTTP: routes, the guard at the door, and every error as one sentence of JSON."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from bot.assistant import Assistant
from bot.conversation.cards import plain
from bot.conversation.events import Json
from bot.conversation.forms import Form, FormPage, ShownField
from bot.delivery import Worker
from bot.domain.office import Office
from bot.errors import AssistantError, Invalid, NotSaved, Unknown
from bot.platforms.guard import why_refused
from bot.platforms.web import parse, render
from bot.platforms.web.clock import MovableClock
from bot.platforms.web.journal import Journal
from bot.platforms.web.pages import Pages
from bot.platforms.web.people import channel_in, chatter, chatters, places_of
from bot.platforms.web.stream import Streams
from bot.platforms.web.talk import Arrived, Talk

MOST_BYTES = 1_000_000
EVENT = web.RequestKey("event", str)
API_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAGE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalEdge:
    """One school's local page; `open` before anything is said there."""

    def __init__(
        self,
        *,
        assistant: Assistant,
        worker: Worker,
        journal: Journal,
        clock: MovableClock,
        log: logging.Logger | None = None,
    ) -> None:
        self._assistant = assistant
        self._journal = journal
        self._clock = clock
        self._log = log or logging.getLogger("smpolicy.web")
        self._talk = Talk(assistant, worker, journal, self._log)
        self._streams = Streams(journal, assistant.world)
        self._zone = assistant.world.school.week.zone

    def add_to(self, app: web.Application) -> None:
        """Serve the page, its files and its API in *app*."""
        app.middlewares.append(self._door)
        app.on_startup.append(self._open)
        app.on_shutdown.append(self._close)
        Pages().add_to(app)
        app.router.add_get("/local/api/people", self._people)
        app.router.add_get("/local/api/places", self._places)
        app.router.add_get("/local/api/messages", self._messages)
        app.router.add_get("/local/api/stream", self._stream)
        app.router.add_get("/local/api/gallery", self._gallery)
        app.router.add_get("/local/api/clock", self._clock_shown)
        app.router.add_post("/local/api/clock", self._clock_set)
        app.router.add_post("/local/api/say", self._say)
        app.router.add_post("/local/api/press", self._press)
        app.router.add_post("/local/api/submit", self._submit)

    async def _open(self, app: web.Application) -> None:
        await self._journal.open()

    async def _close(self, app: web.Application) -> None:
        self._streams.close()

    # The door --------------------------------------------------------------------------------

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != "/" and not request.path.startswith("/local/"):
            return await handler(request)
        request[EVENT] = self._assistant.world.ids.new()
        if refusal := why_refused(request):
            response: web.StreamResponse = _error(HTTPStatus.FORBIDDEN, refusal)
        else:
            response = await self._answer(request, handler)
        if not response.prepared:
            is_api = request.path.startswith("/local/api")
            response.headers.update(API_HEADERS if is_api else PAGE_HEADERS)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except parse.Malformed as error:
            return _error(HTTPStatus.UNPROCESSABLE_ENTITY, error.sentence)
        except AssistantError as error:
            self._log.info("refused event %s: %s", request[EVENT], type(error).__name__)
            return _refusal(error)
        except web.HTTPException as error:
            return _http_error(error)
        except Exception as error:
            # An exception's own words may hold what somebody typed; where it was raised does not.
            where = "".join(traceback.format_tb(error.__traceback__))
            self._log.error("event %s failed with %s\n%s", request[EVENT], type(error).__name__, where)
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong in the bot. Try again in a moment.")

    # Reading ---------------------------------------------------------------------------------

    async def _people(self, request: web.Request) -> web.Response:
        office = await self._assistant.office()
        return _json([render.person_json(person) for person in chatters(office)])

    async def _places(self, request: web.Request) -> web.Response:
        person = chatter(await self._assistant.office(), parse.read_query(request.query, "as"))
        return _json([{"id": id, "name": name} for id, name in places_of(person).items()])

    async def _messages(self, request: web.Request) -> web.Response:
        person = chatter(await self._assistant.office(), parse.read_query(request.query, "as"))
        channel = channel_in(person, parse.read_query(request.query, "in"))
        said = self._journal.since(channel, parse.read_after(request.query))
        seen = (message for message in said if message.visible_to(person.id))
        return _json([render.message_json(message, person.id, self._zone) for message in seen])

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        person = chatter(await self._assistant.office(), parse.read_query(request.query, "as"))
        return await self._streams.serve(request, person.id, API_HEADERS)

    async def _gallery(self, request: web.Request) -> web.Response:
        office, switchboard = await self._assistant.office(), self._assistant.switchboard
        cards = [(name, draw(office)) for name, draw in sorted(switchboard.samples.items())]
        forms = [form for _, (form, _) in sorted(switchboard.forms.items())]
        return _json(
            {
                "cards": [
                    {"name": name, "text": plain(card), "card": render.card_json(card, card.buttons)}
                    for name, card in cards
                ],
                "forms": [each for form in forms for each in _form_samples(form, office)],
            }
        )

    async def _clock_shown(self, request: web.Request) -> web.Response:
        return _json(self._time())

    # Writing ---------------------------------------------------------------------------------

    async def _clock_set(self, request: web.Request) -> web.Response:
        moment = parse.read_moment(await _body(request))
        if not self._clock.movable:
            return _error(HTTPStatus.CONFLICT, "The clock can't be moved while Slack or Teams is connected.")
        self._clock.set(moment)
        self._streams.clock_moved(self._time()["now"])
        await self._talk.deliver_due()
        return _json(self._time())

    async def _say(self, request: web.Request) -> web.Response:
        said = parse.read_said(await _body(request))
        arrived = await self._talk.say(request[EVENT], said, await self._assistant.office())
        return _json({"messages": self._drawn(arrived)})

    async def _press(self, request: web.Request) -> web.Response:
        pressed = parse.read_pressed(await _body(request))
        office = await self._assistant.office()
        arrived = await self._talk.press(request[EVENT], pressed, office)
        return _json({"messages": self._drawn(arrived), "form": _form(arrived.form, office)})

    async def _submit(self, request: web.Request) -> web.Response:
        submitted = parse.read_submitted(await _body(request))
        office = await self._assistant.office()
        arrived = await self._talk.submit(request[EVENT], submitted, office)
        document = {
            "messages": self._drawn(arrived),
            "form": _form(arrived.form, office),
            "errors": dict(arrived.errors),
        }
        if arrived.errors:
            sentence = " ".join(arrived.errors.values())
            return _json({"error": sentence, **document}, HTTPStatus.UNPROCESSABLE_ENTITY)
        return _json(document)

    def _drawn(self, arrived: Arrived) -> list[Json]:
        return [render.message_json(message, arrived.person, self._zone) for message in arrived.messages]

    def _time(self) -> dict[str, Json]:
        return {"now": self._clock.now().astimezone(self._zone).isoformat(), "movable": self._clock.movable}


async def _body(request: web.Request) -> bytes:
    """Return the body; raises HTTPRequestEntityTooLarge for one that is too long."""
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MOST_BYTES:
                raise web.HTTPRequestEntityTooLarge(max_size=MOST_BYTES, actual_size=len(body))
    except web.RequestPayloadError as error:
        raise parse.Malformed("The body arrived damaged.") from error
    return bytes(body)


def _form(page: FormPage | None, office: Office) -> Json:
    return render.form_json(page, office) if page else None


def _form_samples(form: Form, office: Office) -> list[Json]:
    """Return each page of *form*, those that only some answers lead to included."""
    last = len(form.pages)
    return [
        {"name": form.name if last == 1 else f"{form.name} {number}/{last}", "form": render.form_json(page, office)}
        for number, page in enumerate(_empty_pages(form), start=1)
    ]


def _empty_pages(form: Form) -> list[FormPage]:
    last = form.pages[-1]
    return [
        FormPage(
            session="",
            title=page.title or form.title,
            intro=page.intro or (form.intro if page is form.pages[0] else ""),
            submit=form.submit if page is last else "Continue",
            fields=tuple(map(ShownField, page.fields)),
        )
        for page in form.pages
    ]


def _refusal(error: AssistantError) -> web.Response:
    match error:
        case Unknown():
            return _error(HTTPStatus.NOT_FOUND, error.sentence)
        case Invalid():
            document = {"error": error.sentence, "errors": error.errors}
            return _json(document, HTTPStatus.UNPROCESSABLE_ENTITY)
        case NotSaved():
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, error.sentence)
        case _:
            return _error(HTTPStatus.FORBIDDEN, error.sentence)


def _http_error(error: web.HTTPException) -> web.Response:
    sentences = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is too long: at most a million bytes.",
    }
    status = HTTPStatus(error.status)
    response = _error(status, sentences.get(status, f"{status.phrase}."))
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _error(status: HTTPStatus, sentence: str) -> web.Response:
    return _json({"error": sentence}, status)


def _json(document: Json, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.json_response(document, status=status.value, dumps=_dumps)


def _dumps(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
