"""The fake keeps Slack's laws, as Slack's own client and framework meet them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.entries import NotTypeable
from tests.slack.failures import DroppedAfter, DroppedBefore, Held, RateLimited, Says, Status
from tests.slack.fake import FakeSlack
from tests.slack.human import Human
from tests.slack.test_strict import FEEDBACK, TEXT_INPUT, actions, asked, button, literal, modal, option, plain, select

Json = Any
# Nothing here waits for long, so what hangs is told soon.
pytestmark = pytest.mark.timeout(20)
SECRET, BOT_TOKEN, APP_TOKEN = "signing-secret", "xoxb-bot", "xapp-app"
TEACHER, HEAD = "U0TEACHER", "U0HEAD"
CARD = [literal({"type": "text", "text": "Year 9"}), actions(button("approve#0"), button("refuse#1"))]


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        """Return the moment in seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time of Slack."""
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[FakeSlack]:
    """A school's Slack with two people and three channels."""
    fake = FakeSlack(SECRET, BOT_TOKEN, APP_TOKEN, clock)
    await fake.open()
    fake.user(TEACHER, "teacher", real_name="History Teacher")
    fake.user(HEAD, "head")
    fake.channel("C0SLT", "slt", [HEAD], is_private=True)
    fake.channel("C0OPEN", "general", [TEACHER, HEAD], with_bot=False)
    fake.channel("C0HIDDEN", "secrets", [HEAD], is_private=True, with_bot=False)
    fake.group("S0SLT", "slt", [HEAD])
    yield fake
    await fake.close()


@pytest.fixture
def teacher(slack: FakeSlack) -> Human:
    """A teacher at their client."""
    return slack.human(TEACHER)


def caller(slack: FakeSlack, token: str = BOT_TOKEN) -> AsyncWebClient:
    """Return Slack's own client, which repeats nothing."""
    return AsyncWebClient(token=token, base_url=slack.api_url, retry_handlers=[])


async def refusal(call: Awaitable[Any]) -> str:
    """Return the code with which a call is refused."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


@asynccontextmanager
async def serving(slack: FakeSlack, app: AsyncApp) -> AsyncIterator[None]:
    """Let *app* answer at an address of its own."""

    async def answer(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    server = web.Application()
    server.router.add_post("/slack/events", answer)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.app_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield
    finally:
        await runner.cleanup()


def bolt(slack: FakeSlack) -> AsyncApp:
    """Return a bare app, which checks signatures as Slack's own framework does."""
    return AsyncApp(token=BOT_TOKEN, signing_secret=SECRET, client=caller(slack), process_before_response=True)


def recording(app: AsyncApp, kind: str, *names: Any) -> list[Json]:
    """Return the list to which *app* adds each body of that kind."""
    heard: list[Json] = []

    async def hear(body: Json, ack: Callable[[], Awaitable[Any]]) -> None:
        heard.append(body)
        await ack()

    getattr(app, kind)(*names)(hear)
    return heard


async def opened(slack: FakeSlack, human: Human, view: Json) -> None:
    """Let the app open *view* for *human*."""
    trigger = slack.workspace.triggers.trigger(human.id)
    await caller(slack).views_open(trigger_id=trigger, view=view)


async def test_tokens_and_scopes_are_demanded(slack: FakeSlack, clock: Clock) -> None:
    """Neither a wrong token nor a right one without the scope does anything."""
    narrow = FakeSlack(SECRET, BOT_TOKEN, APP_TOKEN, clock, scopes={"users:read"})
    await narrow.open()

    assert await refusal(caller(slack, "xoxb-other").auth_test()) == "invalid_auth"
    assert await refusal(AsyncWebClient(base_url=slack.api_url).auth_test()) == "not_authed"
    assert await refusal(caller(slack).apps_connections_open(app_token=BOT_TOKEN)) == "not_allowed_token_type"
    assert (await caller(slack).auth_test())["user_id"] == slack.names.bot_user
    assert await refusal(caller(narrow).chat_postMessage(channel="C0SLT", text="Hello")) == "missing_scope"
    assert await refusal(caller(slack).api_call("chat.shout")) == "unknown_method"
    await narrow.close()


