"""The kinds of records that this program keeps, for commands that look at all of them."""

from __future__ import annotations

from bot.cases import Counter
from bot.conversation.sessions import Session
from bot.delivery import Heartbeat
from bot.domain.accounts import Account
from bot.domain.applications import Application
from bot.domain.feedback import Feedback
from bot.domain.gaps import Gap
from bot.domain.incidents import Incident
from bot.domain.jobs import Job, Shown
from bot.domain.office import ActingHead, SettingChange
from bot.domain.press import PressContact
from bot.once import Heard
from bot.platforms.slack.accounts import SlackMember
from bot.platforms.teams.accounts import TeamsMember
from bot.platforms.teams.references import TeamsReference
from bot.platforms.teams.shown import TeamsParts
from bot.platforms.teams.votes import TeamsVote
from bot.platforms.web.messages import LocalMessage
from bot.ports import Record
from bot.sayings import Saying, Trouble

RECORDS: tuple[type[Record], ...] = (
    Account, ActingHead, Application, Counter, Feedback, Gap, Heard, Heartbeat, Incident, Job, LocalMessage,
    PressContact, Saying, Session, SettingChange, Shown, SlackMember, TeamsMember, TeamsParts, TeamsReference,
    TeamsVote, Trouble,
)  # fmt: skip
KINDS = {record.__name__: record for record in RECORDS}
