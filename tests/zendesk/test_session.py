"""Knows what the session must do with every kind of answer, delay and lost connection, and with the token.

It must not know tickets: paths here are only paths."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from zenpy import Zenpy
from zenpy.lib.api_objects import Ticket as ZenpyTicket

from integration.model import Refused, TryLater
from integration.zendesk import (
    ClientCredentials,
    Declined,
    MemoryPause,
    ReadyToken,
    Session,
    base_address,
    credentials_from,
)
from tests.zendesk.loopback import Said, Seen, serving

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOME = "https://acme.zendesk.com"
READY = ReadyToken(token="ready-token")
CLIENT = ClientCredentials(client_id="attune", client_secret="keep-me-secret")


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(clock: Clock) -> Iterator[Session]:
    with Session(HOME, READY, clock=clock) as made:
        yield made


@pytest.fixture
def desk() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.mark.parametrize(
    ("status", "headers", "kind", "after_s"),
    [
        (429, {"Retry-After": "37"}, TryLater, 37),
        (429, {"Retry-After": "Sat, 21 Nov 2026 12:01:00 GMT"}, TryLater, 60),
        (429, {"ratelimit-reset": "12"}, TryLater, 12),
        (429, {"Retry-After": "soon"}, TryLater, 30),
        (429, {"Retry-After": "999999999"}, TryLater, 900),
        (429, {}, TryLater, 30),
        (503, {"Retry-After": "5"}, TryLater, 5),
        (503, {"ratelimit-reset": "41"}, TryLater, 2),
        (500, {}, TryLater, 2),
        (502, {}, TryLater, 2),
        (504, {}, TryLater, 2),
        (408, {}, TryLater, 2),
        (409, {"Retry-After": "9"}, TryLater, 0),
        (301, {"Location": "https://other.example/"}, Declined, None),
        (400, {}, Declined, None),
        (401, {}, Declined, None),
        (403, {}, Declined, None),
        (404, {}, Declined, None),
        (413, {}, Declined, None),
        (422, {}, Declined, None),
    ],
)
def test_each_failure_is_one_of_four(
    session: Session,
    desk: responses.RequestsMock,
    status: int,
    headers: dict[str, str],
    kind: type,
    after_s: float | None,
):
    """Every failing answer says by its type alone whether trying again makes sense, and when."""
    desk.put(f"{HOME}/api/v2/tickets/1", status=status, headers=headers, body="Number of allowed requests exceeded")
    with pytest.raises(kind) as caught:
        session.ask("PUT", "tickets/1", body={})
    assert getattr(caught.value, "after", None) == (None if after_s is None else timedelta(seconds=after_s))
    assert isinstance(caught.value, Refused) is (kind is Declined)
    assert len(desk.calls) == 1


def test_refusal_names_the_code_and_never_the_words(session: Session, desk: responses.RequestsMock):
    """Zendesk's error code and the fields it complains of are told; its sentence, which may quote, is not."""
    body = {
        "error": "RecordInvalid",
        "description": "Ada Lovelace wrote something",
        "details": {"status": [{"description": "Status: closed prevents ticket update"}], "Ada L.": []},
    }
    desk.put(f"{HOME}/api/v2/tickets/1", status=422, json=body)
    with pytest.raises(Declined, match=r"422 RecordInvalid status: .*closed ticket") as caught:
        session.ask("PUT", "tickets/1", body={})
    assert "Ada" not in str(caught.value)
    assert (caught.value.status, caught.value.code) == (422, "RecordInvalid status")


@pytest.mark.parametrize("body", ["<html>Down for maintenance</html>", "[]", "42", '"text"'])
def test_page_in_place_of_json_is_passing(session: Session, desk: responses.RequestsMock, body: str):
    """A 200 that holds no JSON object is a passing fault."""
    desk.get(f"{HOME}/api/v2/users/me", body=body)
    with pytest.raises(TryLater):
        session.ask("GET", "users/me")


def test_empty_answer_is_an_empty_object(session: Session, desk: responses.RequestsMock):
    """A 204 after a deletion is no failure."""
    desk.delete(f"{HOME}/api/v2/macros/1", status=204)
    assert session.ask("DELETE", "macros/1") == {}


@pytest.mark.parametrize(
    "path",
    [
        "users/me",
        "/api/v2/users/me",
        f"{HOME}/api/v2/users/me",
        "https://renamed.zendesk.com/api/v2/users/me.json",
        "https://evil.example/api/v2/users/me",
    ],
)
def test_token_stays_at_home(session: Session, desk: responses.RequestsMock, path: str):
    """Whatever host an address names, the request and its token go to the account's own."""
    desk.get(f"{HOME}/api/v2/users/me", json={"user": {"id": 1}})
    assert session.ask("GET", path)["user"]["id"] == 1
    sent = desk.calls[0].request
    assert (sent.url, sent.headers["Authorization"]) == (f"{HOME}/api/v2/users/me", "Bearer ready-token")
    assert sent.headers["User-Agent"].startswith("Attune/0.")


