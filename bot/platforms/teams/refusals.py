"""What Teams' refusals mean: who can mend them, in a sentence, or that nobody can."""

from __future__ import annotations

import logging

from bot.errors import Undeliverable
from bot.platforms.teams.connector import FORBIDDEN_HOST
from bot.platforms.teams.credentials import NO_IDENTITY
from bot.platforms.teams.replies import UNAUTHORIZED, TeamsRefusal

FORBIDDEN = 403
MISSING = 404
UNREADABLE = "BadSyntax"  # of an id: of a place, a person, or a chat of another bot
REGISTRATION = "MICROSOFT_APP_ID, MICROSOFT_APP_PASSWORD, MICROSOFT_APP_TENANT_ID and MICROSOFT_APP_TYPE"
LET_IN = "a Teams administrator has to allow it under Manage apps and in the permission policies of the admin centre"

_TENANT = {
    "AADSTS7000222": "The bot's secret has expired: make a new one for its app registration in Microsoft Entra, "
    "and put its value into MICROSOFT_APP_PASSWORD.",
    "AADSTS7000215": "Microsoft does not accept the bot's secret: put the value of the secret, not its id, "
    "into MICROSOFT_APP_PASSWORD.",
    "AADSTS700016": "Microsoft knows no such bot in this tenant: correct MICROSOFT_APP_ID or MICROSOFT_APP_TENANT_ID.",
    "AADSTS90002": "Microsoft knows no such tenant: correct MICROSOFT_APP_TENANT_ID.",
    "AADSTS900023": "Microsoft knows no such tenant: correct MICROSOFT_APP_TENANT_ID.",
    "AADSTS7000112": "The bot's app registration is switched off in Microsoft Entra: "
    "an administrator has to let people sign in to it again.",
    NO_IDENTITY: "The machine does not give the bot its identity: assign the managed identity whose client id is "
    "MICROSOFT_APP_ID to it in Azure, or use a secret and MICROSOFT_APP_TYPE=SingleTenant.",
    "BotNotRegistered": "Microsoft has no bot with this id: correct MICROSOFT_APP_ID, "
    "or add the Teams channel to the bot in Azure.",
    "BotDisabledByAdmin": f"The bot is blocked in Teams: {LET_IN}.",
    "InvalidBotApiHost": "Teams wants to be called at another address in this tenant: "
    "write to the bot in Teams once, so that it learns which.",
    FORBIDDEN_HOST: "The bot does not know an address at which it may call Teams: "
    "write to it in Teams once, so that it learns one.",
}
_PLACE = {
    "ConversationNotFound": "Teams does not know {place}: correct its id in app.yaml.",
    "BadSyntax": "Teams can't read the id of {place}: correct it in app.yaml.",
    "BotNotInConversationRoster": "The bot is not in {place}: "
    "add the app to the team that it is in, or correct its id in app.yaml.",
    "ConversationBlockedByUser": "The settings of {place} in Teams do not let the bot post: allow it to post there.",
    "NotEnoughPermissions": "The settings of {place} in Teams do not let the bot post: allow it to post there.",
}

log = logging.getLogger("smpolicy.teams")


def is_shut_out(refusal: TeamsRefusal) -> bool:
    """Tell whether it would be refused whatever is asked for, so that one call tells for all."""
    return refusal.status == UNAUTHORIZED


def tenant_trouble(refusal: TeamsRefusal) -> str:
    """Return what an administrator has to mend for the whole tenant, or "" where it is not the tenant."""
    if sentence := _TENANT.get(refusal.code):
        return sentence
    if refusal.status != UNAUTHORIZED:
        return ""
    code = f" ({refusal.code})" if refusal.code else ""
    return f"Microsoft does not accept the bot{code}: compare {REGISTRATION} with its registration in Azure."


def place_trouble(refusal: TeamsRefusal, place: str) -> str:
    """Return what an administrator has to mend in *place*, or "" where it is not the place."""
    if sentence := _PLACE.get(refusal.code):
        return sentence.format(place=place)
    if refusal.status in (FORBIDDEN, MISSING):
        return _PLACE["BotNotInConversationRoster"].format(place=place)
    return ""


def judged(refusal: TeamsRefusal, place: str) -> Undeliverable:
    """Return what *refusal* means; *place* is how an administrator knows where it was said, "" for a private chat."""
    if blocked := tenant_trouble(refusal) or (place_trouble(refusal, place) if place else ""):
        return Undeliverable("Teams does not let the bot post.", blocked=blocked)
    if not place and (refusal.status in (FORBIDDEN, MISSING) or refusal.code == UNREADABLE):
        return Undeliverable("Teams can't reach this person.", for_good=True)
    log.error("teams does not take a message: %s", refusal)
    return Undeliverable("Teams does not take this message.", for_good=True)
