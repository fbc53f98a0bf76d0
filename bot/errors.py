"""Expected refusals: each carries the sentence that the person will read."""

from __future__ import annotations

from collections.abc import Mapping


class AssistantError(Exception):
    """A refusal that a person meets in the course of ordinary work.

    Attributes:
        sentence: What the person reads: what is wrong and how to mend it.
        clause: The id of the policy clause that is the reason, or "".
    """

    def __init__(self, sentence: str, clause: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.clause = clause


class Refused(AssistantError):
    """The person may not do this, or not any more."""


class Unknown(AssistantError):
    """There is no such thing, or this person may not know that there is."""


class Invalid(AssistantError):
    """An entry can't be read; *errors* maps field name to how to mend it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class Stale(AssistantError):
    """Somebody else wrote the record since it was read; nothing was saved."""

    def __init__(self, sentence: str = "Somebody else changed this a moment ago. Look at it again.") -> None:
        super().__init__(sentence)


class NotSaved(AssistantError):
    """The store could not write; nothing of the attempt is kept."""

    def __init__(self, sentence: str = "This was not saved.") -> None:
        super().__init__(sentence)


class Undeliverable(AssistantError):
    """A message can't reach its recipient now.

    Attributes:
        retry_after: Seconds that the platform asks to wait, or None for the worker's own pause.
        for_good: True where trying again can't help.
        unknown: True where the platform gave no answer at all, which says nothing of the message or its recipient.
        blocked: Where it waits until an administrator has mended something: what, and how, as a sentence; else "".
    """

    def __init__(
        self,
        sentence: str,
        *,
        retry_after: float | None = None,
        for_good: bool = False,
        blocked: str = "",
        unknown: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.for_good = for_good
        self.blocked = blocked
        self.unknown = unknown
