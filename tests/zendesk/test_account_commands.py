"""What `flask install --take-over` and `flask rules` accept, and in which words they refuse.

It must not know how a plan is carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integration.model import Intent, Rules, Rung
from integration.store import Store
from integration.wire import resources
from tests.zendesk.conftest import TOKEN, Account, Command
from tests.zendesk.installing import install

REFUSED, WRONG_INPUT = 1, 2


@pytest.fixture
def rules(database: str) -> Iterator[Callable[[], Rules]]:
    """The rules as they stand."""
    store = Store(database)
    yield store.rules
    store.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("confidence_floor=0.29", "would let the bot answer what it is not sure of"),
        ("confidence_floor=0", "would let the bot answer what it is not sure of"),
        ("reply_channels=email,pigeon", "no such channel pigeon; there are email, web"),
        ("reply_languages=en,de", "there is no wording for replies in de; there are en"),
        ("skip_tag=", "may not be empty"),
        ("skip_tag= ", "may not be empty"),
        ("skip_tag=leave it", "a tag has no spaces"),
        ("person_word=", "may not be empty"),
        ("rungs.legal_threat=send", "never answered by a bot"),
        ("rungs.complaint=share", "never answered by a bot"),
        ("rungs.other=draft", "never answered by a bot"),
        ("sending=maybe", "write true or false"),
    ],
)
def test_a_rule_that_would_take_a_guard_away_is_refused(
    command: Command, rules: Callable[[], Rules], change: str, said: str
) -> None:
    """The rule is named with what would be right, and nothing is changed, not even what stands beside it."""
    code, spoken = command("rules", "share_percent=7", change)
    assert (code, said in spoken) == (WRONG_INPUT, True), spoken
    assert change.partition("=")[0] in spoken
    assert rules() == Rules()


@pytest.mark.parametrize(
    ("word", "meant"), [("on", True), ("off", False), ("Yes", True), ("no", False), ("true", True), ("FALSE", False)]
)
def test_a_switch_understands_plain_words(command: Command, rules: Callable[[], Rules], word: str, meant: bool) -> None:
    """On, yes and true are one, off, no and false the other."""
    assert command("rules", f"sending={'off' if meant else 'on'}")[0] == 0
    assert command("rules", f"sending={word}")[0] == 0
    assert rules().sending is meant


def test_rules_that_make_sense_are_kept(command: Command, rules: Callable[[], Rules]) -> None:
    """The edges of what is allowed are allowed, and a word that looks like a switch stays a word elsewhere."""
    code, said = command(
        "rules",
        "confidence_floor=0.3",
        "reply_channels=Email, chat",
        "rungs.complaint=tag",
        "rungs.legal_threat=observe",
        "rungs.thanks=send",
        "person_word=no",
        "skip_tag= quiet ",
    )
    assert code == 0, said
    now = rules()
    assert (now.confidence_floor, now.person_word, now.skip_tag) == (0.3, "no", "quiet")
    assert now.reply_channels == {"email", "chat"}
    assert now.rung(Intent.COMPLAINT) is Rung.TAG
    assert now.rung(Intent.THANKS) is Rung.SEND


def test_another_attune_is_taken_over_only_by_name(
    command: Command, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain `flask install` refuses and says how to go on; `--take-over` goes on."""
    install(account, "https://production.example")
    monkeypatch.setenv("ZENDESK_URL", account.served.url)
    monkeypatch.setenv("ZENDESK_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("PUBLIC_URL", "https://staging.example")
    code, said = command("install", "--yes")
    assert (code, "flask install --take-over" in said) == (REFUSED, True), said
    assert account.thing(resources.WEBHOOK_KEY)["endpoint"].startswith("https://production.example")
    code, said = command("install", "--yes", "--take-over")
    assert code == 0, said
    assert account.thing(resources.WEBHOOK_KEY)["endpoint"].startswith("https://staging.example")