async def test_arguments_are_checked(slack: FakeSlack) -> None:
    """What is missing, unknown or in a form that the method does not read is refused and remembered."""
    assert await refusal(caller(slack).api_call("users.info", params={})) == "invalid_arguments"
    assert await refusal(caller(slack).api_call("users.info", json={"user": HEAD})) == "invalid_arguments"
    assert await refusal(caller(slack).users_info(user=HEAD, shoe_size="43")) == "invalid_arguments"
    assert [mistake.partition(": ")[2] for mistake in slack.mistakes] == [
        "missing argument user",
        "this method reads no JSON",
        "unknown argument shoe_size",
    ]


async def test_posting_asks_for_membership(slack: FakeSlack) -> None:
    """Slack tells of a public channel that one is not in it, and of a private one nothing."""
    slack.channel("C0OLD", "old", is_archived=True)
    slack.user("U0GONE", "gone", deleted=True)
    slack.user("U0ROBOT", "robot", is_bot=True)
    post = caller(slack).chat_postMessage

    assert await refusal(post(channel="C0OPEN", text="Hello")) == "not_in_channel"
    assert await refusal(post(channel="C0HIDDEN", text="Hello")) == "channel_not_found"
    assert await refusal(post(channel="C0OLD", text="Hello")) == "is_archived"
    assert await refusal(post(channel="U0GONE", text="Hello")) == "user_disabled"
    assert await refusal(post(channel="U0ROBOT", text="Hello")) == "cannot_dm_bot"
    assert await refusal(caller(slack).conversations_open(users="U0NOBODY")) == "user_not_found"
    assert (await post(channel="C0SLT", text="Hello"))["ok"]


async def test_a_message_is_posted_changed_read_back_and_deleted(slack: FakeSlack) -> None:
    """Metadata comes back only when asked for, and stays when a message is changed without it."""
    client, metadata = caller(slack), {"event_type": "job", "event_payload": {"id": "job-1"}}

    ts = (await client.chat_postMessage(channel="C0SLT", text="Title", blocks=CARD, metadata=metadata))["ts"]
    await client.chat_postMessage(channel="C0SLT", text="Answer", thread_ts=ts)
    await client.chat_update(channel="C0SLT", ts=ts, text="Decided", blocks=CARD[:1])

    plainly = (await client.conversations_history(channel="C0SLT"))["messages"]
    fully = (await client.conversations_history(channel="C0SLT", include_all_metadata=True))["messages"]
    thread = (await client.conversations_replies(channel="C0SLT", ts=ts))["messages"]
    assert [message["text"] for message in plainly] == ["Decided"]
    assert "metadata" not in plainly[0]
    assert fully[0]["metadata"] == metadata
    assert [message["text"] for message in thread] == ["Decided", "Answer"]
    assert ts.replace(".", "") in (await client.chat_getPermalink(channel="C0SLT", message_ts=ts))["permalink"]
    await client.chat_delete(channel="C0SLT", ts=ts)
    assert await refusal(client.chat_update(channel="C0SLT", ts=ts, text="Late")) == "message_not_found"
    assert slack.mistakes == []


async def test_lists_come_in_pages(slack: FakeSlack) -> None:
    """Whoever reads only the first page misses people."""
    slack.channel("C0MANY", "many", [f"U{number:03}" for number in range(7)])
    slack.workspace.page_size = 3

    pages = [page["members"] async for page in await caller(slack).conversations_members(channel="C0MANY")]
    people = [user["id"] async for page in await caller(slack).users_list() for user in page["members"]]

    assert [len(page) for page in pages] == [3, 3, 2]
    assert {TEACHER, HEAD, "USLACKBOT"} <= set(people)
    assert (await caller(slack).usergroups_users_list(usergroup="S0SLT"))["users"] == [HEAD]
    slack.workspace.paid = False
    assert await refusal(caller(slack).usergroups_users_list(usergroup="S0SLT")) == "paid_teams_only"


async def test_a_faulty_message_is_refused_and_remembered(slack: FakeSlack) -> None:
    """A mistake is no message, and a test that looks at the end finds it."""
    doubled = [actions(button("a#0"), button("a#0"))]

    assert (
        await refusal(caller(slack).chat_postMessage(channel="C0SLT", text="Title", blocks=doubled)) == "invalid_blocks"
    )
    assert slack.posted() == []
    assert slack.mistakes == ["chat.postMessage: action_id 'a#0' is there 2 times"]
    assert slack.drawn == []


