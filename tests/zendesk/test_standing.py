"""What the survey makes of accounts that lack an endpoint or do not know us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from integration.model import Refused
from integration.wire import resources
from integration.zendesk import ReadyToken, Session, setup
from integration.zendesk.doctor import Level, examine
from integration.zendesk.standing import Standing, survey
from tests.conftest import NOW
from tests.zendesk.loopback import Said, Script, Seen, serving

KNOWN = {"user": {"id": 7, "role": "admin", "name": "Support assistant"}}


def answering(answers: Mapping[str, Any]) -> Script:
    """A script that knows these paths below /api/v2 (an int is a status), lists nothing else, and says so."""

    def script(seen: Seen) -> Said:
        path = seen.path.partition("?")[0].removeprefix("/api/v2/")
        said = answers.get(path, {path: [], "meta": {"has_more": False}})
        return Said(said, {"error": "RecordNotFound"}) if isinstance(said, int) else Said(200, said)

    return script


def surveyed(answers: Mapping[str, Any]) -> Standing:
    """The survey of such an account."""
    with serving(answering({"users/me": KNOWN, **answers})) as account:
        return survey(Session(account.url, ReadyToken(token="any")))


def roles(*values: str) -> dict[str, Any]:
    """Trigger definitions that know the updater's role by these values, and nothing else."""
    role = {"subject": "role", "values": [{"value": value, "title": value} for value in values]}
    return {"triggers/definitions": {"definitions": {"conditions_all": [role]}}}


def test_an_account_without_categories_memberships_and_definitions_is_surveyed() -> None:
    """Endpoints that came late or need another plan may be missing; the usual words are taken for the rest."""
    found = surveyed({"trigger_categories": 404, "group_memberships": 404, "triggers/definitions": 404})
    assert found.account == resources.Account(self_id="7", has_categories=False, has_ratings=True)
    assert found.of(resources.MEMBERSHIP) == ()


def test_a_list_that_may_not_be_read_is_no_empty_list() -> None:
    """Taking "not allowed" for "nothing there" would make everything a second time."""
    with pytest.raises(Refused):
        surveyed({"trigger_categories": 403})
    with pytest.raises(Refused):
        surveyed({"macros": 404})


@pytest.mark.parametrize(
    ("values", "end_user", "agent"),
    [
        (("all", "end_user", "agent", "901"), "end_user", "agent"),
        (("agent", "end-user"), "end-user", "agent"),
        (("901", "902"), "end_user", "agent"),
    ],
)
def test_the_updaters_role_is_written_as_the_account_writes_it(
    values: tuple[str, ...], end_user: str, agent: str
) -> None:
    """The accepted values are read from the account, since no page of Zendesk's names them for sure."""
    account = surveyed(roles(*values)).account
    assert (account.end_user_role, account.agent_role) == (end_user, agent)


def test_without_customer_satisfaction_no_trigger_on_ratings_is_wanted() -> None:
    """An account whose triggers know no satisfaction would refuse it."""
    assert surveyed(roles("end_user")).account.has_ratings is False


def test_an_anonymous_answer_means_wrong_credentials() -> None:
    """Zendesk answers an unknown caller with an anonymous user: install stops, and doctor says why."""
    script = answering({"users/me": {"user": {"id": None, "name": "Anonymous user"}}})
    with serving(script) as account, Session(account.url, ReadyToken(token="any")) as session:
        with pytest.raises(Refused, match="ZENDESK_CLIENT_ID"):
            setup.plan(session, (), public_url="https://attune.example")
        [found] = examine(session, (), public_url="https://attune.example", stored_secret="", clock=lambda: NOW)
    assert (found.check, found.level) == ("credentials", Level.PROBLEM)
    assert "ZENDESK_CLIENT_ID" in found.what_to_do
