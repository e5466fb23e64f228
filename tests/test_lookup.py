"""What a look-up asks over real HTTP, what it believes, and what an admin may configure.

Loopback stands for a company's service; that private addresses are refused is shown with names that lead there.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import lookup as edge
from integration.lookup import Lookups
from integration.model import Found, Intent, Lookup
from tests.zendesk.loopback import Loopback, Said, Seen, serving

ORDER = {
    "status": "on its way",
    "shipment": {"tracking_url": "https://parcels.example/t/1", "parts": [{"carrier": "Post"}]},
    "customer": {"email": "Ada@Customer.example"},
    "weight": 2.5,
    "gift": True,
    "note": None,
}
JSON = {"Content-Type": "application/json"}
SLOTS = {"order_number": "40031"}
ADA = "ada@customer.example"


def a_lookup(shop: str = "", /, **changes: Any) -> Lookup:
    given: dict[str, Any] = {
        "intent": Intent.ORDER_STATUS,
        "url": f"{shop}/orders/{{order_number}}?full=1",
        "fields": {"status": "status", "link": "shipment.tracking_url", "carrier": "shipment.parts.0.carrier"},
        "headers": {"Authorization": "Bearer ${SHOP_TOKEN}"},
        "owner_field": "customer.email",
    }
    return Lookup(**{**given, **changes})


@pytest.fixture
def shop() -> Iterator[Loopback]:
    """A shop that knows one order."""
    with serving(lambda _: Said(200, ORDER, JSON)) as server:
        yield server


def ask(wanted: Lookup, slots: Any = SLOTS, email: str = ADA, **given: Any) -> Found:
    given = {"environ": {"SHOP_TOKEN": "s3cret"}, "loopback": True, **given}
    with closing(Lookups(given.pop("environ"), **given)) as lookups:
        return lookups.ask(wanted, slots, email)


def test_facts_are_found_by_their_paths(shop: Loopback) -> None:
    """One GET with the secret from the environment; dotted paths lead into objects and lists."""
    found = ask(a_lookup(shop.url))
    assert found == Found(
        facts={"status": "on its way", "link": "https://parcels.example/t/1", "carrier": "Post"}, why=""
    )
    [seen] = shop.seen
    assert (seen.method, seen.path) == ("GET", "/orders/40031?full=1")
    assert seen.headers["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("../admin", "/orders/..%2Fadmin?full=1"),
        ("a b?c=1&d#e", "/orders/a%20b%3Fc%3D1%26d%23e?full=1"),
        ("é/", "/orders/%C3%A9%2F?full=1"),
    ],
)
def test_a_slot_stays_in_its_place(shop: Loopback, value: str, path: str) -> None:
    """Whatever a customer writes is one percent-encoded piece of the address, never a path or a parameter."""
    ask(a_lookup(shop.url), {"order_number": value})
    assert shop.seen[0].path == path


@pytest.mark.parametrize("value", ["", "  ", "..", ".", "a\nb", "x" * 121])
def test_a_slot_that_is_no_value_is_not_asked_with(shop: Loopback, value: str) -> None:
    """Empty, dots alone, control characters and texts: nothing is asked."""
    assert ask(a_lookup(shop.url), {"order_number": value}).why == "order_number is not known"
    assert shop.seen == []


@pytest.mark.parametrize("email", ["eve@customer.example", "", "ada@customer.example.evil"])
def test_another_customers_order_is_nobodys_business(shop: Loopback, email: str) -> None:
    """What belongs to another address is missing as a whole, also where the answer is still kept."""
    with closing(Lookups({"SHOP_TOKEN": "x"}, loopback=True)) as lookups:
        assert lookups.ask(a_lookup(shop.url), SLOTS, ADA).facts
        assert lookups.ask(a_lookup(shop.url), SLOTS, email) == Found(why="what was found belongs to somebody else")


def test_an_answer_without_owner_is_not_told(shop: Loopback) -> None:
    """Where the answer names no address at the owner's place, nobody is taken for the owner."""
    assert not ask(a_lookup(shop.url, owner_field="customer.mail")).facts
    assert not ask(a_lookup(shop.url, owner_field="customer")).facts


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said(404, {}, JSON), "answered 404"),
        (Said(500, {}, JSON), "answered 500"),
        (Said(302, {}, {**JSON, "Location": "http://127.0.0.1:9/"}), "redirect"),
        (Said(200, b"<html>", {"Content-Type": "text/html"}), "not JSON"),
        (Said(200, b"{", JSON), "cannot be asked"),
        (Said(200, b"[" * 50_000, JSON), "cannot be asked"),
        (Said(200, b" " * (64 * 1024 + 1), JSON), "longer than 64 KB"),
        (None, "cannot be asked"),
    ],
)
def test_whatever_fails_is_a_missing_fact(said: Said | None, why: str) -> None:
    """No failure of the service is raised, and no redirect followed."""
    with serving(lambda _: said) as server:
        found = ask(a_lookup(server.url))
        assert (found.facts, why in found.why, len(server.seen)) == ({}, True, 1)


