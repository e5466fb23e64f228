"""The app in a real (sandbox) account: installed by plan, brought up to date, looked after, and taken away again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integration import cli
from integration.model import Refused, TryLater
from integration.wire.resources import (
    APP,
    APP_INSTALLATION,
    APP_INSTALLATION_KEY,
    APP_KEY,
)
from integration.zendesk import ReadyToken, Session, app_checks, app_package, setup
from integration.zendesk.app_install import BUILT_WITHIN_S, Apps
from integration.zendesk.app_package import Package
from integration.zendesk.comparison import Verb
from integration.zendesk.findings import Case, Finding, Level
from sandbox.api.apps import app_file
from tests.zendesk.conftest import TOKEN, Account, Command
from tests.zendesk.installing import URL, install, plan, uninstall, verbs
from tests.zendesk.loopback import Said, Seen, serving

SHARED = "5a" * 32
OF_APPS = (APP, APP_INSTALLATION)


def app(url: str = URL, shared: str = SHARED) -> setup.App:
    """The app as install would upload it."""
    return setup.App(package=app_package.package(url), shared_value=shared)


def installations(account: Account) -> list[dict[str, Any]]:
    """Every installation, with the settings that the API never shows."""
    return account.things(APP_INSTALLATION)


def findings(account: Account, url: str = URL, shared: str = SHARED) -> list[Finding]:
    """What doctor says about the app."""
    case = Case(
        session=account.session,
        rows=account.ledger.rows(),
        public_url=url,
        stored_secret="",
        clock=lambda: datetime.now(UTC),
        shared_value=shared,
    )
    return list(app_checks.app(case))


def changed(account: Account, url: str = URL, **given: Any) -> dict[str, Verb]:
    """What another install would do about the app."""
    return {
        key: verb for key, verb in verbs(plan(account, url, **given)).items() if key in (APP_KEY, APP_INSTALLATION_KEY)
    }


def test_installed_with_its_settings(account: Account) -> None:
    """The app and one installation stand, with our address and the shared value, and the zip is ours byte for byte."""
    install(account, app=app())
    [made], [installed] = account.things(APP), installations(account)
    assert (made["name"], made["visibility"]) == ("Attune", "private")
    assert account.served.desk.state.get_file(app_file(made["id"])) == app().package.content
    assert installed["app_id"] == made["id"]
    assert installed["settings"] == {"name": "Attune", "attune_url": URL, "shared_value": SHARED}
    assert changed(account, app=app()) == {}


def test_the_shared_value_is_written_nowhere_else(account: Account) -> None:
    """Neither plan nor ledger hold it, and Zendesk's answers do not show it."""
    shown = plan(account, app=app())
    install(account, app=app())
    said = " ".join(f"{step.title} {step.because}" for step in shown.steps)
    kept = " ".join(f"{row.definition} {row.title} {row.key}" for row in account.ledger.rows())
    answer = account.session.ask("GET", "/api/v2/apps/installations")
    assert SHARED not in said + kept + json.dumps(answer)


def test_a_plan_changes_nothing(account: Account) -> None:
    """Both things stand in the plan, after which the account is as it was."""
    shown = plan(account, app=app())
    assert {step.kind for step in shown.changes} >= set(OF_APPS)
    assert all(step.verb is Verb.CREATE and step.because for step in shown.changes if step.kind in OF_APPS)
    assert account.things(APP) == installations(account) == []


def test_without_the_app_nothing_asks_for_apps(account: Account) -> None:
    """An install without it asks the account nothing about apps, which some plans do not have."""
    install(account)
    asked = account.served.desk.calls.since(None)["calls"]
    assert "GET /api/v2/macros" in asked
    assert not [name for name in asked if "/apps" in name]
    assert not any(row.kind in OF_APPS for row in account.ledger.rows())


def test_a_new_version_takes_the_place_of_the_old(account: Account) -> None:
    """What changed is uploaded into the same app; its installation and settings stay."""
    install(account, app=app())
    [made], [installed] = account.things(APP), installations(account)
    newer = replace(app(), package=_with_version("9.9.9"))
    assert changed(account, app=newer) == {APP_KEY: Verb.UPDATE}
    install(account, app=newer)
    assert [one["id"] for one in account.things(APP)] == [made["id"]]
    assert account.things(APP)[0]["version"] == "9.9.9"
    assert [one["id"] for one in installations(account)] == [installed["id"]]


def _with_version(version: str) -> Package:
    files = app_package.files(URL)
    manifest = json.loads(files["manifest.json"]) | {"version": version}
    return Package(
        content=app_package.zipped({**files, "manifest.json": json.dumps(manifest).encode()}), version=version
    )


