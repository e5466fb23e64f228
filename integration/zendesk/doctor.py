"""What `flask doctor` does: every check in turn, whatever the others say, and what to do about each finding.

It must not repair anything or print; queue and database are looked at by those who know them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from integration.model import AttuneError, Owned, Refused
from integration.zendesk import account_checks, app_checks, resource_checks, wording_checks
from integration.zendesk.findings import Case, Check, Finding, Level, ok, problem, warning
from integration.zendesk.session import Session

__all__ = ["Finding", "Level", "examine", "ok", "problem", "warning"]

log = logging.getLogger("attune.doctor")

_CHECKS: tuple[tuple[str, Check], ...] = (
    ("identity", account_checks.identity),
    ("scopes", account_checks.scopes),
    ("clock", account_checks.clock),
    ("webhook", resource_checks.webhook),
    ("delivery", resource_checks.delivery),
    ("secret", resource_checks.secret),
    ("fields", resource_checks.fields),
    ("triggers", resource_checks.triggers),
    ("group", resource_checks.group),
    ("views", resource_checks.views),
    ("macros", resource_checks.macros),
    ("wording", wording_checks.wording),
    ("app", app_checks.app),
    ("rate budget", account_checks.budget),
)


def examine(
    session: Session,
    rows: Iterable[Owned],
    *,
    public_url: str,
    stored_secret: str,
    clock: Callable[[], datetime],
    shared_value: str = "",
    others: Iterable[tuple[str, Callable[[], Finding]]] = (),
) -> tuple[Finding, ...]:
    """Look at everything; nothing is raised, and no check hides another.

    `others` are named checks of what this package does not know, such as queue and database. Without valid
    credentials the checks of the account are not tried: all of them would only say the same.
    """
    case = Case(
        session=session,
        rows=tuple(rows),
        public_url=public_url,
        stored_secret=stored_secret,
        clock=clock,
        shared_value=shared_value,
    )
    found = _heard("credentials", partial(account_checks.credentials, case))
    if all(finding.level is Level.OK for finding in found):
        for name, check in _CHECKS:
            found += _heard(name, partial(check, case))
    for name, other in others:
        found += _heard(name, partial(_only, other))
    return tuple(found)


def _only(other: Callable[[], Finding]) -> tuple[Finding]:
    return (other(),)


def _heard(name: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """The findings of one check; one that cannot be made is a finding as well."""
    found: list[Finding] = []
    try:
        found.extend(check())
    except Refused as refused:
        found.append(problem(name, "could not be looked at", str(refused)))
    except AttuneError as trouble:
        found.append(problem(name, f"could not be looked at: {trouble}", "run `flask doctor` again in a minute"))
    except Exception as bug:  # the top of the examination: one broken check must not hide the others
        log.exception("check %s", name)
        found.append(problem(name, f"the check itself failed: {type(bug).__name__}", "see the log"))
    return found
