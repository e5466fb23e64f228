"""The wanted things as such, and what the triggers do on a live desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from integration import content
from integration.model import EventKind
from integration.wire import definitions, resources
from tests.zendesk.conftest import Account
from tests.zendesk.installing import URL, install


def test_an_account_without_categories_and_ratings_is_served_as_well() -> None:
    """No category is made or named, and the trigger on ratings is left out."""
    account = resources.Account(self_id="7", has_categories=False, has_ratings=False)
    things = definitions.wanted(account, URL, ())
    keys = {one.key for one in things}
    assert resources.CATEGORY_KEY not in keys
    assert "trigger/ticket_rated" not in keys
    assert all("category_id" not in one.behaviour for one in things)
    assert all(one.needs <= keys for one in things)


def test_everything_comes_after_what_it_needs() -> None:
    """The wanted things stand in an order in which each can be made."""
    things = definitions.wanted(resources.Account(self_id="7"), URL, content.answers(), senior_members={"a@b": "1"})
    made: set[str] = set()
    for one in things:
        assert one.needs <= made
        made.add(one.key)


def test_a_view_shows_at_most_ten_columns() -> None:
    """Zendesk refuses more."""
    things = definitions.wanted(resources.Account(self_id="7"), URL, ())
    columns = [one.behaviour["output"]["columns"] for one in things if one.kind == resources.VIEW]
    assert columns
    assert all(len(some) <= 10 for some in columns)


def test_triggers_call_for_what_people_do_and_not_for_what_we_do(account: Account) -> None:
    """On a live desk each deed calls us once, with its kind; our own writes, notes and skipped tickets do not."""
    install(account, url="http://127.0.0.1:9")  # nobody listens there: the deliveries are counted, not answered
    desk, now = account.served.desk, account.served.desk.clock
    user = {u["role"]: u for u in reversed(account.things("user"))}
    us = next(u for u in account.things("user") if str(u["id"]) == str(_me(account)))
    charge = account.thing("field/charge")["id"]
    ticket = desk.tickets.create(_said("Hello"), actor=user["end-user"], channel="email", now=now()).ticket["id"]

    def update(actor: Mapping[str, Any], channel: str = "web", **body: Any) -> Callable[[], object]:
        return lambda: desk.tickets.update(ticket, body, actor=dict(actor), channel=channel, now=now())

    def field(word: str) -> dict[str, Any]:
        return {"custom_fields": [{"id": charge, "value": f"attune_charge_{word}"}]}

    deeds: list[tuple[Callable[[], object], list[str]]] = [
        (update(user["end-user"], "email", comment={"body": "More", "public": True}), ["customer_message"]),
        (update(us, "api", comment={"body": "Automatic", "public": True}, **field("mild")), []),
        (update(us, "api", **field("charged")), []),
        (update(user["agent"], **field("calm")), ["correction"]),
        (update(user["agent"], comment={"body": "Note", "public": False}), []),
        (update(user["agent"], status="solved"), ["closed"]),
        (lambda: desk.tickets.rate(ticket, {"score": "good"}, actor=user["end-user"], now=now()), ["rated"]),
        (update(user["end-user"], "email", comment={"body": "Again", "public": True}), ["customer_message"]),
        (update(user["agent"], tags=["attune_skip"]), []),
        (update(user["end-user"], "email", comment={"body": "Skipped", "public": True}), []),
    ]
    assert _kinds(account) == ["customer_message"]
    for deed, called in deeds:
        before = len(_kinds(account))
        deed()
        assert _kinds(account)[before:] == called


def _said(text: str) -> dict[str, Any]:
    return {"subject": "S", "comment": {"body": text, "public": True}}


def _me(account: Account) -> int:
    found: int = account.session.ask("GET", "/api/v2/users/me")["user"]["id"]
    return found


def _kinds(account: Account) -> list[str]:
    bodies = [json.loads(one["_body"]) for one in account.things("invocation")]
    assert all(int(body["ticket_id"]) > 0 for body in bodies)
    return [EventKind(body["kind"]).value for body in bodies]