async def test_an_ephemeral_message_is_for_one_person(slack: FakeSlack, teacher: Human) -> None:
    """Only somebody in the channel can be shown it, nobody else sees it, and a reload forgets it."""
    slack.workspace.channels["C0OPEN"].members.append(slack.names.bot_user)
    ephemeral = caller(slack).chat_postEphemeral

    assert await refusal(ephemeral(channel="C0SLT", user=TEACHER, text="Psst")) == "user_not_in_channel"
    await ephemeral(channel="C0OPEN", user=TEACHER, text="Psst")

    assert [message.text for message in teacher.messages()] == ["Psst"]
    assert slack.human(HEAD).messages() == []
    assert (await caller(slack).conversations_history(channel="C0OPEN"))["messages"] == []
    teacher.reloads()
    assert teacher.sees().messages == []


async def test_a_trigger_opens_one_view_within_three_seconds(slack: FakeSlack, clock: Clock, teacher: Human) -> None:
    """Slack forgets it after that."""
    view, client, triggers = modal(literal({"type": "text", "text": "x"})), caller(slack), slack.workspace.triggers

    await opened(slack, teacher, view)
    late = triggers.trigger(TEACHER)
    clock.now += 3.5

    used = slack.called("views.open")[0].arguments["trigger_id"]
    assert await refusal(client.views_open(trigger_id=late, view=view)) == "expired_trigger_id"
    assert await refusal(client.views_open(trigger_id=used, view=view)) == "exchanged_trigger_id"
    assert await refusal(client.views_open(trigger_id="1.2.3", view=view)) == "invalid_trigger_id"
    assert teacher.modal is not None


async def test_a_view_changes_only_for_who_saw_its_last_state(slack: FakeSlack, teacher: Human) -> None:
    """Entries survive where block_id and action_id stay the same, and a stale hash changes nothing."""
    client, form = caller(slack), modal(asked(TEXT_INPUT))
    await opened(slack, teacher, form)
    view = teacher.modal
    assert view is not None
    teacher.type_into(view, "asked", "Year 9")
    seen = view.hash

    await client.views_update(view_id=view.id, hash=seen, view=modal(asked(TEXT_INPUT), title=plain("Again")))

    assert view.title == "Again"
    assert view.values["asked"]["value"]["value"] == "Year 9"
    assert await refusal(client.views_update(view_id=view.id, hash=seen, view=form)) == "hash_conflict"
    await client.views_update(view_id=view.id, view=modal(asked(TEXT_INPUT, block_id="other")))
    assert view.values["other"]["value"]["value"] is None


async def test_no_more_than_three_views_lie_on_each_other(slack: FakeSlack, teacher: Human) -> None:
    """The fourth is refused."""
    await opened(slack, teacher, modal(actions(button("more#0"))))

    for _ in range(3):
        assert teacher.modal is not None
        trigger = slack.workspace.triggers.trigger(TEACHER, teacher.modal.id)
        pushed = caller(slack).views_push(trigger_id=trigger, view=modal(actions(button("more#0"))))
        answer = await refusal(pushed) if len(slack.workspace.views.stack(TEACHER)) == 3 else (await pushed)["ok"]

    assert answer == "push_limit_reached"


async def test_a_home_tab_is_published_by_its_hash(slack: FakeSlack, teacher: Human) -> None:
    """Two that publish at once do not overwrite each other unseen."""
    home = {"type": "home", "blocks": [actions(button("open#0"))]}

    first = (await caller(slack).views_publish(user_id=TEACHER, view=home))["view"]["hash"]
    await caller(slack).views_publish(user_id=TEACHER, view=home, hash=first)

    assert await refusal(caller(slack).views_publish(user_id=TEACHER, view=home, hash=first)) == "hash_conflict"
    assert teacher.home is not None
    assert [pressable.label for pressable in teacher.home.buttons] == ["Approve"]
    assert await refusal(caller(slack).views_publish(user_id=TEACHER, view=modal())) == "invalid_arguments"