@pytest.mark.parametrize("path", ["/attachments/token/x", "https://evil.example/x", "/api/v2/../../oauth/tokens"])
def test_address_outside_the_api_is_refused(session: Session, path: str):
    """Nothing outside the API is asked with the token."""
    with pytest.raises(Refused):
        session.ask("GET", path)


def test_netrc_does_not_replace_the_token(session: Session, desk: responses.RequestsMock, tmp_path, monkeypatch):
    """A login that lies in the machine's .netrc for the account is not used."""
    (tmp_path / "netrc").write_text("machine acme.zendesk.com login someone password theirs\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    desk.get(f"{HOME}/api/v2/users/me", json={})
    session.ask("GET", "users/me")
    assert desk.calls[0].request.headers["Authorization"] == "Bearer ready-token"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"subdomain": "acme"}, "https://acme.zendesk.com"),
        ({"subdomain": "acme", "url": "https://help.example/"}, "https://help.example"),
        ({"url": "http://127.0.0.1:8089"}, "http://127.0.0.1:8089"),
        ({"url": "http://localhost:1/desk/"}, "http://localhost:1/desk"),
    ],
)
def test_base_address(given: dict[str, str], address: str):
    """The address comes from the subdomain or is given whole; plain http is for loopback."""
    assert base_address(**given) == address


@pytest.mark.parametrize("given", [{}, {"url": "http://help.example"}, {"url": "ftp://x"}, {"url": "acme"}])
def test_unsafe_address_is_refused(given: dict[str, str]):
    """No address, or one that would carry the token in the open, is refused."""
    with pytest.raises(Refused):
        base_address(**given)


def test_credentials_are_chosen():
    """A ready token wins, a client needs both its halves, and neither shows its secret when printed."""
    assert credentials_from("id", "secret", "token") == ReadyToken(token="token")
    assert isinstance(credentials_from("id", "secret", ""), ClientCredentials)
    assert "keep-me-secret" not in repr(CLIENT)
    assert "ready-token" not in repr(READY)
    with pytest.raises(Refused, match="ZENDESK_CLIENT_ID"):
        credentials_from("id", "", "")


# --- limits ----------------------------------------------------------------------------------------------------------


def test_pause_after_429_holds_everybody_back(clock: Clock, desk: responses.RequestsMock):
    """After a 429 no session that shares the pause touches the network until it is over."""
    pause = MemoryPause()
    desk.get(f"{HOME}/api/v2/users/me", status=429, headers={"Retry-After": "20"})
    with Session(HOME, READY, pause=pause, clock=clock) as one, Session(HOME, READY, pause=pause, clock=clock) as other:
        with pytest.raises(TryLater):
            one.ask("GET", "users/me")
        clock.now += timedelta(seconds=5)
        with pytest.raises(TryLater, match="pause") as caught:
            other.ask("GET", "users/me")
        assert (caught.value.after, other.calls, len(desk.calls)) == (timedelta(seconds=15), 0, 1)
        clock.now += timedelta(seconds=15)
        desk.replace(responses.GET, f"{HOME}/api/v2/users/me", json={})
        assert other.ask("GET", "users/me") == {}


@pytest.mark.parametrize("name", ["Zendesk-RateLimit-tickets-update", "zendesk-rate-limit-tickets-update"])
def test_spent_update_budget_pauses_before_the_refusal(
    clock: Clock, session: Session, desk: responses.RequestsMock, name: str
):
    """When the last update of the minute was ours, the pause begins before Zendesk has to refuse one."""
    desk.put(f"{HOME}/api/v2/tickets/1", json={}, headers={name: "total=20; remaining=0; resets=41"})
    session.ask("PUT", "tickets/1", body={})
    with pytest.raises(TryLater) as caught:
        session.ask("PUT", "tickets/1", body={})
    assert caught.value.after == timedelta(seconds=41)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "699"}, (700, 699, None, None)),
        ({"ratelimit-limit": "400", "ratelimit-remaining": "1", "ratelimit-reset": "9"}, (400, 1, None, None)),
        ({"Zendesk-RateLimit-Tickets-Update": "total=100; remaining=99; resets=41"}, (None, None, 100, 99)),
        ({"X-Rate-Limit": "lots", "zendesk-ratelimit-tickets-update": "remaining=7"}, (None, None, None, 7)),
    ],
)
def test_budget_is_remembered(session: Session, desk: responses.RequestsMock, headers: dict[str, str], expected: Any):
    """Both spellings of the budget are read, and kept over answers that say nothing of it."""
    desk.get(f"{HOME}/api/v2/users/me", json={}, headers=headers)
    desk.get(f"{HOME}/api/v2/groups", json={})
    session.ask("GET", "users/me")
    session.ask("GET", "groups")
    rates = session.rates
    assert rates is not None
    assert (rates.limit, rates.remaining, rates.updates_limit, rates.updates_remaining) == expected
    assert session.calls == 2


