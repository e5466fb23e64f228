"""`flask dashboard`, the setting of its password, and what the doctor and the worker leave for it to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from integration import assembly, cli
from integration.settings import SettingsError, load
from integration.zendesk import Session, Watch, credentials_from
from integration.zendesk.limits import read_rates
from tests.conftest import NOW
from tests.dashboard.staging import PASSWORD, House

ENVIRON = {"SECRET_KEY": "k" * 32, "PUBLIC_URL": "http://127.0.0.1:8000", "ADMIN_PASSWORD": PASSWORD}


@pytest.fixture
def app(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application with its commands, on the database of a dashboard."""
    for name in ("ZENDESK_SUBDOMAIN", "ZENDESK_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**ENVIRON, "DATABASE_URL": house.url}.items():
        monkeypatch.setenv(name, value)
    found = cli.application()
    yield found
    found.extensions["attune"].close()


def said(app: Flask, *words: str) -> tuple[int, str]:
    """Run a command."""
    found = app.test_cli_runner().invoke(args=list(words))
    return found.exit_code, found.output


@pytest.mark.parametrize(("words", "may"), [((), "look and switch"), (("--look",), "look, not switch")])
def test_the_command_prints_a_link_that_opens(app: Flask, words: tuple[str, ...], may: str) -> None:
    """The link works once, for what was asked; the password itself is not printed."""
    code, output = said(app, "dashboard", *words)
    assert code == 0
    assert "http://127.0.0.1:8000/dashboard/\n" in output
    assert "the setting ADMIN_PASSWORD" in output
    assert PASSWORD not in output
    link = re.search(r"http://127\.0\.0\.1:8000(/dashboard/enter/\S+)", output)
    assert link
    client = app.test_client()
    assert client.get(link.group(1)).status_code == 200
    assert f"You may {may}" in client.get("/dashboard/").text
    assert app.test_client().get(link.group(1)).status_code == 401


def test_without_an_address_there_is_no_link(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """PUBLIC_URL is asked for by its name."""
    monkeypatch.setenv("PUBLIC_URL", "")
    other = cli.application()
    code, output = said(other, "dashboard")
    other.extensions["attune"].close()
    assert code == 2
    assert "PUBLIC_URL" in output


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    """A password of eleven characters is named as too short; none at all is well."""
    with pytest.raises(SettingsError) as found:
        load({"ADMIN_PASSWORD": "x" * 11}, tmp_path)
    assert found.value.problems == ("ADMIN_PASSWORD: at least 12 characters",)
    assert load({"ADMIN_PASSWORD": "x" * 12}, tmp_path).admin_password == "x" * 12
    assert load({}, tmp_path).admin_password == ""


def test_a_commands_switch_stands_in_the_log(app: Flask, house: House) -> None:
    """What is turned by a command is shown as a command's."""
    assert said(app, "autonomy", "stop")[0] == 0
    assert said(app, "autonomy", "set", "how_to", "draft", "--because", "good drafts")[0] == 0
    house.sign_in()
    page = house.text("/dashboard/audit?by=flask&deed=switch")
    assert "2 in all" in page
    assert "an admin, by a command" in page
    assert "good drafts" in page


def test_what_the_doctor_found_is_shown(app: Flask, house: House) -> None:
    """After a visit of the doctor the overview says when it was and what was found, without asking anybody anew."""
    parts: Any = app.extensions["attune"]
    assembly.shown.keep_findings(parts, [assembly.house.warning("clock", "two minutes late", "set it")], assembly.now())
    house.sign_in()
    page = house.text("/dashboard/")
    assert "two minutes late" in page
    assert "set it" in page


def test_the_workers_look_leaves_the_budget() -> None:
    """What Zendesk's last answer said of the budget comes out as plain values; nothing where it was silent."""
    session = Session("http://127.0.0.1:1", credentials_from("", "", "token"))
    watch = Watch(session)
    assert watch.budget(NOW) == {}
    headers = {
        "X-Rate-Limit": "700",
        "X-Rate-Limit-Remaining": "612",
        "Zendesk-RateLimit-Tickets-Update": "total=100; remaining=84; resets=41",
    }
    session.rates = session.update_rates = read_rates(headers, NOW)
    assert watch.budget(NOW + timedelta(seconds=1)) == {
        **{"at": (NOW + timedelta(seconds=1)).isoformat(), "remaining": 612, "limit": 700},
        **{"updates_remaining": 84, "updates_limit": 100},
    }
    session.rates = read_rates({"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "611"}, NOW)
    later = watch.budget(NOW + timedelta(minutes=1))
    assert (later["remaining"], later["updates_remaining"]) == (611, 100)
    session.close()