async def test_failures_come_as_ordered(slack: FakeSlack) -> None:
    """Each failure meets its method and channel only, as often as ordered."""
    post = caller(slack).chat_postMessage
    slack.fails("chat.postMessage", RateLimited("0.5"), channel="C0SLT")
    slack.fails("chat.postMessage", Status(503), channel="C0SLT")
    slack.fails("chat.postMessage", DroppedBefore(), channel="C0SLT")
    slack.fails("chat.postMessage", DroppedAfter(), channel="C0SLT")
    slack.fails("chat.postMessage", Says("fatal_error"), channel="C0SLT")

    assert (await post(channel=TEACHER, text="Unharmed"))["ok"]
    with pytest.raises(SlackApiError) as limited:
        await post(channel="C0SLT", text="1")
    assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "0.5")
    with pytest.raises(SlackApiError):
        await post(channel="C0SLT", text="2")
    for text in ("3", "4"):
        with pytest.raises(aiohttp.ClientConnectionError):
            await post(channel="C0SLT", text=text)
    assert await refusal(post(channel="C0SLT", text="5")) == "fatal_error"

    assert [message.text for message in slack.posted("C0SLT")] == ["4"]
    assert [call.done for call in slack.called("chat.postMessage")] == [True, False, False, False, True, False]
    assert slack.waiting_failures == 0


async def test_a_slow_channel_holds_up_its_own_call_only(slack: FakeSlack) -> None:
    """What is held answers when it is let go."""
    held = Held(asyncio.Event())
    slack.fails("chat.postMessage", held, channel=TEACHER)
    slow = asyncio.create_task(caller(slack).chat_postMessage(channel=TEACHER, text="Slow"))
    await held.reached.wait()

    assert (await caller(slack).chat_postMessage(channel="C0SLT", text="Quick"))["ok"]
    assert not slow.done()
    held.until.set()
    assert (await slow)["ok"]


async def test_bolt_believes_the_signature_and_hears_a_direct_message(slack: FakeSlack, teacher: Human) -> None:
    """What is typed arrives with its signs escaped, outside of threads, and only where the bot may hear it."""
    app = bolt(slack)
    heard = recording(app, "event", "message")
    mentions = recording(app, "event", "app_mention")

    async with serving(slack, app):
        told = await teacher.says("dm", "Is <!channel> & co. allowed?")
        silent = await teacher.says("C0OPEN", f"<@{slack.names.bot_user}> hello")
        slack.workspace.channels["C0OPEN"].members.append(slack.names.bot_user)
        mentioned = await teacher.says("C0OPEN", f"<@{slack.names.bot_user}> hello")

    event = heard[0]["event"]
    assert (told.ok, silent.kind, mentioned.ok) == (True, "none", True)
    assert (event["text"], event["channel_type"]) == ("Is &lt;!channel&gt; &amp; co. allowed?", "im")
    assert "thread_ts" not in event
    assert [body["event"]["text"] for body in mentions] == [f"<@{slack.names.bot_user}> hello"]
    assert slack.unanswered == []


async def test_bolt_refuses_another_secret(slack: FakeSlack, teacher: Human, clock: Clock) -> None:
    """The signature is that of the secret, and nothing else passes."""
    forger = FakeSlack("another-secret", BOT_TOKEN, APP_TOKEN, clock)
    await forger.open()
    app = bolt(slack)

    async with serving(slack, app):
        forger.app_url = slack.app_url
        forged = await forger.event("app_uninstalled")
        verified = await slack.verifies_address()

    assert forged.status == 401
    assert verified.body in {"3eZbrw1aB", '{"challenge": "3eZbrw1aB"}', '{"challenge":"3eZbrw1aB"}'}
    await forger.close()


async def test_an_event_comes_again_byte_for_byte(slack: FakeSlack, teacher: Human) -> None:
    """A retry says that it is one; a replay is the very same request."""
    app = bolt(slack)
    heard = recording(app, "event", "message")

    async with serving(slack, app):
        first = await teacher.says("dm", "Hello")
        retry = await slack.again(first, 2, "http_error")
        replay = await slack.again(first, same_signature=True)

    assert (retry.headers_sent["X-Slack-Retry-Num"], retry.headers_sent["X-Slack-Retry-Reason"]) == ("2", "http_error")
    assert replay.headers_sent == first.headers_sent
    assert first.body_sent == retry.body_sent == replay.body_sent
    assert len({body["event_id"] for body in heard}) == 1
    assert len(heard) == 3


