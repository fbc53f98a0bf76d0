"""What all commands share: how a call is read, which settings it is about, and how it is told what can't be."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import NoReturn

from bot.settings.choosing import SchoolNotSaid, school_called, schools_of
from bot.settings.load import Settings, SettingsMistakes
from bot.settings.shapes import TrustSettings
from bot.settings.trust import load_deployment

UNUSABLE = 2
PASSWORDS = re.compile(r"(?<=:)[^:@/\s]*(?=@)|(?<=password=)[^&\s]*", re.IGNORECASE)


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Say it and stop; what was given wrong is repeated, but no password in it."""
        self.exit(UNUSABLE, f"smpolicy: {PASSWORDS.sub('…', message)}. Try smpolicy --help.\n")


class Unusable(Exception):
    """The call can't be carried out; each of its lines says why."""


def about_settings(command: argparse.ArgumentParser) -> None:
    """Let *command* be told which settings it is about."""
    command.add_argument("--config", type=Path, metavar="FILE", help="the settings (default app.yaml)")


def about_school(command: argparse.ArgumentParser, what: str = "which school, where there are several") -> None:
    """Let *command* be told which settings, and of them which school, it is about."""
    about_settings(command)
    command.add_argument("--school", default="", metavar="ID", help=what)


def config(call: argparse.Namespace) -> Path:
    """Return the settings file: the one named, the one here, or the sample that comes with the program."""
    if call.config is not None:
        return Path(call.config)
    here = Path("app.yaml")
    return here if here.exists() else Path(__file__).resolve().parents[2] / "app.yaml"


def deployment(call: argparse.Namespace) -> Settings | TrustSettings:
    """Return the settings of one school or of a trust; raises Unusable with every mistake."""
    try:
        return load_deployment(config(call), os.environ, data=getattr(call, "data", None))
    except SettingsMistakes as error:
        raise Unusable(str(error)) from error


def school(call: argparse.Namespace) -> Settings:
    """Return the settings of the school that is meant; raises Unusable where nobody can tell."""
    return school_meant(call, deployment(call))


def school_meant(call: argparse.Namespace, settings: Settings | TrustSettings) -> Settings:
    """Return the school of *settings* that is meant; raises Unusable where nobody can tell."""
    try:
        return school_called(call.school, schools_of(settings))
    except SchoolNotSaid as error:
        raise Unusable(f"smpolicy: {error}.") from error
