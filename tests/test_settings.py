"""The settings: what is read, and that every problem is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.settings import PUBLIC_TEST_SECRET, Need, SettingsError, load

ROOT = Path("/srv/attune")
WHOLE = {
    "ZENDESK_SUBDOMAIN": "acme",
    "ZENDESK_CLIENT_ID": "attune",
    "ZENDESK_CLIENT_SECRET": "s3cret",
    "PUBLIC_URL": "https://attune.example.com/",
    "SECRET_KEY": "k" * 32,
}


def test_a_whole_set_is_read() -> None:
    """Given everything, addresses come out whole and without a trailing slash."""
    found = load(WHOLE, ROOT, [Need.ZENDESK, Need.PUBLIC_URL])
    assert found.zendesk_url == "https://acme.zendesk.com"
    assert found.public_url == "https://attune.example.com"
    assert found.database_url == "sqlite:////srv/attune/var/attune.sqlite"
    assert found.queue_url == "sqlite:////srv/attune/var/attune-queue.sqlite"


def test_nothing_is_needed_to_read_a_text() -> None:
    """With no setting at all the defaults stand, so that `flask read` works anywhere."""
    assert load({}, ROOT).zendesk_url == ""


def test_postgres_keeps_the_queue_in_the_same_database() -> None:
    """Both spellings of a PostgreSQL address become the driver's, for the store and the queue."""
    found = load({"DATABASE_URL": "postgres://u@h/d"}, ROOT)
    assert found.database_url == found.queue_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZENDESK_SUBDOMAIN", "acme.zendesk.com"),
        ("ZENDESK_SUBDOMAIN", "evil.example/"),
        ("ZENDESK_URL", "http://acme.example.com"),
        ("ZENDESK_URL", "ftp://acme.example.com"),
        ("ZENDESK_URL", "acme"),
        ("ZENDESK_URL", "https://user@acme.example.com"),
        ("ZENDESK_URL", "https://[broken"),
        ("ZENDESK_WEBHOOK_SECRET", PUBLIC_TEST_SECRET),
        ("PUBLIC_URL", "http://attune.example.com"),
        ("PUBLIC_URL", "https://attune.example.com?x=1"),
        ("DATABASE_URL", "mysql://x"),
        ("SECRET_KEY", "short"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    """Each wrong value is reported under its own name."""
    with pytest.raises(SettingsError) as error:
        load({**WHOLE, name: value}, ROOT)
    assert [problem.split(":")[0] for problem in error.value.problems] == [name]


@pytest.mark.parametrize("address", ["http://127.0.0.1:4000", "http://localhost:4000", "http://[::1]:4000"])
def test_http_is_for_loopback(address: str) -> None:
    """A sandbox on this machine may be spoken to without TLS."""
    assert load({"ZENDESK_URL": address}, ROOT).zendesk_url == address


def test_every_problem_is_reported_at_once() -> None:
    """An empty environment names everything that a command needs, in one error."""
    with pytest.raises(SettingsError) as error:
        load({"SECRET_KEY": "short"}, ROOT, [Need.ZENDESK, Need.PUBLIC_URL])
    names = {problem.split(":")[0] for problem in error.value.problems}
    assert names == {"ZENDESK_SUBDOMAIN", "ZENDESK_CLIENT_ID", "ZENDESK_CLIENT_SECRET", "PUBLIC_URL", "SECRET_KEY"}


def test_half_a_client_is_not_a_client() -> None:
    """A client id without its secret is named, and a ready token needs neither."""
    with pytest.raises(SettingsError, match="ZENDESK_CLIENT_SECRET"):
        load({"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_CLIENT_ID": "attune"}, ROOT, [Need.ZENDESK])
    assert load({"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_ACCESS_TOKEN": "t"}, ROOT, [Need.ZENDESK]).access_token == "t"
