"""A desk in memory and a browser without scripts at it: what the tests of the desk's pages share.
It must not know the templates: pages are looked at as a browser does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from sandbox import people
from sandbox.api.here import Desk
from sandbox.app import create_app
from sandbox.desk.door import AGENT_COOKIE
from sandbox.settings import SandboxSettings

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def app() -> Iterator[Flask]:
    """A seeded desk in memory whose clock stands still."""
    made = create_app(SandboxSettings(db_path=":memory:"), clock=lambda: NOW)
    yield made
    made.extensions["sandbox"].state.close()


@pytest.fixture
def desk(app: Flask) -> Desk:
    """The desk's parts, emptied of the tickets and views it was seeded with, with an agent and a drop-down of ours."""
    desk: Desk = app.extensions["sandbox"]
    for kind in ("ticket", "view", "comment", "audit"):
        for one in desk.state.list(kind):
            desk.state.delete(kind, one["id"])
    people.add(desk.state, {"name": "Sam Reed", "email": "sam@desk.test", "role": "agent"}, NOW)
    desk.state.put(
        "ticket_field",
        {
            "id": 77, "type": "tagger", "title": "Our charge", "active": True,
            "custom_field_options": [{"id": 1, "name": "Charged", "value": "attune_charge__charged"}],
        },
    )  # fmt: skip
    return desk


@pytest.fixture
def client(app: Flask, desk: Desk) -> FlaskClient:
    """A browser on this machine."""
    return app.test_client()


def page(client: FlaskClient, path: str) -> BeautifulSoup:
    """The page at this address, which is there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def csrf(client: FlaskClient) -> str:
    """The token that stands in every form."""
    field = page(client, "/desk/customer/write").find("input", {"name": "csrf"})
    assert field is not None
    return str(field["value"])


def write_in(client: FlaskClient, **changes: str) -> Any:
    """Write a ticket as a customer; gives the answer."""
    given = {
        "name": "Ada Quill",
        "email": "ada@example.com",
        "channel": "email",
        "subject": "Late",
        "body": "Where is it?",
    }
    return client.post("/desk/tickets", data={"csrf": csrf(client), **given, **changes})


def be(client: FlaskClient, desk: Desk, email: str = "sam@desk.test") -> Any:
    """Sit down at the desk as this agent; gives who it is."""
    (agent,) = desk.state.find("user", email=email)
    client.set_cookie(AGENT_COOKIE, str(agent["id"]), path="/desk")
    return agent


def written(client: FlaskClient, desk: Desk, **changes: str) -> Any:
    """A ticket that a customer wrote just now."""
    assert write_in(client, **changes).status_code == 303
    return desk.state.list("ticket")[-1]


def save(client: FlaskClient, ticket: Any, *, by_script: bool = False, **form: str) -> Any:
    """Submit the form of a ticket's page; names with a dot are written with two underscores."""
    fields = {name.replace("__", "."): value for name, value in form.items()}
    headers = {"Accept": "application/json"} if by_script else {}
    return client.post(f"/desk/tickets/{ticket['id']}/agent", data={"csrf": csrf(client), **fields}, headers=headers)