def test_a_slow_service_is_not_waited_for() -> None:
    """After the time limit the fact is missing, however long the service takes."""

    def slow(_: Seen) -> Said:
        time.sleep(1.0)
        return Said(200, ORDER, JSON)

    with serving(slow) as server:
        began = time.monotonic()
        assert "no answer within 0.2 seconds" in ask(a_lookup(server.url), timeout_s=0.2).why
        assert time.monotonic() - began < 0.9


@pytest.mark.parametrize(
    ("url", "loopback", "why"),
    [
        ("http://127.0.0.1:{port}", False, "private"),
        ("http://localhost:{port}", False, "private"),
        ("https://127.0.0.1:{port}", False, "private"),
        ("http://127.1:{port}", True, "private"),
        ("https://10.0.0.1", True, "private"),
        ("https://169.254.169.254", True, "private"),
        ("https://[::ffff:10.0.0.1]", True, "private"),
        ("https://[fd00::1]", True, "private"),
        ("https://[64:ff9b::7f00:1]", True, "private"),
        ("https://[64:ff9b::a9fe:a9fe]", True, "private"),
        ("https://[64:ff9b:1::7f00:1]", True, "private"),
        ("https://[2002:7f00:1::]", True, "private"),
        ("https://[::127.0.0.1]", True, "private"),
        ("https://[::169.254.169.254]", False, "private"),
        ("https://0.0.0.0", True, "private"),
        ("http://8.8.8.8", True, "only https"),
        ("https://nowhere.invalid", True, "not known"),
    ],
)
def test_private_places_are_not_asked(shop: Loopback, url: str, loopback: bool, why: str) -> None:
    """Neither this machine nor a network behind it is asked, by number, by name or in disguise."""
    found = ask(a_lookup(url.format(port=shop.url.rpartition(":")[2])), loopback=loopback)
    assert why in found.why
    assert shop.seen == []


