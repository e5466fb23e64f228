"""What an admin may say of business hours, holidays and booked times with `flask rules`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from integration import assembly, cli


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The commands on a fresh database."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'attune.sqlite'}")
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    found = cli.application()
    parts: assembly.Assembly = found.extensions["attune"]
    parts.migrate()
    yield found
    parts.close()


def test_hours_are_kept_and_shown(app: Flask) -> None:
    """Hours, zone, holidays and capacity are kept as they were said."""
    words = [
        *("business_hours=Mon-Fri 09:00-12:00, 13:00-17:00; Sat 10:00-14:00", "time_zone=Europe/Berlin"),
        *("holidays=2026-12-25, 2026-12-26", "callbacks_per_slot=2", "callback_minutes=20", "callback_days_ahead=7"),
    ]
    found = app.test_cli_runner().invoke(args=["rules", *words])
    assert found.exit_code == 0, found.output
    rules = app.extensions["attune"].store.rules()
    assert (rules.time_zone, rules.holidays) == ("Europe/Berlin", {"2026-12-25", "2026-12-26"})
    assert (rules.callbacks_per_slot, rules.callback_minutes, rules.callback_days_ahead) == (2, 20, 7)
    assert rules.business_hours.startswith("Mon-Fri 09:00-12:00, 13:00")
    assert app.test_cli_runner().invoke(args=["rules", "business_hours=", "holidays="]).exit_code == 0
    assert app.extensions["attune"].store.rules().business_hours == ""


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("business_hours=9 to 5", "business_hours"),
        ("business_hours=Mon-Fri 17:00-09:00", "ends before it begins"),
        ("time_zone=Berlin", "Europe/Berlin"),
        ("time_zone=../etc/passwd", "no time zone"),
        ("holidays=25.12.2026", "2026-12-25"),
        ("callbacks_per_slot=-1", "0 to 100"),
        ("callback_minutes=0", "5 to 240"),
        ("callback_days_ahead=365", "1 to 30"),
    ],
)
def test_what_cannot_be_so_is_named(app: Flask, word: str, says: str) -> None:
    """A rule that cannot be meant is refused by name with what to write, and nothing is changed."""
    before = app.extensions["attune"].store.rules()
    found = app.test_cli_runner().invoke(args=["rules", word])
    assert found.exit_code == 2
    assert word.split("=")[0] in found.output
    assert says in " ".join(found.output.split())
    assert app.extensions["attune"].store.rules() == before
