"""What the Bot Connector does with messages: new ones, changed ones, and conversations to put them in."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.teams.messages import Posted
from tests.teams.people import Conversation
from tests.teams.refusals import Refused
from tests.teams.strict import activity_mistakes, conversation_mistakes, large, size_of
from tests.teams.workspace import Workspace

Json = Any
HARD_LIMIT = 100_000


def create(workspace: Workspace, body: Json) -> tuple[int, Json]:
    """Open the personal chat with somebody, or begin a thread in a channel."""
    _refuse(workspace, "POST conversations", conversation_mistakes(body, workspace.bot["id"], workspace.tenant))
    if body.get("isGroup"):
        channel = body["channelData"]["channel"]["id"]
        answer = _post(workspace, channel, "", body["activity"])
        return 201, {"id": f"{channel};messageid={answer['id']}", "activityId": answer["id"]}
    user = workspace.find_user(body["members"][0]["id"])
    if user is None or user.role == "anonymous":
        raise Refused(400, "BadSyntax", "Bad format of conversation ID or user ID.")
    if workspace.disabled:
        raise Refused(403, "BotDisabledByAdmin", "The tenant admin disabled this bot")
    workspace.reachable(user)
    place = workspace.personal(user.aad_id)
    more = {"activityId": _post(workspace, place.id, "", body["activity"])["id"]} if "activity" in body else {}
    return 201, {"id": place.id, **more}


def send(workspace: Workspace, conversation: str, body: Json) -> tuple[int, Json]:
    """Post into a conversation; in a channel the id names a thread, or a new one begins."""
    place, thread = workspace.open_place(conversation)
    return 201, _post(workspace, place.id, thread, body)


def reply(workspace: Workspace, conversation: str, activity_id: str, body: Json) -> tuple[int, Json]:
    """Post as an answer to a message; in a channel that is into its thread."""
    place, thread = workspace.open_place(conversation)
    answered = workspace.find_post(place, activity_id)
    return 201, _post(workspace, place.id, thread or (answered.root if answered else ""), body)


def update(workspace: Workspace, conversation: str, activity_id: str, body: Json) -> tuple[int, Json]:
    """Put another message in place of one of the bot's; people see what all see from then on."""
    posted = _own(workspace, conversation, activity_id)
    if workspace.conversations[posted.place].user:
        workspace.reachable(workspace.users[workspace.conversations[posted.place].user])
    _take(workspace, f"PUT {activity_id}", body, workspace.conversations[posted.place])
    posted.activity, posted.edited = deepcopy(body), True
    posted.views.clear()
    return 200, {"id": posted.id}


def delete(workspace: Workspace, conversation: str, activity_id: str) -> tuple[int, Json]:
    """Take a message of the bot back."""
    _own(workspace, conversation, activity_id).deleted = True
    return 200, None


def _own(workspace: Workspace, conversation: str, activity_id: str) -> Posted:
    place, thread = workspace.open_place(conversation)
    posted = workspace.find_post(place, activity_id)
    if posted is None or (thread and posted.root != thread):
        raise Refused(404, "ActivityNotFoundInConversation", "The activity was not found in the conversation.")
    if posted.sender:
        raise Refused(403, "ForbiddenOperationException", "The message is not the bot's.")
    return posted


def _post(workspace: Workspace, conversation: str, thread: str, body: Json) -> Json:
    place, _ = workspace.open_place(conversation)
    if thread and not any(each.place == place.id and each.root == thread for each in workspace.posts):
        workspace.mistakes.append(f"POST {conversation}: there is no thread {thread}")
        raise Refused(404, "ConversationNotFound", "Conversation not found.")
    _take(workspace, f"POST {conversation}", body, place)
    number = workspace.message_id()
    if body["type"] == "message":
        root = (thread or number) if place.kind == "channel" else ""
        workspace.post(Posted(number, place.id, root, "", deepcopy(body), workspace.clock()))
    return {"id": number}


def _take(workspace: Workspace, where: str, body: Json, place: Conversation) -> None:
    """Look at an activity before people are shown it; keep it for those who check schemas.

    Raises:
        Refused: there is a mistake in it, or it is too large.
    """
    if size_of(body) > HARD_LIMIT:
        workspace.mistakes.append(f"{where}: the message is larger than {HARD_LIMIT} bytes")
        raise Refused(413, "MessageSizeTooBig", "Message size too large.")
    workspace.note(where, large("the message", body))
    _refuse(workspace, where, activity_mistakes(body, place.kind))
    if body["type"] == "message":
        workspace.keep("message", body)


def _refuse(workspace: Workspace, where: str, mistakes: list[str]) -> None:
    if workspace.note(where, mistakes):
        raise Refused(400, "BadArgument", "; ".join(mistakes))
