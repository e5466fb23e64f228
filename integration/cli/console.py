"""How commands speak: one console for results, one for everything else, and how failures end a command.

It must not know what a command does.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console

from integration.assembly import Assembly
from integration.cli.launch import LaunchError
from integration.model import AttuneError, TryLater
from integration.settings import SettingsError

P = ParamSpec("P")

out = Console()
err = Console(stderr=True)

# Exit codes: 1 a finding or a refusal, 2 wrong input or settings, 75 (EX_TEMPFAIL of sysexits.h) try again.
REFUSED, WRONG_INPUT, TRY_AGAIN = 1, 2, 75


def parts() -> Assembly:
    """The parts of the application that this command belongs to."""
    found: Assembly = current_app.extensions["attune"]
    return found


def plain_failures(command: Callable[P, None]) -> Callable[P, None]:
    """End a command with words and an exit code instead of a traceback, for every failure that has a name."""

    @functools.wraps(command)
    def careful(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SettingsError as error:
            err.print("[red]The settings are not complete[/red] (environment or .env):")
            for problem in error.problems:
                err.print(f"  {problem}", markup=False)
            sys.exit(WRONG_INPUT)
        except AttuneError as error:
            later = isinstance(error, TryLater)
            err.print("[yellow]Not now[/yellow]: " if later else "[red]Not possible[/red]: ", end="")
            err.print(_with_cause(error), markup=False)
            sys.exit(TRY_AGAIN if later else REFUSED)
        except LaunchError as error:
            err.print("[red]Not started[/red]: ", end="")
            err.print(str(error), markup=False)
            sys.exit(REFUSED)

    return with_appcontext(careful)


def _with_cause(error: AttuneError) -> str:
    """What failed, and what the system or the database said of it: whoever types commands may know their addresses."""
    said = str(error.__cause__ or "").strip().splitlines()
    return f"{error} ({said[0]})" if said else str(error)