def test_a_server_that_moved(account: Account) -> None:
    """Another PUBLIC_URL changes the host in the app and the address in its settings."""
    install(account, app=app())
    moved = "https://elsewhere.example"
    install(account, moved, app=app(moved), take_over=True)
    [made], [installed] = account.things(APP), installations(account)
    assert installed["settings"]["attune_url"] == moved
    content = account.served.desk.state.get_file(app_file(made["id"]))
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert json.loads(archive.read("manifest.json"))["domainWhitelist"] == ["elsewhere.example"]


def test_uninstall_removes_both(account: Account) -> None:
    """Afterwards the account holds no app and no installation, and the plan said what agents lose."""
    before = account.everything()
    install(account, app=app())
    shown = setup.plan_removal(account.session, account.ledger.rows())
    [said] = [step.because for step in shown.steps if step.kind == APP_INSTALLATION]
    assert "app goes" in said
    uninstall(account)
    assert account.things(APP) == installations(account) == []
    assert account.everything() == before
    assert account.ledger.rows() == ()


def test_an_app_of_the_same_name_is_left_alone(account: Account) -> None:
    """An admin's own app called Attune is neither written over nor removed."""
    theirs = account.served.desk.state.put(
        "app", {"id": None, "name": "Attune", "short_description": "Ours", "manifest": {}}
    )
    install(account, app=app())
    assert len(account.things(APP)) == 2
    uninstall(account)
    assert [one["id"] for one in account.things(APP)] == [theirs["id"]]


def test_a_lost_database_finds_the_app_again(account: Account) -> None:
    """No second sidebar appears: the app that bears our mark is used, and signs with the new value from then on."""
    install(account, app=app())
    for row in account.ledger.rows():
        account.ledger.remove(row.key)
    install(account, app=app(shared="6b" * 32))
    [installed] = installations(account)
    assert len(account.things(APP)) == 1
    assert installed["settings"]["shared_value"] == "6b" * 32
    uninstall(account)
    assert account.things(APP) == []


def _deleted(account: Account) -> None:
    account.session.request("DELETE", f"/api/v2/apps/{account.ledger.row(APP_KEY).zendesk_id}")


def _uninstalled(account: Account) -> None:
    account.delete(APP_INSTALLATION_KEY)


def _switched_off(account: Account) -> None:
    account.edit(APP_INSTALLATION_KEY, enabled=False)


def _led_astray(account: Account) -> None:
    settings = account.thing(APP_INSTALLATION_KEY)["settings"] | {"attune_url": "https://other.example"}
    account.edit(APP_INSTALLATION_KEY, settings=settings)


@pytest.mark.parametrize(
    ("ail", "said", "level", "mended"),
    [
        (_deleted, "was deleted in the desk", Level.PROBLEM, True),
        (_uninstalled, "is not installed any more", Level.PROBLEM, True),
        (_switched_off, "is switched off", Level.WARNING, False),
        (_led_astray, "asks https://other.example", Level.PROBLEM, True),
    ],
)
def test_doctor_names_what_ails_the_app(
    account: Account, ail: Callable[[Account], None], said: str, level: Level, mended: bool
) -> None:
    """Each ailment has its own finding, and where doctor says so, another install mends it."""
    install(account, app=app())
    ail(account)
    [found] = findings(account)
    assert (found.level, said in found.what) == (level, True), found
    assert ("flask install --app" in found.what_to_do) is mended
    install(account, app=app())
    assert ([one.level for one in findings(account)] == [Level.OK]) is mended


def test_doctor_on_a_healthy_app_and_on_none(account: Account) -> None:
    """Both are well; the latter says how to have the sidebar."""
    [none] = findings(account)
    assert (none.level, "flask install --app" in none.what) == (Level.OK, True)
    install(account, app=app())
    [found] = findings(account)
    assert (found.level, found.what) == (Level.OK, "the app is installed, version 0.1.0")


def test_doctor_tells_another_value_and_another_version(account: Account) -> None:
    """The account never shows the value, so what install last wrote is compared, and so is the app itself."""
    install(account, app=replace(app(), package=_with_version("0.0.9")))
    said = [(one.level, one.what) for one in findings(account, shared="6b" * 32)]
    assert said == [
        (Level.WARNING, "the app in the account is of another version"),
        (Level.PROBLEM, "the app signs its calls with another value than the one we check with"),
    ]


# --- the commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def here(account: Account, command: Command, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The settings name this account; `command` has cleared them before."""
    for name, value in {"ZENDESK_URL": account.served.url, "ZENDESK_ACCESS_TOKEN": TOKEN, "PUBLIC_URL": URL}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    return account


