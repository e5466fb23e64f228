"""The `flask` commands: the same parts as the product, by hand; the only place that reads the environment.

It must not hold logic of its own beyond asking, showing and exit codes.
"""

from __future__ import annotations

import logging
import os
import sys

from dotenv import load_dotenv
from flask import Flask

from integration import assembly
from integration.cli import account, app, autonomy, figures, journal, lookups, reading, rules, running, team
from integration.settings import Need, SettingsError

__all__ = ["application", "check_settings", "log_every_event"]


def application() -> Flask:
    """The application with every command; `.env` in the project's folder fills what the environment leaves open."""
    load_dotenv(assembly.ROOT / ".env")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    made = assembly.create_app(os.environ)
    for part in (reading, account, rules, app, autonomy, figures, journal, running, lookups, team):
        for command in part.COMMANDS:
            made.cli.add_command(command)
    return made


def log_every_event() -> None:
    """One line per event and per call, for the processes that stay; a command speaks for itself."""
    logging.getLogger("attune").setLevel(os.environ.get("LOG_LEVEL", "INFO").upper())


def check_settings() -> None:
    """Leave with every problem of the settings, or return where there is none."""
    load_dotenv(assembly.ROOT / ".env")
    try:
        assembly.Assembly(os.environ).need(Need.ZENDESK)
    except SettingsError as error:
        sys.exit("Attune cannot start:\n" + "\n".join(f"  {problem}" for problem in error.problems))
