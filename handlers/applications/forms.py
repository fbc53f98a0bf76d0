"""What an application asks, and what its moves ask."""

from __future__ import annotations

import re

from bot.conversation.fields import Choice, Choices, Circumstances, Day, Mend, Multiline, People, Text, YesNo
from bot.conversation.forms import Form, Page

PUPILS = "Pupils"
AUDIENCES = (PUPILS, "Parents and carers", "Staff", "Former pupils", "The local community", "The public")
ALSO = {
    PUPILS: ("student", "child", "children", "kids", "learner", "class", "tutor group", "year 7", "year 8", "year 9",
             "year 10", "year 11", "ks3", "ks4", "sixth form"),
    "Parents and carers": ("family", "families", "mum", "dad", "parent"),
    "Staff": ("teacher", "colleague"),
    "Former pupils": ("alumni", "ex pupil", "ex student", "old pupil", "leaver"),
    "The local community": ("neighbour", "town", "village"),
    "The public": ("everyone", "everybody", "anyone", "anybody", "world"),
}  # fmt: skip
OTHER_PLATFORM = "A game or another platform"
PLATFORMS = (
    "Facebook", "Instagram", "X (Twitter)", "YouTube", "TikTok", "LinkedIn", "Bluesky", "WhatsApp", "Snapchat",
    "Discord", "A blog", OTHER_PLATFORM,
)  # fmt: skip


_PUPIL = re.compile(r"\b(?:pupils?|students?|year ?\d{1,2}|y\d{1,2}|prefects?|head (?:boy|girl))\b", re.IGNORECASE)


class Runners(People):
    """Who runs the account: staff, and parents or volunteers in addition; never pupils (G20)."""

    __slots__ = ()

    def _one(self, typed: str, seen: Circumstances) -> str | Mend:
        if _PUPIL.search(typed):
            return Mend("Pupils can't be named as runners. Ask SLT about it before you apply, and name staff here.")
        return People._one(self, typed, seen)


def _for_pupils(answers: dict[str, object]) -> bool:
    audience = answers.get("audience")
    return isinstance(audience, list) and PUPILS in audience


APPLY = Form(
    name="applications.apply",
    title="A new school account",
    submit="Preview",
    intro=(
        "The policy encourages accounts that help people in their work, and asks for a business case in five points. "
        "Nothing is sent until you have seen it and pressed Submit."
    ),
    resumable=True,
    pages=(
        Page(
            fields=(
                Multiline(
                    name="aim", prompt="What is the aim of the account?", clause="NEW-3", point=True, at_least=3,
                    more_than=(*PLATFORMS, "new school account page profile site"),
                    help="One or two sentences: what will it do for pupils, parents or your department?",
                ),
                Choices(
                    name="audience", prompt="Who is the intended audience?", clause="NEW-4", point=True,
                    among=AUDIENCES, also=ALSO, help="One or more.",
                ),
                Multiline(
                    name="promotion", prompt="How will the account be promoted?", clause="NEW-5", point=True,
                    help="For example in the newsletter, on the website, on posters.",
                ),
                Runners(
                    name="runners", prompt="Who will run the account? Name at least two members of staff.",
                    clause="NEW-6", point=True, outsiders=True,
                    help="A parent or volunteer may be named in addition: the full name and (parent) or (volunteer).",
                ),
                Choice(
                    name="openness", prompt="Will the account be open or private/closed?", clause="NEW-7", point=True,
                    among=("Open", "Private/closed"),
                    help="Open: anybody may see it. Private/closed: only those whom the runners let in.",
                ),
                Choice(name="platform", prompt="Which platform is it on?", clause="INT-2", among=PLATFORMS, other=True),
                Text(
                    name="handle", prompt="Which name or handle would it have?", clause="BEH-6", at_most=80,
                    help="For example @BebingtonHistory. It has to say that it is the school's.",
                ),
            ),
        ),
        Page(
            title="The platform",
            when=lambda answers: answers.get("platform") == OTHER_PLATFORM,
            fields=(Text(name="other_platform", prompt="Which game or platform is it?", clause="INT-2", at_most=80),),
        ),
        Page(
            title="Pupils in the audience",
            when=_for_pupils,  # type: ignore[arg-type]  # answers are read-only here
            fields=(
                Multiline(
                    name="suits_learning", clause="SCO-14",
                    prompt="Pupils will see it. Why is that appropriate for teaching and learning?",
                ),
                Multiline(
                    name="implications", clause="SCO-14",
                    prompt="Which possible implications have you considered, and what will you do about them?",
                    help="For example comments, group photographs, contact out of hours.",
                ),
                Choice(
                    name="minimum_age", clause="SCO-14",
                    prompt="What is the platform's minimum age, and are the pupils old enough?",
                    among=("All are old enough", "Some are too young and will not be asked to join", "I need advice"),
                    help="Most platforms ask for 13 or more; check the platform's own rule.",
                ),
                Choice(
                    name="messages", clause="SCO-14", prompt="Who can see private messages that pupils send to it?",
                    among=("Private messages are turned off", "All runners see them", "I need advice"),
                ),
            ),
        ),
    ),
)  # fmt: skip