async def test_what_is_said_changed_and_taken_back_is_told(slack: FakeSlack, teacher: Human) -> None:
    """The app hears its own words too, and who comes from a partner's workspace."""
    app = bolt(slack)
    heard: list[Json] = []

    @app.middleware
    async def hear(body: Json, next: Callable[[], Awaitable[Any]]) -> None:
        heard.append(body["event"])
        await next()

    recording(app, "event", "message")
    recording(app, "event", {"type": "message", "subtype": "message_changed"})
    partner = slack.user("U0PARTNER", "partner", team_id="T0PARTNER")
    await caller(slack).chat_postMessage(channel=TEACHER, text="Title", blocks=CARD)

    async with serving(slack, app):
        await teacher.says("dm", "Hello")
        own, hello = teacher.messages()
        await teacher.edits(hello, "Hello again")
        await teacher.deletes(hello)
        await slack.echoes(own)
        await partner.says("dm", "Hi")

    assert [event.get("subtype", "") for event in heard] == ["", "message_changed", "message_deleted", ""]
    assert heard[1]["previous_message"]["text"] == "Hello"
    assert heard[3]["user_team"] == "T0PARTNER"
    assert slack.deliveries[3].payload["event"]["bot_id"] == slack.names.bot_id


async def test_an_app_that_is_gone_is_no_exception(slack: FakeSlack, teacher: Human) -> None:
    """The delivery says so."""
    slack.app_url = "http://127.0.0.1:9/slack/events"

    assert (await teacher.says("dm", "Hello")).status == 0
    assert len(slack.unanswered) == 1


async def test_a_command_is_answered_in_its_acknowledgement_and_later(
    slack: FakeSlack, clock: Clock, teacher: Human
) -> None:
    """A response address answers five times in half an hour."""
    app = bolt(slack)
    bodies: list[Json] = []

    @app.command("/smpolicy")
    async def on_command(ack: Any, body: Json, respond: Any) -> None:
        bodies.append(body)
        await ack("At once")
        await respond(text="Later", response_type="in_channel")

    async with serving(slack, app):
        told = await teacher.slash("help", channel="C0OPEN")
    async with aiohttp.ClientSession() as session:
        statuses = [(await session.post(told.response_url, json={"text": "x"})).status for _ in range(5)]

    assert [(message.text, message.ephemeral_to) for message in teacher.messages("C0OPEN")][:2] == [
        ("Later", ""),
        ("At once", TEACHER),
    ]
    assert (bodies[0]["text"], bodies[0]["channel_name"]) == ("help", "general")
    assert statuses == [200, 200, 200, 200, 404]


async def test_a_button_is_pressed_as_it_was_drawn(slack: FakeSlack, teacher: Human) -> None:
    """A kept copy presses what it showed; nobody presses what they are not shown, unless by hand."""
    app = bolt(slack)
    pressed = recording(app, "action", {"action_id": "approve#0"})
    judged = recording(app, "action", {"action_id": "judge#feedback"})
    blocks = [
        *CARD,
        actions(button("secret#2", visible_to_user_ids=[HEAD])),
        {"type": "context_actions", "elements": [FEEDBACK]},
    ]
    await caller(slack).chat_postMessage(channel=TEACHER, text="Title", blocks=blocks)
    stale = deepcopy(teacher.messages()[0])
    await caller(slack).chat_update(channel=stale.channel, ts=stale.ts, text="Decided", blocks=CARD[:1])

    async with serving(slack, app):
        told = await teacher.press(stale, "approve#0")
        await teacher.press(stale, "judge#feedback", selected="negative")
        with pytest.raises(LookupError):
            await teacher.press(teacher.messages()[0], "approve#0")
        with pytest.raises(LookupError):
            await teacher.press(stale, "secret#2")

    action = pressed[0]["actions"][0]
    assert told.ok
    assert (action["value"], pressed[0]["container"]["message_ts"]) == ('["id-1",""]', stale.ts)
    assert pressed[0]["message"]["text"] == "Decided"
    assert judged[0]["actions"][0]["value"] == '["a","bad"]'


