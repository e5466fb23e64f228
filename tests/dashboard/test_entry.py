"""Who is let in: links that open once, cookies, forms and passwords, as the gate judges them."""

from __future__ import annotations

import string
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import gate
from integration.model import NotTrusted
from tests.conftest import NOW

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NONCE = "n" * 32


@pytest.mark.parametrize("may_switch", [False, True])
def test_an_entry_says_what_was_signed(may_switch: bool) -> None:
    """A token of ours gives back its nonce, its end and what it allows, until its last second."""
    token = gate.sign_entry(KEY, NONCE, NOW, may_switch=may_switch)
    entry = gate.read_entry(token, KEY, NOW + gate.ENTRY_LIFE)
    assert (entry.nonce, entry.may_switch, entry.until) == (NONCE, may_switch, NOW + gate.ENTRY_LIFE)


def test_an_entry_grows_old() -> None:
    """A second after its end a token opens nothing."""
    token = gate.sign_entry(KEY, NONCE, NOW)
    with pytest.raises(NotTrusted, match="too old"):
        gate.read_entry(token, KEY, NOW + gate.ENTRY_LIFE + timedelta(seconds=1))


def test_an_entry_of_another_key_is_none() -> None:
    """What another installation signed opens nothing here, nor does anything without a key."""
    token = gate.sign_entry(OTHER_KEY, NONCE, NOW)
    for key in (KEY, b""):
        with pytest.raises(NotTrusted):
            gate.read_entry(token, key, NOW)


@given(place=st.integers(0, 200), sign=st.sampled_from(string.ascii_letters + string.digits + "._-"))
def test_no_sign_of_an_entry_can_be_changed(place: int, sign: str) -> None:
    """Whichever sign of a token is another, it is refused: looking cannot be turned into switching."""
    token = gate.sign_entry(KEY, NONCE, NOW)
    place %= len(token)
    changed = token[:place] + sign + token[place + 1 :]
    if changed != token:
        with pytest.raises(NotTrusted):
            gate.read_entry(changed, KEY, NOW)


def test_look_is_not_switch() -> None:
    """A token for looking with the word for switching put in its place is refused."""
    token = gate.sign_entry(KEY, NONCE, NOW).replace(".look.", ".switch.")
    with pytest.raises(NotTrusted):
        gate.read_entry(token, KEY, NOW)


@given(st.text(max_size=300))
def test_a_strangers_words_are_refused(words: str) -> None:
    """Whatever somebody makes up is no token, no cookie, no form and no password, and breaks nothing."""
    for check in (
        lambda: gate.read_entry(words, KEY, NOW),
        lambda: gate.read_visit(words, KEY),
        lambda: gate.check_press(words, "name", KEY),
    ):
        with pytest.raises(NotTrusted):
            check()
    assert not gate.right_password(words, "the real password")


def test_each_mark_is_for_one_thing() -> None:
    """A form's mark opens nothing as a cookie, another visit's form presses nothing, and a name gives no mark away."""
    cookie = gate.sign_visit("mine", KEY)
    assert gate.read_visit(cookie, KEY) == "mine"
    gate.check_press(gate.sign_press("mine", KEY), "mine", KEY)
    for given_mark, name in ((gate.sign_press("theirs", KEY), "mine"), (cookie.rpartition(".")[2], "mine")):
        with pytest.raises(NotTrusted):
            gate.check_press(given_mark, name, KEY)
    with pytest.raises(NotTrusted):
        gate.read_visit(f"mine.{gate.sign_press('mine', KEY)}", KEY)


def test_without_a_password_nobody_has_it() -> None:
    """An empty password is nobody's, not everybody's."""
    assert gate.right_password("the real password", "the real password")
    assert not gate.right_password("", "")
    assert not gate.right_password("the real passwor", "the real password")


def test_an_address_is_not_kept() -> None:
    """Tries are counted by a digest that says neither the address nor anything under another key."""
    place = gate.place_of("203.0.113.7", KEY)
    assert "203" not in place
    assert place not in (gate.place_of("203.0.113.7", OTHER_KEY), gate.place_of("203.0.113.8", KEY))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        ("no address", "no address either", False),
    ],
)
def test_a_network_of_ipv6_is_one_place(one: str, other: str, same: bool) -> None:
    """Whoever owns a network of eighteen quintillion addresses has five tries a minute, like everybody."""
    assert (gate.place_of(one, KEY) == gate.place_of(other, KEY)) is same
