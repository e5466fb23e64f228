"""Environment in, one frozen value out; every problem is reported at once, by the name of the setting.

It must not read the environment itself (the caller hands a mapping over), open a connection or guess a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

SUBDOMAIN = re.compile(r"^[a-z0-9][a-z0-9-]{0,62}$")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
DATABASES = ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")
# Zendesk's public test secret: everybody knows it, so nobody may use it.
# https://developer.zendesk.com/documentation/webhooks/verifying/
PUBLIC_TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105 - published by Zendesk to be refused


class Need(StrEnum):
    """What a command cannot do without."""

    ZENDESK = "zendesk"  # an account and the right to speak to it
    PUBLIC_URL = "public_url"  # where Zendesk can reach us


class SettingsError(Exception):
    """Everything that is wrong with the settings, one line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, checked; empty text where one is not given."""

    zendesk_url: str  # base address without a trailing slash; empty when no account is named
    client_id: str
    client_secret: str
    access_token: str
    webhook_secret: str  # empty: the one that install read is used
    public_url: str
    database_url: str
    secret_key: str
    var: Path  # folder for the embedded database and the generated key
    admin_password: str = ""  # empty: one is generated under var/

    @property
    def queue_url(self) -> str:
        """The queue's database: a file beside ours on SQLite, the same database on PostgreSQL."""
        if self.database_url.startswith("sqlite"):
            return self.database_url.removesuffix(".sqlite") + "-queue.sqlite"
        return self.database_url


NAMES: Mapping[str, str] = {
    "ZENDESK_SUBDOMAIN": "the account's subdomain: `acme` of acme.zendesk.com",
    "ZENDESK_URL": "another base address than https://SUBDOMAIN.zendesk.com; http on loopback only",
    "ZENDESK_CLIENT_ID": "unique identifier of the OAuth client",
    "ZENDESK_CLIENT_SECRET": "secret of the OAuth client",
    "ZENDESK_ACCESS_TOKEN": "a ready bearer token instead of the client, for tests",
    "ZENDESK_WEBHOOK_SECRET": "the webhook's signing secret; default: read at install",
    "PUBLIC_URL": "where Zendesk reaches Attune, https outside loopback",
    "DATABASE_URL": "sqlite:///path or postgresql://…; default: SQLite under var/",
    "SECRET_KEY": "at least 32 characters; keeps stored secrets unreadable; default: generated under var/",
    "ADMIN_PASSWORD": "at least 12 characters; signs in to the dashboard; default: generated under var/",
}
# Our choice, after what https://pages.nist.gov/800-63-4/sp800-63b.html asks of a password that stands alone, and less:
# tries are limited to five a minute.
SHORTEST_PASSWORD = 12


def load(environ: Mapping[str, str], root: Path, needs: Iterable[Need] = ()) -> Settings:
    """Read and check every setting.

    `root` is the project's folder, under which `var/` is kept. Raises SettingsError with all problems at once.
    """
    given = {name: environ.get(name, "").strip() for name in NAMES}
    problems = [*_account_problems(given), *_other_problems(given)]
    for need in needs:
        problems += _missing(given, need)
    if problems:
        raise SettingsError(dict.fromkeys(problems))
    return Settings(
        zendesk_url=_base_address(given),
        client_id=given["ZENDESK_CLIENT_ID"],
        client_secret=given["ZENDESK_CLIENT_SECRET"],
        access_token=given["ZENDESK_ACCESS_TOKEN"],
        webhook_secret=given["ZENDESK_WEBHOOK_SECRET"],
        public_url=given["PUBLIC_URL"].rstrip("/"),
        database_url=_database(given["DATABASE_URL"], root / "var"),
        secret_key=given["SECRET_KEY"],
        var=root / "var",
        admin_password=given["ADMIN_PASSWORD"],
    )


def _base_address(given: Mapping[str, str]) -> str:
    if given["ZENDESK_URL"]:
        return given["ZENDESK_URL"].rstrip("/")
    return f"https://{given['ZENDESK_SUBDOMAIN']}.zendesk.com" if given["ZENDESK_SUBDOMAIN"] else ""


def _database(url: str, var: Path) -> str:
    if not url:
        return f"sqlite:///{var / 'attune.sqlite'}"
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def _account_problems(given: Mapping[str, str]) -> list[str]:
    problems = []
    if given["ZENDESK_SUBDOMAIN"] and not SUBDOMAIN.match(given["ZENDESK_SUBDOMAIN"]):
        problems.append("ZENDESK_SUBDOMAIN: write only the first part of the address, in small letters, such as acme")
    problems += _address_problems("ZENDESK_URL", given["ZENDESK_URL"])
    if given["ZENDESK_CLIENT_ID"] and not given["ZENDESK_CLIENT_SECRET"]:
        problems.append("ZENDESK_CLIENT_SECRET: missing beside ZENDESK_CLIENT_ID")
    if given["ZENDESK_CLIENT_SECRET"] and not given["ZENDESK_CLIENT_ID"]:
        problems.append("ZENDESK_CLIENT_ID: missing beside ZENDESK_CLIENT_SECRET")
    if given["ZENDESK_WEBHOOK_SECRET"] == PUBLIC_TEST_SECRET:
        problems.append("ZENDESK_WEBHOOK_SECRET: this is Zendesk's public test value; use the webhook's own secret")
    return problems


def _other_problems(given: Mapping[str, str]) -> list[str]:
    problems = _address_problems("PUBLIC_URL", given["PUBLIC_URL"])
    if given["DATABASE_URL"] and not given["DATABASE_URL"].startswith(DATABASES):
        problems.append("DATABASE_URL: begin with sqlite:/// or postgresql://")
    if given["SECRET_KEY"] and len(given["SECRET_KEY"]) < 32:
        problems.append("SECRET_KEY: at least 32 characters; `python -c 'import secrets; print(secrets.token_hex())'`")
    if given["ADMIN_PASSWORD"] and len(given["ADMIN_PASSWORD"]) < SHORTEST_PASSWORD:
        problems.append(f"ADMIN_PASSWORD: at least {SHORTEST_PASSWORD} characters")
    return problems


def _address_problems(name: str, address: str) -> list[str]:
    if not address:
        return []
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return [f"{name}: not a web address"]
    if parts.scheme not in {"http", "https"} or not host:
        return [f"{name}: write a whole address, such as https://attune.example.com"]
    if parts.scheme == "http" and host not in LOOPBACK:
        return [f"{name}: http is allowed on loopback only; use https"]
    if parts.username or parts.query or parts.fragment:
        return [f"{name}: leave out user names, ? and #"]
    return []


def _missing(given: Mapping[str, str], need: Need) -> list[str]:
    if need is Need.PUBLIC_URL:
        return [] if given["PUBLIC_URL"] else ["PUBLIC_URL: missing; " + NAMES["PUBLIC_URL"]]
    problems = []
    if not (given["ZENDESK_SUBDOMAIN"] or given["ZENDESK_URL"]):
        problems.append("ZENDESK_SUBDOMAIN: missing; " + NAMES["ZENDESK_SUBDOMAIN"])
    if not given["ZENDESK_ACCESS_TOKEN"]:
        for name in ("ZENDESK_CLIENT_ID", "ZENDESK_CLIENT_SECRET"):
            if not given[name]:
                problems.append(f"{name}: missing; {NAMES[name]}")
    return problems