async def test_the_original_is_replaced_through_the_response_address(slack: FakeSlack, teacher: Human) -> None:
    """An ephemeral card, which no method can change, is changed so; it does not come with the payload."""
    app = bolt(slack)
    bodies: list[Json] = []

    @app.action("approve#0")
    async def on_press(ack: Any, body: Json, respond: Any) -> None:
        bodies.append(body)
        await ack()
        await respond(text="Done", replace_original=True)

    slack.workspace.channels["C0OPEN"].members.append(slack.names.bot_user)
    await caller(slack).chat_postEphemeral(channel="C0OPEN", user=TEACHER, text="Title", blocks=CARD)

    async with serving(slack, app):
        await teacher.press(teacher.messages()[0], "approve#0")

    assert [message.text for message in teacher.messages()] == ["Done"]
    assert "message" not in bodies[0]
    assert bodies[0]["container"]["is_ephemeral"]


async def test_a_modal_is_filled_in_and_sent(slack: FakeSlack, teacher: Human) -> None:
    """Errors, another page, a page on top and the end are what the acknowledgement says."""
    app = bolt(slack)
    form = modal(
        asked(TEXT_INPUT | {"max_length": 6}),
        asked(select(option("a"), option("b", "TikTok"), action_id="menu"), block_id="menu", optional=True),
    )
    answers: list[Json] = [
        {"response_action": "errors", "errors": {"asked": "Too vague."}},
        {"response_action": "update", "view": {**form, "title": plain("Page 2")}},
        {"response_action": "push", "view": modal({"type": "section", "text": plain("Sure?")}, callback_id="form")},
        {},
        {"response_action": "clear"},
    ]
    states: list[Json] = []

    @app.view("form")
    async def on_submission(ack: Any, body: Json) -> None:
        states.append(body["view"]["state"]["values"])
        await ack(**answers[len(states) - 1])

    await opened(slack, teacher, form)
    view = teacher.modal
    assert view is not None
    with pytest.raises(NotTypeable):
        teacher.type_into(view, "asked", "far too long")
    with pytest.raises(NotTypeable):
        teacher.type_into(view, "menu", "c")
    async with serving(slack, app):
        nothing = await teacher.submit(view)
        teacher.type_into(view, "asked", "Year 9")
        teacher.type_into(view, "menu", "b")
        await teacher.submit(view)
        errors = dict(view.errors)
        await teacher.submit(view)
        title = view.title
        await teacher.submit(view)
        on_top = teacher.modal
        assert on_top is not None
        await teacher.submit(on_top)
        below = teacher.modal
        await teacher.submit(view)

    assert nothing.kind == "none"
    assert (errors, title) == ({"asked": "Too vague."}, "Page 2")
    assert states[1] == states[0]
    assert states[0]["asked"]["value"] == {"type": "plain_text_input", "value": "Year 9"}
    assert states[0]["menu"]["menu"]["selected_option"] == option("b", "TikTok")
    assert on_top is not view
    assert below is view
    assert (teacher.modal, slack.mistakes) == (None, [])


async def test_an_error_beside_no_field_is_a_mistake(slack: FakeSlack, teacher: Human) -> None:
    """Slack would show trouble, and so does the fake."""
    app = bolt(slack)

    @app.view("form")
    async def on_submission(ack: Any) -> None:
        await ack(response_action="errors", errors={"nowhere": "Too vague."})

    await opened(slack, teacher, modal(literal({"type": "text", "text": "x"})))
    view = teacher.modal
    assert view is not None
    async with serving(slack, app):
        await teacher.submit(view)

    assert view.trouble
    assert slack.mistakes == ["response_action errors: block 'nowhere' takes no input in this view"]


async def test_shortcuts_tabs_and_closed_views_reach_the_app(slack: FakeSlack, teacher: Human) -> None:
    """A message shortcut brings the message from a channel that the bot is not in."""
    app = bolt(slack)
    everywhere = recording(app, "shortcut", "ask")
    on_message = recording(app, "shortcut", "report")
    tabs = recording(app, "event", "app_home_opened")
    closed = recording(app, "view_closed", "form")
    in_view = recording(app, "action", "kind")

    async with serving(slack, app):
        written = await teacher.says("C0OPEN", "Look at this")
        await teacher.shortcut("ask")
        await teacher.message_shortcut("report", "C0OPEN", written.ts)
        await teacher.opens("messages")
        menu = asked(select(option("a"), action_id="kind"), dispatch_action=True)
        await opened(slack, teacher, modal(menu, notify_on_close=True))
        view = teacher.modal
        assert view is not None
        await teacher.press_in_view(view, "kind", selected="a")
        await teacher.close(view)

    assert everywhere[0]["trigger_id"]
    assert on_message[0]["message"]["text"] == "Look at this"
    assert (tabs[0]["event"]["tab"], tabs[0]["event"]["user"]) == ("messages", TEACHER)
    assert in_view[0]["view"]["state"]["values"]["asked"]["kind"]["selected_option"] == option("a")
    assert (closed[0]["view"]["id"], closed[0]["is_cleared"], teacher.modal) == (view.id, False, None)


