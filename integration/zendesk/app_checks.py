"""Whether the Zendesk app still stands as install left it: built, switched on, of this version, and leading to us.

It must not repair anything, nor ever show the value that calls are signed with.
"""

from __future__ import annotations

from collections.abc import Iterator

from integration.model import Owned
from integration.wire.definitions import (
    wanted_app,
)
from integration.wire.resources import (
    APP,
    APP_INSTALLATION,
    APP_INSTALLATION_KEY,
    APP_KEY,
    resolved,
)
from integration.zendesk.app_install import Apps
from integration.zendesk.app_package import package
from integration.zendesk.findings import Case, Finding, ok, problem, warning
from integration.zendesk.likeness import Prints, fingerprint
from integration.zendesk.session import Declined
from integration.zendesk.standing import NOT_THERE, Thing

INSTALL = "run `flask install --app`"


def app(case: Case) -> Iterator[Finding]:
    """Whether agents have the sidebar, in this version, and whether its calls would be believed."""
    rows = {key: case.row(key) for key in (APP_KEY, APP_INSTALLATION_KEY)}
    if not any(rows.values()):
        yield ok("app", "the app is not installed; `flask install --app` does it")
        return
    made, installed = (_there(case, row) for row in rows.values())
    if made is None or installed is None:
        what = "the app was deleted in the desk" if made is None else "the app is not installed any more"
        yield problem("app", what, INSTALL)
        return
    found = [*_switched(installed), *_leading(case, installed), *_as_written(case, rows)]
    yield from found or [ok("app", f"the app is installed, version {made.get('version') or 'unknown'}")]


def _there(case: Case, row: Owned | None) -> Thing | None:
    if row is None:
        return None
    try:
        return Apps(case.session).read(row.kind, row.zendesk_id)
    except Declined as declined:
        if declined.status != NOT_THERE:
            raise
        return None


def _switched(installed: Thing) -> Iterator[Finding]:
    if installed.get("enabled") is False:
        yield warning("app", "the app is switched off", "enable it in Admin Center, Apps and integrations")


def _leading(case: Case, installed: Thing) -> Iterator[Finding]:
    named = str((installed.get("settings") or {}).get("attune_url") or "nowhere").rstrip("/")
    if named != case.public_url.rstrip("/"):
        yield problem("app", f"the app asks {named}, and Attune is at {case.public_url}", INSTALL)


def _as_written(case: Case, rows: dict[str, Owned | None]) -> Iterator[Finding]:
    """Whether what install last wrote is what it would write now; the account never shows the value itself."""
    if not case.public_url:
        return
    ids = {key: row.zendesk_id for key, row in rows.items() if row is not None}
    said = {
        APP: ("the app in the account is of another version", warning),
        APP_INSTALLATION: ("the app signs its calls with another value than the one we check with", problem),
    }
    for one in wanted_app(package(case.public_url), case.public_url, case.shared_value):
        row = rows[one.key]
        if row is not None and Prints.read(row.definition).behaviour != fingerprint(resolved(one.behaviour, ids)):
            what, grade = said[one.kind]
            yield grade("app", what, INSTALL)
