"""`flask autonomy` and the packs, as an admin types them: what is shown, set, and refused in which words.

It must not need an account: how far Attune may go is looked at and changed without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integration.model import Intent, Mover, Rules, Rung
from integration.store import Store
from tests.zendesk.conftest import Command

WRONG_INPUT = 2


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """What the commands leave behind."""
    found = Store(database)
    yield found
    found.close()


@pytest.fixture
def told(command: Command) -> Callable[..., str]:
    """Run a command that goes well."""

    def run(*words: str) -> str:
        code, spoken = command(*words)
        assert code == 0, spoken
        return spoken

    return run


def row(spoken: str, intent: str) -> str:
    """The table's line of one intent."""
    return next(line for line in spoken.splitlines() if line.split()[:1] == [intent])


def test_a_fresh_desk_is_shown(told: Callable[..., str]) -> None:
    """Each routine intent with its rung and what it would take; nothing was moved yet."""
    shown = told("autonomy")
    assert "draft" in row(shown, "order_status")
    assert "share: 50 more drafts" in row(shown, "order_status")
    assert "yours to decide" in row(shown, "how_to")
    assert "complaint" not in shown
    assert "stopped" not in shown


def test_a_rung_is_set_with_its_reason(told: Callable[..., str], store: Store) -> None:
    """Who moved it, from where, when and why is kept and shown."""
    assert "order_status is on the rung share" in told("autonomy", "set", "order_status", "share", "--because", "calm")
    last = store.autonomy.steps()[Intent.ORDER_STATUS]
    assert (last.was, last.is_now, last.by, last.because) == (Rung.DRAFT, Rung.SHARE, Mover.ADMIN, "calm")
    shown = told("autonomy")
    assert "an admin" in row(shown, "order_status")
    assert "order_status: draft → share by an admin: calm" in shown


def test_a_fall_is_shown_and_lifted(told: Callable[..., str], store: Store) -> None:
    """Attune is named as who moved it; what an admin then sets holds."""
    told("autonomy", "set", "order_status", "send")
    last = store.autonomy.steps()[Intent.ORDER_STATUS]
    store.autonomy.move(
        Intent.ORDER_STATUS, Rung.SEND, Rung.DRAFT, by=Mover.LADDER, because="danger", now=last.at, after=last
    )
    assert "order_status: send → draft by Attune: danger" in told("autonomy")
    assert "order_status: draft" in told("rules")
    told("rules", "rungs.how_to=draft")
    assert store.rules().rung(Intent.ORDER_STATUS) is Rung.DRAFT
    told("rules", "rungs.order_status=send")
    assert store.rules().rung(Intent.ORDER_STATUS) is Rung.SEND


def test_one_switch_stops_and_starts(told: Callable[..., str], store: Store) -> None:
    """Stop and start turn `sending`, and say what that means."""
    told("autonomy", "set", "how_to", "send")
    assert "No automated reply goes out" in told("autonomy", "stop")
    assert store.rules().sending is False
    assert "All sending is stopped" in told("autonomy")
    assert "All sending is stopped" in told("autonomy", "set", "how_to", "share")
    assert "Answered by itself: how_to" in told("autonomy", "start")
    assert store.rules().sending is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("autonomy", "set", "complaint", "send"), "never answered by a bot"),
        (("autonomy", "set", "order_status", "fly"), "is not one of"),
        (("autonomy", "set", "no_such", "send"), "is not one of"),
        (("rules", "pack=bakery"), "there is no pack bakery; there are fintech, ecommerce, saas"),
        (("rules", "ceilings=x"), "follow from the pack"),
        (("rules", "ways_out_percent=101"), "write a number from 0 to 100"),
        (("rules", "least_replies=0"), "write a number from 1 to 10000"),
    ],
)
def test_what_cannot_be_is_refused(command: Command, store: Store, words: tuple[str, ...], said: str) -> None:
    """In words that say what would be right; nothing is changed."""
    code, spoken = command(*words)
    assert (code, said in spoken) == (WRONG_INPUT, True), spoken
    assert store.rules() == Rules()


@pytest.mark.parametrize(
    "words", [("autonomy", "set", "account_update", "send"), ("rules", "rungs.account_update=send")]
)
def test_a_ceiling_wins_and_says_so(
    command: Command, told: Callable[..., str], store: Store, words: tuple[str, ...]
) -> None:
    """A rung above the pack's ceiling is refused with the reason, and one that stood before is held down."""
    told("rules", "rungs.password_reset=send")
    assert "pack" in told("rules", "pack=fintech")
    assert store.rules().rung(Intent.PASSWORD_RESET) is Rung.DRAFT
    code, spoken = command(*words)
    assert (code, "at most draft with the pack fintech" in spoken) == (WRONG_INPUT, True), spoken
    assert "fear for money, fraud, blocked cards and hardship are for people" in " ".join(spoken.split())
    assert "as high as the pack fintech allows" in row(told("autonomy"), "password_reset")
    told("rules", "pack=none")
    assert store.rules().rung(Intent.PASSWORD_RESET) is Rung.SEND