async def test_status_and_prompts_stand_in_the_conversation(slack: FakeSlack, teacher: Human) -> None:
    """A status goes when the bot answers in its thread, and four prompts are the most."""
    slack.app_url = "http://127.0.0.1:9/slack/events"
    ts = (await teacher.says("dm", "Hello")).ts
    client, prompt = caller(slack), {"title": "Apply", "message": "I want an account"}

    await client.assistant_threads_setStatus(channel_id=teacher.dm, thread_ts=ts, status="is reading …")
    await client.assistant_threads_setSuggestedPrompts(channel_id=teacher.dm, prompts=[prompt])

    assert slack.workspace.statuses[teacher.dm, ts]["status"] == "is reading …"
    assert slack.workspace.prompts[teacher.dm, ""]["prompts"] == [prompt]
    five = client.assistant_threads_setSuggestedPrompts(channel_id=teacher.dm, prompts=[prompt] * 5)
    assert await refusal(five) == "invalid_arguments"
    await client.chat_postMessage(channel=teacher.dm, thread_ts=ts, text="Yes")
    assert slack.workspace.statuses == {}


@asynccontextmanager
async def connected(slack: FakeSlack, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """Let *app* listen by Socket Mode."""
    handler = AsyncSocketModeHandler(app, APP_TOKEN, ping_interval=0.2)
    slack.socket_mode = True
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connected()
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def test_socket_mode_goes_there_and_back(slack: FakeSlack, teacher: Human) -> None:
    """Events, commands and submissions are acknowledged over the socket, with their answers."""
    app = bolt(slack)
    heard = recording(app, "event", "message")

    @app.command("/smpolicy")
    async def on_command(ack: Any) -> None:
        await ack("At once")

    @app.view("form")
    async def on_submission(ack: Any) -> None:
        await ack(response_action="clear")

    async with connected(slack, app):
        told = await teacher.says("dm", "Hello")
        again = await slack.again(told)
        await teacher.slash("help")
        await opened(slack, teacher, modal(literal({"type": "text", "text": "x"})))
        assert teacher.modal is not None
        await teacher.submit(teacher.modal)

    assert (told.ok, again.ok, again.envelope["retry_attempt"]) == (True, True, 1)
    assert [body["event_id"] for body in heard] == [told.event_id] * 2
    assert [message.text for message in teacher.messages()] == ["Hello", "At once"]
    assert teacher.sees().modal is None
    assert slack.mistakes == []
    assert slack.unanswered == []


async def test_an_envelope_that_is_not_acknowledged_comes_again_elsewhere(slack: FakeSlack, teacher: Human) -> None:
    """Sockets are cut in the middle of a message; the app connects anew and is told once more."""
    app = bolt(slack)
    heard: list[str] = []
    reached, never = asyncio.Event(), asyncio.Event()

    @app.event("message")
    async def on_message(body: Json) -> None:
        heard.append(body["event_id"])
        reached.set()
        if len(heard) == 1:
            await never.wait()

    async with connected(slack, app):
        cut = asyncio.create_task(teacher.says("dm", "Hello"))
        await reached.wait()
        await slack.drops_sockets()
        lost = await cut
        await slack.connected()
        told = await slack.again(lost)
        never.set()

    assert (lost.status, told.status) == (0, 200)
    assert heard == [lost.event_id] * 2


async def test_a_disconnect_message_makes_the_app_connect_anew(slack: FakeSlack, teacher: Human) -> None:
    """Slack refreshes its connections now and then."""
    app = bolt(slack)
    recording(app, "event", "message")

    async with connected(slack, app):
        await slack.disconnects("refresh_requested")
        await slack.connected(times=2)
        told = await teacher.says("dm", "Hello")

    assert told.ok