def test_a_name_is_asked_where_it_was_looked_at(shop: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with one public and one private address is refused: the next answer might be the private one."""
    both = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: both)
    assert "private" in ask(a_lookup("https://shop.example")).why


def test_a_secret_that_is_not_set_is_told_by_name(shop: Loopback) -> None:
    """Without its variable nothing is asked."""
    assert ask(a_lookup(shop.url), environ={}).why == "SHOP_TOKEN is not set in the environment"
    assert shop.seen == []


@pytest.mark.parametrize(
    ("value", "fact"),
    [
        ("a\nb\x00 c", "a b c"),
        (12, "12"),
        (2.5, "2.5"),
        (True, ""),
        (None, ""),
        ({"a": 1}, ""),
        ("see [[x]]", ""),
        ("{{ticket.id}}", ""),
        ("w " * 300, ("w " * 300)[:299].rstrip() + "…"),
        ("https://x.example/" + "a" * 400, ""),
    ],
)
def test_a_value_becomes_one_plain_line(value: object, fact: str) -> None:
    """Texts and numbers, clipped; what is no plain text, could be run, or is a cut link is missing."""
    with serving(lambda _: Said(200, {**ORDER, "status": value}, JSON)) as server:
        assert ask(a_lookup(server.url, fields={"status": "status"})).facts.get("status", "") == fact


def test_an_answer_is_kept_for_a_minute(shop: Loopback) -> None:
    """The same question within a minute is not asked again; a failure is, and another configuration is."""
    at = [0.0]
    with closing(Lookups({"SHOP_TOKEN": "x"}, loopback=True, clock=lambda: at[0])) as lookups:
        for moment, asked in ((0.0, 1), (59.0, 1), (61.0, 2)):
            at[0] = moment
            assert lookups.ask(a_lookup(shop.url), SLOTS, ADA).facts
            assert len(shop.seen) == asked
        lookups.ask(a_lookup(shop.url, fields={"status": "gift"}), SLOTS, ADA)
        assert len(shop.seen) == 3
        shop.script = lambda _: Said(503, {}, JSON)
        for asked in (4, 5):
            lookups.ask(a_lookup(shop.url), {"order_number": "2"}, ADA)
            assert len(shop.seen) == asked


def test_the_log_holds_no_words_and_no_secret(shop: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    """Intent, outcome and time are logged; neither address nor number nor secret."""
    with caplog.at_level(logging.DEBUG):
        ask(a_lookup(shop.url), {"order_number": "number-77"})
    assert "look-up for order_status found" in caplog.text
    assert not {word for word in ("number-77", "s3cret", ADA, "on its way") if word in caplog.text}


# --- what an admin may configure -------------------------------------------------------------------------------------

SHOP = "https://shop.example"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "http://shop.example/{order_number}"}, "begin with https"),
        ({"url": "http://localhost/{order_number}"}, "begin with https"),
        ({"url": "https://{order_number}.shop.example/"}, "name the host in plain words"),
        ({"url": "https://user:pw@shop.example/{order_number}"}, "without user names"),
        ({"url": "https://shop.example/{order_number}#x"}, "without user names"),
        ({"url": "https://shop.example/{password}"}, "{password} is not known"),
        ({"url": "https://shop.example/{order_number"}, "a brace without its other half"),
        ({"url": "https://shop.example/a b/{order_number}"}, "percent-encoded"),
        ({"owner_field": ""}, "so that nobody is told of another customer's order"),
        ({"owner_field": "a..b"}, "write a path"),
        ({"fields": {}}, "name at least one"),
        ({"fields": {"Status Of": "x"}}, "write small letters"),
        ({"headers": {"Authorization": "Bearer abc"}}, "keep the secret in the environment"),
        ({"headers": {"X-Api-Key": "abc"}}, "keep the secret in the environment"),
        ({"headers": {"X-Api-Key": "${SECRET_KEY}"}}, "SECRET_KEY is Attune's own"),
        ({"headers": {"Host": "other.example"}}, "not yours to set"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "write NAME: VALUE"),
    ],
)
def test_what_is_not_safe_is_not_taken(changes: dict[str, Any], said: str) -> None:
    """Each mistake is named in plain words, with what to write."""
    found = edge.problems(a_lookup(SHOP, **changes), reserved=frozenset({"SECRET_KEY"}))
    assert any(said in problem for problem in found), found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"url": "https://shop.example/by?email={requester_email}", "owner_field": ""},
        {"url": "https://shop.example/hours", "owner_field": ""},
        {"url": "https://shop.example/c/{field_360001}"},
        {"headers": {"Accept-Language": "en"}},
    ],
)
def test_what_is_safe_is_taken_and_kept(changes: dict[str, Any]) -> None:
    """A number needs an owner, the requester's own address and a page for everybody do not; kept as it was given."""
    wanted = a_lookup(SHOP, **changes)
    assert edge.problems(wanted) == ()
    assert edge.read(edge.written({wanted.intent: wanted})) == {wanted.intent: wanted}
    assert edge.read(None) == {}


@given(st.text(max_size=60))
def test_no_slot_value_changes_host_or_path(value: str) -> None:
    """For any text: the filled address has the same host, the same number of path pieces and the same query."""
    from urllib.parse import urlsplit

    try:
        filled = edge._filled("https://shop.example/a/{order_number}/b?q=1", {"order_number": value})
    except edge._Failed:
        return
    parts = urlsplit(filled)
    assert (parts.netloc, parts.path.count("/"), parts.query, parts.fragment) == ("shop.example", 3, "q=1", "")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
        max_leaves=8,
    )
)
def test_any_json_is_read_without_a_fault(shown: object) -> None:
    """Whatever stands in an answer, a path leads to plain text or to nothing."""
    for path in ("a", "a.b", "0", "a.0.b", "b.b.b"):
        fact = edge._plain(edge._at(shown, path))
        assert fact == " ".join(fact.split())
        assert json.dumps(fact)