# --- the token -------------------------------------------------------------------------------------------------------


def give_tokens(desk: responses.RequestsMock, *lives_s: object) -> None:
    for number, life_s in enumerate(lives_s, start=1):
        desk.post(f"{HOME}/oauth/tokens", json={"access_token": f"token-{number}", "expires_in": life_s})


def bearers(desk: responses.RequestsMock) -> list[str]:
    return [call.request.headers.get("Authorization", "none").removeprefix("Bearer ") for call in desk.calls]


def test_token_is_asked_for_once_and_renewed_in_time(clock: Clock, desk: responses.RequestsMock):
    """One token serves until a minute before its end; the request for it carries the client and no token."""
    give_tokens(desk, 1800, 1800)
    desk.get(f"{HOME}/api/v2/users/me", json={})
    with Session(HOME, CLIENT, clock=clock) as session:
        for seconds in (0, 1739, 1):
            clock.now += timedelta(seconds=seconds)
            session.ask("GET", "users/me")
    assert bearers(desk) == ["none", "token-1", "token-1", "none", "token-2"]
    asked = desk.calls[0].request.body.decode()
    assert all(part in asked for part in ('"client_credentials"', '"attune"', '"keep-me-secret"', '"read write"'))


@pytest.mark.parametrize("life_s", [None, "soon", [], -1, 0, "300"])
def test_token_without_a_readable_life_is_used(clock: Clock, desk: responses.RequestsMock, life_s: object):
    """A life that is missing or garbled does not keep the token from being used at once."""
    give_tokens(desk, life_s)
    desk.get(f"{HOME}/api/v2/users/me", json={})
    with Session(HOME, CLIENT, clock=clock) as session:
        session.ask("GET", "users/me")
    assert bearers(desk) == ["none", "token-1"]


def test_refused_token_is_renewed_once(clock: Clock, desk: responses.RequestsMock):
    """After a 401 the call is made again with a new token, once; a second 401 is final."""
    give_tokens(desk, 1800, 1800)
    desk.put(f"{HOME}/api/v2/tickets/1", status=401, json={"error": "invalid_token"})
    with Session(HOME, CLIENT, clock=clock) as session, pytest.raises(Declined, match="ZENDESK_CLIENT_ID"):
        session.ask("PUT", "tickets/1", body={})
    assert bearers(desk) == ["none", "token-1", "none", "token-2"]


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [(400, {}, Refused), (401, {}, Refused), (429, {"Retry-After": "3"}, TryLater), (500, {}, TryLater)],
)
def test_token_endpoint_fails_as_others_do(
    clock: Clock, desk: responses.RequestsMock, status: int, headers: dict[str, str], kind: type
):
    """Wrong client credentials are final, and a busy or broken token endpoint is passing."""
    desk.post(f"{HOME}/oauth/tokens", status=status, headers=headers, json={"error": "invalid_client"})
    with Session(HOME, CLIENT, clock=clock) as session, pytest.raises(kind) as caught:
        session.ask("GET", "users/me")
    assert "keep-me-secret" not in str(caught.value)


def test_answer_without_a_token_is_passing(clock: Clock, desk: responses.RequestsMock):
    """A token endpoint that gives no token is asked again later."""
    desk.post(f"{HOME}/oauth/tokens", json={"access_token": None})
    with Session(HOME, CLIENT, clock=clock) as session, pytest.raises(TryLater):
        session.ask("GET", "users/me")


