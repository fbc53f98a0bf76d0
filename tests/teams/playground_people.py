"""People in the Agents Playground past its page: what they do, as the page itself asks the Playground for it."""

from __future__ import annotations

from typing import Any

from tests.teams.playground import BOT, ME, NAME, PERSONAL, Playground, mri
from tests.teams.playground_posts import Exchange, Post, posts, pressed

Json = Any
REPORT = "incidents.report_message"


class Colleague:
    """Somebody of the school; only its current user can write, and anybody can press."""

    def __init__(self, playground: Playground, person: str = ME) -> None:
        self._playground = playground
        self._person = person
        self._chat = PERSONAL

    async def installs(self) -> None:
        """Add the bot to the private chat; anybody's but the current user's has to be opened before."""
        if self._person != ME:
            members = [{"id": mri(self._person)}]
            opened = await self._playground.call("POST", "/_connector/v3/conversations", {"members": members})
            self._chat = str(opened["id"])
        await self._deliver(await self._template(self._chat, "install"))
        await self.hears("What I can do")

    async def adds_the_bot(self, channel: str) -> None:
        """Add the bot to the team of *channel*."""
        await self._deliver(await self._template(channel, "botAdded"))

    async def says(self, text: str, channel: str = "") -> str:
        """Write in the private chat, or to the bot in a channel; return the conversation with its thread."""
        body: Json = {"from": {"id": mri(self._person)}, "text": text, "textFormat": "plain"}
        if channel:
            called = f"<at>{NAME}</at>"
            body |= {"text": f"{called} {text}", "mentions": [{"mentioned": {"id": BOT}, "text": called}]}
        path = f"/_conversation/v1/conversations/{channel or self._chat}/messages"
        answer = await self._playground.call("POST", path, body)
        return str(answer.get("postConversationId") or self._chat)

    async def hears(self, words: str, conversation: str = "", *, button: str = "") -> Post:
        """Wait for a message with *words* and a *button* in the private chat or in *conversation*, and return it."""

        def read() -> list[Post]:
            return [each for each in posts(self._playground.exchanges) if each.stands_in(conversation or self._chat)]

        def found() -> list[Post]:
            return [each for each in read() if words in each.words and (not button or button in each.titles)]

        await self._playground.until(found, lambda: [(each.words, each.titles) for each in read()])
        return found()[-1]

    # Pressing --------------------------------------------------------------------------------

    async def presses(self, title: str, post: Post, **answers: str) -> Json:
        """Press a button on a card, and return what the client is to show."""
        return await self.forges(pressed(post.card, title, **answers), post)

    async def forges(self, data: Json, post: Post) -> Json:
        """Send *data* as what a button of *post* carries, and return what the client is to show."""
        value = {"action": {"type": "Action.Execute", "verb": "any", "data": data}}
        return await self._invoke("adaptiveCard/action", value, post.conversation, replyToId=post.id)

    async def opens(self, title: str, post: Post) -> Json:
        """Press a button that opens a dialog, and return what is shown; the page itself can't do that yet."""
        return await self._dialog("task/fetch", pressed(post.card, title), post)

    async def submits(self, title: str, shown: Json, post: Post, **answers: str) -> Json:
        """Press a button in the dialog that is *shown*, and return what is shown then."""
        return await self._dialog("task/submit", pressed(_card(shown), title, **answers), post)

    # Message extension -----------------------------------------------------------------------

    async def looks_up(self, words: str, channel: str) -> list[Json]:
        """Search the policy from the message box of *channel*, and return the results."""
        asked = [{"name": "question", "value": words}]
        value = {"commandId": "policy", "parameters": asked, "queryOptions": {"skip": 0, "count": 5}}
        answer = await self._invoke("composeExtension/query", value, channel)
        results: list[Json] = answer["composeExtension"]["attachments"]
        return results

    async def reports(self, html: str, channel: str) -> Json:
        """Choose “Report this message” on what somebody wrote, and return what is shown."""
        return await self._act("composeExtension/fetchTask", html, channel)

    async def goes_on(self, title: str, shown: Json, html: str, channel: str, **answers: str) -> Json:
        """Press a button in what an action on a message has *shown*, and return what is shown then."""
        data = pressed(_card(shown), title, **answers)
        return await self._act("composeExtension/submitAction", html, channel, data=data)

    async def _act(self, name: str, html: str, channel: str, **more: Json) -> Json:
        message = {"id": "1700000000000", "body": {"contentType": "html", "content": html}}
        value = {"commandId": REPORT, "commandContext": "message", "messagePayload": message, **more}
        return (await self._invoke(name, value, channel))["task"]

    # Asking the Playground -------------------------------------------------------------------

    async def _invoke(self, name: str, value: Json, conversation: str, **more: Json) -> Json:
        who, where = {"id": mri(self._person)}, {"id": conversation}
        body = {"name": name, "from": who, "conversation": where, "value": value, **more}
        return await self._playground.call("POST", "/_conversation/v1/invoke", body)

    async def _dialog(self, name: str, data: Json, post: Post) -> Json:
        """Deliver what a dialog leads to, and return the answer, which the Playground only notes."""
        value = {"data": data, "context": {"theme": "default"}}
        template = await self._template(post.conversation)
        invoke = {"type": "invoke", "name": name, "value": value, "replyToId": post.id}
        return (await self._deliver({**template, **invoke}))["task"]

    async def _template(self, conversation: str, kind: str = "") -> Json:
        """Return an activity of a *kind* that the Playground's menu has, or an empty one."""
        path = f"/_internal/v1/customActivities/template?conversationId={conversation}"
        return await self._playground.call("GET", f"{path}&type={kind}" if kind else path)

    async def _deliver(self, activity: Json) -> Json:
        """Deliver an activity as this person, and return what the program answers once it has."""
        listed = self._playground.people[self._person]
        sender = {"id": mri(self._person), "aadObjectId": listed.teams, "name": listed.person.name}
        await self._playground.call("POST", "/_internal/v1/customActivities", {**activity, "from": sender})

        def answers() -> list[Exchange]:
            taken = [each for each in self._playground.exchanges if not each.from_bot]
            return [each for each in taken if each.asked["id"] == activity["id"]]

        await self._playground.until(answers, lambda: self._playground.exchanges[-1:])
        return answers()[0].answered


def _card(shown: Json) -> Json:
    return shown["value"]["card"]["content"]
