"""The link to a person: what is let in, and that nothing can be guessed, altered, or used elsewhere or too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import gate
from integration.model import NotTrusted

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEY, ACCOUNT = b"k" * 32, "https://acme.zendesk.com"
LINK = gate.Link(ticket_id=42, message_id=7, until=NOW + gate.LINK_LIFE, language="de")
TOKEN = gate.sign_link(LINK, KEY, ACCOUNT)

ids = st.integers(min_value=1, max_value=10**18 - 1)
links = st.builds(
    gate.Link,
    ticket_id=ids,
    message_id=ids,
    until=st.integers(min_value=1, max_value=9_999_999_999).map(lambda at: datetime.fromtimestamp(at, UTC)),
    language=st.sampled_from(["en", "de", "es", "fr", "pt"]),
)


@given(links, st.binary(min_size=16, max_size=64))
def test_what_we_signed_is_read_as_it_was(link: gate.Link, key: bytes) -> None:
    """Every link comes back from its token until its last second, and not after it."""
    token = gate.sign_link(link, key, ACCOUNT)
    assert gate.read_link(token, key, ACCOUNT, link.until) == link
    with pytest.raises(NotTrusted):
        gate.read_link(token, key, ACCOUNT, link.until + timedelta(seconds=1))


@given(st.integers(min_value=0, max_value=len(TOKEN) - 1), st.characters())
def test_one_other_character_is_another_link(place: int, letter: str) -> None:
    """A token with any one character changed is refused: each of them counts, also the last."""
    altered = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if altered == TOKEN:
        return
    with pytest.raises(NotTrusted):
        gate.read_link(altered, KEY, ACCOUNT, NOW)


@given(st.text(max_size=120))
def test_anything_else_is_refused(token: str) -> None:
    """Whatever stands where a token should is refused, and nothing else happens."""
    with pytest.raises(NotTrusted):
        gate.read_link(token, KEY, ACCOUNT, NOW)


@pytest.mark.parametrize(
    ("token", "key", "account"),
    [
        (TOKEN, b"x" * 32, ACCOUNT),
        (TOKEN, b"", ACCOUNT),
        (TOKEN, KEY, "https://other.zendesk.com"),
        (TOKEN.replace("42.", "43.", 1), KEY, ACCOUNT),
        (TOKEN.replace("42.7.", "427.", 1), KEY, ACCOUNT),
        ("0" + TOKEN, KEY, ACCOUNT),
        (TOKEN + "=", KEY, ACCOUNT),
        (TOKEN + "\n", KEY, ACCOUNT),
        (TOKEN.rpartition(".")[0] + ".", KEY, ACCOUNT),
    ],
    ids=["key", "no key", "account", "ticket", "dots", "zero", "padding", "line", "no mark"],
)
def test_links_of_others_are_refused(token: str, key: bytes, account: str) -> None:
    """Another key, account or ticket, and every second spelling of the same, is not a link of ours."""
    with pytest.raises(NotTrusted):
        gate.read_link(token, key, account, NOW)


def test_a_link_says_nothing_about_anybody() -> None:
    """Numbers, a language and a mark are all that stand in an address."""
    assert TOKEN.startswith(f"42.7.{int(LINK.until.timestamp())}.de.")
    assert len(TOKEN) < 100


@pytest.mark.parametrize(
    ("form", "token", "after"),
    [
        (gate.sign_form(TOKEN, KEY, NOW), TOKEN, gate.FORM_LIFE + timedelta(seconds=1)),
        (gate.sign_form(TOKEN, KEY, NOW), TOKEN, -timedelta(minutes=1)),
        (gate.sign_form("another", KEY, NOW), TOKEN, timedelta()),
        (gate.sign_form(TOKEN, b"x" * 32, NOW), TOKEN, timedelta()),
        ("", TOKEN, timedelta()),
        ("1.é", TOKEN, timedelta()),
        (f"{int(NOW.timestamp())}." + TOKEN.rpartition(".")[2], TOKEN, timedelta()),
    ],
    ids=["old", "early", "another link", "another key", "none", "letters", "the link's own mark"],
)
def test_forms_that_no_page_of_the_link_gave(form: str, token: str, after: timedelta) -> None:
    """A press counts only from a page of the same link that was opened within a day."""
    with pytest.raises(NotTrusted):
        gate.check_form(form, token, KEY, NOW + after)


def test_a_form_counts_for_a_day() -> None:
    """The form of an opened page may be sent until a day later."""
    form = gate.sign_form(TOKEN, KEY, NOW)
    gate.check_form(form, TOKEN, KEY, NOW)
    gate.check_form(form, TOKEN, KEY, NOW + gate.FORM_LIFE - timedelta(seconds=1))