def test_one_thread_renews_for_all():
    """Eight threads that start at once, and meet a withdrawn token at once, ask for a token once each time."""
    good = {"token": "token-1"}

    def script(seen: Seen) -> Said:
        if seen.path == "/oauth/tokens":
            return Said(json={"access_token": good["token"], "expires_in": 1800})
        fits = seen.headers["Authorization"] == f"Bearer {good['token']}"
        return Said(json={}) if fits else Said(401, {"error": "invalid_token"})

    with serving(script) as server, Session(server.url, CLIENT) as session:
        for token in ("token-1", "token-2"):
            good["token"] = token
            threads = [threading.Thread(target=session.ask, args=("GET", "users/me")) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert server.count("POST") == 2
        assert sum(1 for one in server.seen if one.headers.get("Authorization") == "Bearer token-2") == 8


# --- on real sockets -------------------------------------------------------------------------------------------------


def slow(release: threading.Event) -> Any:
    def script(_: Seen) -> Said:
        release.wait(5)
        return Said(json={"ticket": {"id": 1}})

    return script


def put_by_us(session: Session) -> None:
    session.ask("PUT", "tickets/1", body={"ticket": {"status": "pending"}})


def put_by_zenpy(session: Session) -> None:
    zenpy = Zenpy(subdomain="account", domain="invalid", session=session, disable_cache=True)
    zenpy.tickets.update(ZenpyTicket(id=1, status="pending"))


@pytest.mark.parametrize("put", [put_by_us, put_by_zenpy])
def test_timed_out_write_is_sent_once(put: Callable[[Session], None]):
    """A PUT whose answer does not come in time is on the wire once, by us and by zenpy on our session."""
    release = threading.Event()
    with serving(slow(release)) as server, Session(server.url, READY, read_timeout_s=0.2) as session:
        with pytest.raises(TryLater, match="in time"):
            put(session)
        release.set()
        assert [(one.method, one.path) for one in server.seen] == [("PUT", "/api/v2/tickets/1")]


def test_dropped_connection_is_passing():
    """A connection that ends without an answer is a passing fault, and the write is not repeated."""
    with serving(lambda _: None) as server, Session(server.url, READY) as session:
        with pytest.raises(TryLater, match="connection"):
            session.ask("PUT", "tickets/1", body={})
        assert server.count("PUT") == 1


def test_refused_connection_is_passing():
    """Nobody listening is a passing fault."""
    with serving(lambda _: None) as server:
        url = server.url
    with Session(url, READY) as session, pytest.raises(TryLater):
        session.ask("GET", "users/me")


def test_unfinished_answer_is_passing():
    """An answer that ends before its announced length is a passing fault."""
    cut = Said(json=b'{"ticket": {', headers={"Content-Length": "400", "Connection": "close"})
    with serving(lambda _: cut) as server, Session(server.url, READY) as session, pytest.raises(TryLater):
        session.ask("GET", "tickets/1")


def test_redirect_is_not_followed():
    """A redirect is told and not followed, so that no token travels after it."""
    with serving(lambda _: Said(json={})) as elsewhere:
        to_there = Said(302, {}, {"Location": f"{elsewhere.url}/api/v2/users/me"})
        with serving(lambda _: to_there) as server, Session(server.url, READY) as session, pytest.raises(Declined):
            session.get("users/me")
        assert elsewhere.seen == []


def test_cookies_are_not_kept():
    """What one thread's answer sets does not travel with another thread's request."""
    said = Said(json={}, headers={"Set-Cookie": "who=one; Path=/"})
    with serving(lambda _: said) as server, Session(server.url, READY) as session:
        session.ask("GET", "users/me")
        session.ask("GET", "users/me")
        assert all("Cookie" not in one.headers for one in server.seen)


def test_pages_are_walked_by_cursor_and_by_number():
    """Both kinds of paging are followed to their end, on our host though the links name another."""

    def script(seen: Seen) -> Said:
        far = "https://renamed.zendesk.com/api/v2"
        if seen.path.startswith("/api/v2/macros"):
            more = "page%5Bafter%5D" not in seen.path
            links = {"next": f"{far}/macros.json?page%5Bafter%5D=x" if more else f"{far}/macros?page%5Bafter%5D=y"}
            return Said(json={"macros": [{"id": 1 if more else 2}], "meta": {"has_more": more}, "links": links})
        return Said(json={"groups": [{"id": 3}, None], "next_page": f"{far}/groups?page=2"})

    with serving(script) as server, Session(server.url, READY) as session:
        assert [one["id"] for one in session.each("macros", "macros")] == [1, 2]
        assert [one["id"] for one in session.each("groups", "groups")] == [3, 3]  # a link to itself ends the walk
        assert len(server.seen) == 4


def test_log_has_no_words(session: Session, desk: responses.RequestsMock, caplog: pytest.LogCaptureFixture):
    """A call leaves method, path, status and time in the log; neither query, body nor token, at any level."""
    caplog.set_level(logging.DEBUG)
    desk.get(f"{HOME}/api/v2/search", json={"results": ["Ada wrote"]})
    session.ask("GET", "search", params={"query": "Lovelace"})
    Zenpy(subdomain="account", domain="invalid", session=session, disable_cache=True).search("Lovelace", type="user")
    assert [record.name for record in caplog.records] == ["attune.zendesk"] * 2
    assert "GET /api/v2/search 200" in caplog.text
    assert not any(word in caplog.text for word in ("Lovelace", "Ada", "ready-token"))
