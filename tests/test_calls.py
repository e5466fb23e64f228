"""Which calls of the app are trusted: signed as they must be, for this account, now; and every other way is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from integration import gate
from integration.model import NotTrusted

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "s" * 40
ACCOUNT = "https://acme.zendesk.com"
CLAIMS = {"iss": ACCOUNT, "aud": "attune", "sub": "5", "ticket": "42", "exp": int(NOW.timestamp()) + 120}


def token(secret: str = SECRET, **claims: Any) -> str:
    """A token with these claims in place of the good ones; None leaves one out."""
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return jwt.encode(said, secret, algorithm="HS256")


def part(value: Any) -> str:
    """One part of a token, of anything that JSON can write."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def by_hand(header: Any, claims: Any, secret: str = SECRET) -> str:
    """A token signed with HMAC-SHA256, whatever it says of itself."""
    said = f"{part(header)}.{part(claims)}"
    mark = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
    return f"{said}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


def check(given_token: str, secret: str = SECRET, account: str = ACCOUNT, now: datetime = NOW) -> gate.Call:
    return gate.check_call(given_token, secret, account, now)


def test_a_good_call() -> None:
    """What the proxy signs for our app names an agent and a ticket, or no ticket for the dashboard."""
    assert check(token()) == gate.Call(agent_id=5, ticket_id=42)
    assert check(token(ticket="")) == gate.Call(agent_id=5, ticket_id=None)
    assert check(token(iat=int(NOW.timestamp()) + 5, more="is not looked at")).agent_id == 5


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": "1795262400"},
        {"exp": True},
        {"exp": -1},
        {"exp": 10**400},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": [1]},
        {"exp": int(NOW.timestamp()) - 1},
        {"exp": int(NOW.timestamp()) + 601},
        {"exp": int(NOW.timestamp()) + 10**9},
        {"iss": None},
        {"iss": "https://other.zendesk.com"},
        {"iss": ACCOUNT + "/"},
        {"iss": ""},
        {"aud": None},
        {"aud": "other"},
        {"aud": ["attune", "other"]},
        {"sub": None},
        {"sub": ""},
        {"sub": "0"},
        {"sub": "-5"},
        {"sub": "5 "},
        {"sub": "٥"},
        {"sub": "5" * 40},
        {"ticket": None},
        {"ticket": "42\n"},
        {"ticket": "../43"},
        {"ticket": "0042"},
    ],
    ids=str,
)
def test_claims_that_are_refused(claims: dict[str, Any]) -> None:
    """Too old, too long, of another account or for somebody else, or with an id that is none: never trusted."""
    with pytest.raises(NotTrusted):
        check(
            by_hand({"alg": "HS256", "typ": "JWT"}, {**CLAIMS, **claims})
            if None not in claims.values()
            else token(**claims)
        )


@pytest.mark.parametrize(
    "claims", [{"sub": 5}, {"ticket": 42}, {"ticket": ["42"]}, {"iss": [ACCOUNT]}, {"sub": {"id": 5}}]
)
def test_claims_of_another_type(claims: dict[str, Any]) -> None:
    """Only text is an id: a number or a list is not taken for one."""
    with pytest.raises(NotTrusted):
        check(by_hand({"alg": "HS256", "typ": "JWT"}, {**CLAIMS, **claims}))


def test_other_signatures() -> None:
    """No algorithm, another one, another key, a key made public as a secret, or a token taken apart: never trusted."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    good = token()
    head, body, mark = good.split(".")
    forged = [
        f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        f"{part({'alg': 'None'})}.{body}.{mark}",
        jwt.encode(CLAIMS, private, algorithm="RS256"),
        by_hand({"alg": "RS256"}, CLAIMS, public.decode()),
        jwt.encode(CLAIMS, SECRET * 2, algorithm="HS384"),
        jwt.encode(CLAIMS, SECRET * 2, algorithm="HS512"),
        by_hand({"alg": "HS256", "crit": ["exp"]}, CLAIMS),
        by_hand({"alg": "HS256", "b64": False, "crit": ["b64"]}, CLAIMS),
        token(secret="t" * 40),
        f"{head}.{part({**CLAIMS, 'ticket': '43'})}.{mark}",
        f"{head}.{body}",
        f"{head}.{body}.",
        good + "x",
        by_hand({"alg": "HS256"}, [1, 2]),
        by_hand({"alg": "HS256"}, "text"),
        "",
        "..",
        "a.b.c",
        "é.ü.ö",
        "x" * 5000,
    ]
    for one in forged:
        with pytest.raises(NotTrusted):
            check(one)


@pytest.mark.parametrize(("secret", "account"), [("", ACCOUNT), ("short", ACCOUNT), (SECRET, "")])
def test_nothing_is_trusted_without_secret_or_account(secret: str, account: str) -> None:
    """An empty or guessable secret, or no account, opens the door to nobody."""
    with pytest.raises(NotTrusted):
        check(by_hand({"alg": "HS256"}, {**CLAIMS, "iss": account}, secret), secret, account)


@settings(deadline=None)  # a loaded machine is no fault
@given(st.integers(-1000, 2000))
def test_the_window(seconds: int) -> None:
    """A call holds until its end, and none that would hold for more than ten minutes is taken."""
    late = token(exp=int(NOW.timestamp()) + seconds)
    if 0 <= seconds <= timedelta(minutes=10).total_seconds():
        assert check(late).ticket_id == 42
    else:
        with pytest.raises(NotTrusted):
            check(late)


@settings(deadline=None)  # a loaded machine is no fault
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_in_a_tokens_place(text: str) -> None:
    """Whatever stands in the header, it is refused and nothing breaks."""
    with pytest.raises(NotTrusted):
        check(text)


@pytest.mark.parametrize("since", [-700, 61, "soon", True, -1e12])
def test_a_token_made_ahead(since: Any) -> None:
    """One that says when it was signed is judged by its whole life, so that nobody who leaves takes tokens along."""
    moment = NOW.timestamp() + since if isinstance(since, int | float) and since is not True else since
    with pytest.raises(NotTrusted):
        check(by_hand({"alg": "HS256", "typ": "JWT"}, {**CLAIMS, "exp": NOW.timestamp() + 60, "iat": moment}))
    assert check(token(exp=int(NOW.timestamp()) + 60, iat=int(NOW.timestamp()) - 60)).ticket_id == 42
