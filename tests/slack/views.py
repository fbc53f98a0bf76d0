"""Modals on top of each other and home tabs, one stack and one tab for each person."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.slack.entries import Entries, kept, state_values
from tests.slack.messages import Pressable, pressables, text_of
from tests.slack.refusals import Refused

Json = Any
DEEPEST = 3


@dataclass(slots=True)
class View:
    """A modal or home tab as *user* has it before them.

    *typed* holds entries by (block_id, action_id), *errors* sentences by block_id; *trouble* says that the app did
    not answer the last submission.
    """

    id: str
    user: str
    payload: Json
    hash: str
    root: str
    previous: str = ""
    typed: Entries = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    is_open: bool = True

    @property
    def blocks(self) -> list[Json]:
        """Return what is drawn in it."""
        return list(self.payload["blocks"])

    @property
    def title(self) -> str:
        """Return what stands above a modal."""
        return str(self.payload.get("title", {}).get("text", ""))

    @property
    def text(self) -> str:
        """Return all that can be read in it."""
        return text_of(self.blocks)

    @property
    def buttons(self) -> list[Pressable]:
        """Return what its person can press in it."""
        return pressables(self.blocks, self.user)

    @property
    def values(self) -> Json:
        """Return what stands in its fields now, by block_id and action_id."""
        return state_values(self.blocks, self.typed)["values"]

    def json(self, team_id: str, app_id: str, bot_id: str) -> Json:
        """Return it as Slack does in answers and interactions."""
        return {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "title": None,
            "close": None,
            "submit": None,
            "clear_on_close": False,
            "notify_on_close": False,
            **self.payload,
            "id": self.id,
            "team_id": team_id,
            "state": state_values(self.blocks, self.typed),
            "hash": self.hash,
            "previous_view_id": self.previous or None,
            "root_view_id": self.root,
            "app_id": app_id,
            "app_installed_team_id": team_id,
            "bot_id": bot_id,
        }


class Views:
    """All that people have open."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        """Return the modals of *user*, the one on top last."""
        return self._stacks.setdefault(user, [])

    def home(self, user: str) -> View | None:
        """Return what was published for *user*."""
        return self._homes.get(user)

    def find(self, view_id: str, external_id: str = "") -> View:
        """Return an open modal, or a home tab.

        Raises:
            Refused: nobody has it open.
        """
        for view in (*(view for stack in self._stacks.values() for view in stack), *self._homes.values()):
            if view.id == view_id or (external_id and view.payload.get("external_id") == external_id):
                return view
        raise Refused("not_found")

    def open(self, user: str, payload: Json, *, above: str = "") -> View:
        """Show a modal: over the one with the id *above* where it is open, else instead of all.

        Raises:
            Refused: three are open already.
        """
        stack = self.stack(user)
        if above not in [view.id for view in stack]:
            self.clear(user)
        elif len(stack) >= DEEPEST:
            raise Refused("push_limit_reached")
        number = f"V{next(self._numbers):08}"
        opened = View(number, user, self._named(payload), self._fresh_hash(), number)
        if stack:
            opened.root, opened.previous = stack[0].id, stack[-1].id
        stack.append(opened)
        return opened

    def update(self, view: View, payload: Json) -> View:
        """Draw *view* anew; entries stay where block_id and action_id are the same."""
        drawn = self._named(payload)
        view.typed, view.errors = kept(view.blocks, view.typed, drawn["blocks"]), {}
        view.payload, view.hash = drawn, self._fresh_hash()
        return view

    def publish(self, user: str, payload: Json, seen_hash: str) -> View:
        """Draw the home tab of *user*.

        Raises:
            Refused: it was drawn anew since *seen_hash*.
        """
        view = self._homes.get(user)
        if view is None:
            number = f"V{next(self._numbers):08}"
            view = self._homes[user] = View(number, user, self._named(payload), self._fresh_hash(), number)
            return view
        self.check(view, seen_hash)
        return self.update(view, payload)

    def check(self, view: View, seen_hash: str) -> None:
        """Refuse a *seen_hash* that is not that of *view*; an empty one is not compared."""
        if seen_hash and seen_hash != view.hash:
            raise Refused("hash_conflict")

    def close(self, view: View) -> None:
        """Take *view* and what lies on it away."""
        stack = self.stack(view.user)
        while view in stack:
            stack.pop().is_open = False

    def clear(self, user: str) -> None:
        """Take all modals of *user* away."""
        for view in self.stack(user):
            view.is_open = False
        self.stack(user).clear()

    def _named(self, payload: Json) -> Json:
        payload = deepcopy(payload)
        name_blocks(payload["blocks"], self._numbers)
        return payload

    def _fresh_hash(self) -> str:
        return f"{int(self._clock())}.{next(self._numbers):08x}"


def name_blocks(blocks: list[Json], numbers: count[int]) -> None:
    """Give those blocks an id that have none, as Slack does."""
    for block in blocks:
        block.setdefault("block_id", f"b{next(numbers):04x}")
