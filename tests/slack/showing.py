"""Methods that show modals and home tabs."""

from __future__ import annotations

from typing import Any

from tests.slack.method import Given, Method
from tests.slack.refusals import Refused
from tests.slack.views import View
from tests.slack.workspace import Workspace

Json = Any


def views_open(workspace: Workspace, given: Given) -> Json:
    """Open a modal for whom the trigger came from."""
    trigger = workspace.triggers.exchange(given["trigger_id"])
    workspace.take_view("views.open", given["view"], "modal")
    return _shown(workspace, workspace.views.open(trigger.user, given["view"], above=trigger.view))


def views_push(workspace: Workspace, given: Given) -> Json:
    """Lay a modal over the one that was pressed in."""
    trigger = workspace.triggers.exchange(given["trigger_id"])
    if trigger.view not in [view.id for view in workspace.views.stack(trigger.user)]:
        raise Refused("not_found")
    workspace.take_view("views.push", given["view"], "modal")
    return _shown(workspace, workspace.views.open(trigger.user, given["view"], above=trigger.view))


def views_update(workspace: Workspace, given: Given) -> Json:
    """Draw an open view anew."""
    view = workspace.views.find(given.get("view_id") or "", given.get("external_id") or "")
    workspace.views.check(view, given.get("hash") or "")
    workspace.take_view("views.update", given["view"], view.payload["type"])
    return _shown(workspace, workspace.views.update(view, given["view"]))


def views_publish(workspace: Workspace, given: Given) -> Json:
    """Draw somebody's home tab."""
    user = workspace.users.get(given["user_id"])
    if user is None or user.deleted or user.is_bot:
        raise Refused("not_enabled" if user else "user_not_found")
    workspace.take_view("views.publish", given["view"], "home")
    return _shown(workspace, workspace.views.publish(user.id, given["view"], given.get("hash") or ""))


def _shown(workspace: Workspace, view: View) -> Json:
    names = workspace.names
    return {"view": view.json(names.team_id, names.app_id, names.bot_id)}


SHOWING: dict[str, Method] = {
    "views.open": Method(views_open, ("trigger_id", "view")),
    "views.push": Method(views_push, ("trigger_id", "view")),
    "views.update": Method(views_update, ("view",), ("view_id", "external_id", "hash")),
    "views.publish": Method(views_publish, ("user_id", "view"), ("hash",)),
}
