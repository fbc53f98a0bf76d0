"""What a client makes of the app's answers to invokes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.teams.client import Client
from tests.teams.deliveries import Delivery
from tests.teams.dialogs import Frame, opened
from tests.teams.messages import Message
from tests.teams.strict_answers import MAY_BE_EMPTY
from tests.teams.workspace import Workspace

Json = Any
UNREACHABLE = "Unable to reach app. Please try again."
WRONG = "Something went wrong. Please try again."


def take_action(workspace: Workspace, client: Client, user: str, message: Message, delivery: Delivery) -> None:
    """Follow the answer to an Action.Execute: another card for this person alone, a word, or a refusal."""
    match delivery.answer:
        case _ if not delivery.ok:
            client.notices.append(UNREACHABLE)
        case {"type": "application/vnd.microsoft.card.adaptive", "value": dict(card)}:
            workspace.keep("card", card)
            workspace.show_to(user, message, card)
        case {"type": "application/vnd.microsoft.activity.message", "value": str(text)}:
            client.toasts.append(text)
        case _:
            client.notices.append(delivery.error[1] if delivery.error else WRONG)


def take_task(workspace: Workspace, client: Client, delivery: Delivery, frame: Frame) -> None:
    """Follow the answer to a wish for a dialog, or to a dialog that was sent."""
    match delivery.answer:
        case _ if not delivery.ok:
            client.notices.append(UNREACHABLE)
        case {"task": {"type": "continue", "value": {"card": {"content": dict(card)}} as value}}:
            workspace.keep("dialog", card)
            client.dialog = opened(value, frame)
        case {"task": {"type": "message", "value": str(text)}}:
            client.dialog = None
            client.notices.append(text)
        case answer if not answer and delivery.kind in MAY_BE_EMPTY:
            client.dialog = None
        case _:
            client.notices.append(WRONG)


def take_results(workspace: Workspace, client: Client, delivery: Delivery) -> None:
    """Follow the answer to a search."""
    client.results = []
    match delivery.answer:
        case _ if not delivery.ok:
            client.notices.append(UNREACHABLE)
        case {"composeExtension": {"type": "result", "attachments": list(found)}}:
            for each in found:
                workspace.keep("result", each.get("content"))
            client.results = deepcopy(found)
        case {"composeExtension": {"type": "message", "text": str(text)}}:
            client.notices.append(text)
        case _:
            client.notices.append(WRONG)
