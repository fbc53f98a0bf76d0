"""What becomes of a modal that was sent, by the app's answer."""

from __future__ import annotations

from typing import Any

from tests.slack.deliveries import Delivery
from tests.slack.refusals import Refused
from tests.slack.views import View
from tests.slack.workspace import Workspace

Json = Any
NO_ANSWER = "We had some trouble connecting. Try again?"
PLEASE_FILL_IN = "Please complete this required field."


def apply_answer(workspace: Workspace, view: View, delivery: Delivery) -> None:
    """Do to *view* and its stack what the acknowledgement asks for; without one the view stays, with trouble."""
    if not delivery.ok:
        view.trouble = NO_ANSWER
        return
    view.errors, view.trouble = {}, ""
    try:
        _apply(workspace, view, delivery.answer)
    except Refused:
        view.trouble = NO_ANSWER


def _apply(workspace: Workspace, view: View, answer: Json) -> None:
    match answer:
        case None:
            workspace.views.close(view)
        case {"response_action": "errors", "errors": dict(errors), **rest} if errors and not rest:
            _show_errors(workspace, view, errors)
        case {"response_action": "update", "view": dict(payload), **rest} if not rest:
            workspace.take_view("response_action update", payload, "modal")
            workspace.views.update(view, payload)
        case {"response_action": "push", "view": dict(payload), **rest} if not rest:
            workspace.take_view("response_action push", payload, "modal")
            workspace.views.open(view.user, payload, above=view.id)
        case {"response_action": "clear", **rest} if not rest:
            workspace.views.clear(view.user)
        case _:
            workspace.refuse("view_submission", [f"nobody understands the answer {answer!r}"], "invalid_arguments")


def _show_errors(workspace: Workspace, view: View, errors: dict[str, Json]) -> None:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    workspace.refuse(
        "response_action errors",
        [f"block {block!r} takes no input in this view" for block in errors if block not in inputs]
        + [f"the error of {block!r} says nothing" for block, words in errors.items() if not str(words or "").strip()],
        "invalid_arguments",
    )
    view.errors = dict(errors)