def _reason(name: str, title: str, prompt: str, clause: str, submit: str, help_: str = "") -> Form:
    field = Multiline(name="reason", prompt=prompt, clause=clause, help=help_)
    return Form(name=f"applications.{name}", title=title, submit=submit, pages=(Page((field,)),))


EXCEPTION = _reason(
    "exception", "Ask SLT for an exception", "Why should one member of staff be enough?", "NEW-6", "Send to SLT",
    "SLT sees this reason. If they agree, it stays on the register and is looked at again after 30 days.",
)  # fmt: skip
REJECT = _reason("reject", "Reject", "What is the reason? The applicant will read it.", "NEW-8", "Reject")
ASK_CHANGES = _reason(
    "ask_changes", "Ask for changes", "What should be changed? The applicant will read it.", "NEW-8", "Ask for changes"
)
APPROVE_ANYWAY = _reason(
    "approve_anyway", "Approve although something is missing",
    "A runner's reading or training is missing. Why is SLT satisfied all the same?", "NEW-9", "Approve",
    "The policy asks SLT to be satisfied about everyone who runs the account. Your reason stays on the register.",
)  # fmt: skip
APPROVE_EXCEPTION = _reason(
    "approve_exception", "Allow one runner", "Why is one member of staff enough here?", "NEW-6", "Approve",
    "Your reason stays on the register and is looked at again after 30 days.",
)  # fmt: skip

CONFIRM = Form(
    name="applications.confirm",
    title="Confirm that you will run it",
    submit="Confirm",
    intro="By confirming you say that you will run this account and that you have read and understood this policy.",
    pages=(
        Page(
            (
                Day(
                    name="trained", prompt="When were you last trained in using social media for the school?",
                    clause="NEW-9", optional=True, past_only=True,
                    help="Such as 12 September 2026. Leave it empty if you have not been trained; SLT will see that.",
                ),
            )
        ),
    ),
)  # fmt: skip

TRAINED = Form(
    name="applications.trained",
    title="Record your training",
    submit="Record it",
    pages=(Page((Day(name="trained", prompt="On which day were you trained?", clause="NEW-9", past_only=True),)),),
)

CREATED = Form(
    name="applications.created",
    title="The account has been created",
    submit="Created",
    intro="Never write the password here: only where in the school's vault it is kept.",
    pages=(
        Page(
            (
                Text(name="handle", prompt="Its handle or address, as created", clause="ADM-1", at_most=200),
                Text(
                    name="vault", prompt="Which entry of the password vault holds the details?", clause="ADM-2",
                    at_most=120, help="The name of the entry, such as “Social media / History Twitter”.",
                ),
                YesNo(
                    name="two_step", prompt="Is two-step sign-in on?", clause="ADM-2",
                    must="Turn two-step sign-in on first, then press Created again. Nothing you entered is lost.",
                ),
            )
        ),
    ),
)  # fmt: skip

RECORD_CHAIR = Form(
    name="applications.record_chair",
    title="Record the chair of governors' decision",
    submit="Record",
    intro="The chair decides this step and has no seat here. You record what the chair decided; the record says so.",
    pages=(
        Page(
            (
                Choice(
                    name="decision", prompt="What did the chair decide?", among=("Approve", "Reject"), clause="ADM-1"
                ),
                Day(name="day", prompt="On which day?", past_only=True),
                Text(name="reference", prompt="Which letter, e-mail or minute says so?", at_most=200),
                Multiline(name="reason", prompt="The chair's reason, as the applicant will read it", optional=True),
            )
        ),
    ),
)

MOVE_FORMS = {
    form.name: (form, move)
    for form, move in (
        (EXCEPTION, "exception"), (REJECT, "reject"), (ASK_CHANGES, "ask_changes"), (APPROVE_ANYWAY, "approve"),
        (APPROVE_EXCEPTION, "approve"), (CONFIRM, "confirm"), (TRAINED, "trained"), (CREATED, "created"),
        (RECORD_CHAIR, "record_chair"),
    )
}  # fmt: skip