def _known_secret() -> str:
    parts = cli.application().extensions["attune"]
    try:
        return str(parts.sidebar_secret())
    finally:
        parts.close()


def test_the_command_installs_keeps_and_removes(here: Account, command: Command) -> None:
    """One value on both sides; later runs keep it and the app without --app; uninstall takes the app away."""
    code, said = command("install", "--app", "--dry-run")
    assert code == 0, said
    assert "Attune beside the ticket" in said
    with pytest.raises(TryLater, match="flask install --app"):
        _known_secret()
    code, said = command("install", "--app", "--yes")
    assert code == 0, said
    [installed] = installations(here)
    assert len(installed["settings"]["shared_value"]) == 64
    assert _known_secret() == installed["settings"]["shared_value"]
    code, said = command("install", "--yes")
    assert (code, "Nothing to install" in said) == (0, True), said
    assert _known_secret() == installed["settings"]["shared_value"]
    assert command("doctor")[1].count("the app is installed") == 1
    assert command("uninstall", "--yes")[0] == 0
    assert here.things(APP) == installations(here) == []


def test_a_changed_key_makes_a_new_value(here: Account, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sealed with another SECRET_KEY cannot be read, so a new value is written on both sides."""
    assert command("install", "--app", "--yes")[0] == 0
    before = installations(here)[0]["settings"]["shared_value"]
    monkeypatch.setenv("SECRET_KEY", "other" * 8)
    code, said = command("install", "--yes")
    assert (code, "its settings are to be written anew" in said) == (0, True), said
    after = installations(here)[0]["settings"]["shared_value"]
    assert after != before
    assert _known_secret() == after


def test_the_package_command(here: Account, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes the zip that install uploads; without PUBLIC_URL, or where it cannot write, it says why."""
    place = tmp_path / "app.zip"
    code, said = command("app", "package", "--output", str(place))
    assert (code, "version 0.1.0" in said) == (0, True), said
    assert place.read_bytes() == app().package.content
    code, said = command("app", "package", "--output", str(tmp_path / "none" / "app.zip"))
    assert (code, "cannot be written" in said) == (1, True), said
    monkeypatch.delenv("PUBLIC_URL")
    code, said = command("app", "package", "--output", str(place))
    assert (code, "PUBLIC_URL" in said) == (2, True), said


# --- an account that answers otherwise -------------------------------------------------------------------------------


def _made_by(answers: dict[str, Said]) -> dict[str, Any]:
    """What comes of making the app where the account answers so, by the beginning of `METHOD path`."""
    said = {
        "POST /api/v2/apps/uploads": Said(201, {"id": 5}),
        "POST /api/v2/apps": Said(202, {"job_id": "j"}),
        "GET /api/v2/apps/job_statuses/j": Said(200, {"status": "completed", "app_id": 8}),
        "GET /api/v2/apps/8": Said(200, {"id": 8, "name": "Attune"}),
    } | answers

    def script(seen: Seen) -> Said:
        return said[f"{seen.method} {seen.path}"]

    with serving(script) as desk:
        session = Session(desk.url, ReadyToken(token=TOKEN))
        waits: list[float] = []
        try:
            return Apps(session, wait=waits.append).create(APP, {"name": "Attune", "package": app().package})
        finally:
            session.close()
            assert sum(waits) <= BUILT_WITHIN_S


def test_the_answers_of_a_willing_account() -> None:
    """Upload, build, job and app, in this order."""
    assert _made_by({}) == {"id": 8, "name": "Attune"}


@pytest.mark.parametrize(
    ("answers", "failure", "words"),
    [
        ({"POST /api/v2/apps/uploads": Said(403, {})}, Refused, "takes no private apps"),
        ({"POST /api/v2/apps/uploads": Said(404, {})}, Refused, "takes no private apps"),
        ({"POST /api/v2/apps/uploads": Said(201, {})}, TryLater, "names no upload"),
        ({"POST /api/v2/apps/uploads": Said(422, {})}, Refused, "422"),
        (
            {"GET /api/v2/apps/job_statuses/j": Said(200, {"status": "failed", "message": "no icon"})},
            Refused,
            "did not build the app: no icon",
        ),
        ({"GET /api/v2/apps/job_statuses/j": Said(200, {"status": "queued"})}, TryLater, "still building"),
        ({"POST /api/v2/apps": Said(202, {})}, TryLater, "still building"),
        ({"GET /api/v2/apps/8": Said(200, {"id": 9})}, TryLater, "not understood"),
    ],
)
def test_an_unwilling_account(answers: dict[str, Said], failure: type[Exception], words: str) -> None:
    """Each failure says what to do, and none of them waits for ever."""
    with pytest.raises(failure, match=words):
        _made_by(answers)
