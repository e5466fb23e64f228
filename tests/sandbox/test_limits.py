"""Rate limits under a clock that the tests turn.
They know Zendesk's published numbers and headers, never how the counting is done."""

from __future__ import annotations

import json

import pytest

from sandbox.limits import PLANS, Limits


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


def allowed(limits: Limits, times: int, *args: object) -> int:
    return sum(limits.take(*args).retry_after is None for _ in range(times))  # type: ignore[arg-type] # test shorthand


@pytest.mark.parametrize(("plan", "number"), [(plan, number) for plan, number in PLANS.items()])
def test_account_limit_by_plan(clock: Clock, plan: str, number: int) -> None:
    """Each plan lets its number of requests through in a minute, and as many again in the next."""
    limits = Limits(plan, now=clock)
    assert allowed(limits, number + 5) == number
    clock.at += 60
    assert allowed(limits, 1) == 1


@pytest.mark.parametrize(
    ("plan", "number"), [("professional", 100), ("sandbox", 20), ("trial", 20), ("high_volume", 300)]
)
def test_ticket_updates_by_plan(clock: Clock, plan: str, number: int) -> None:
    """Ticket updates have a smaller number for the account, whoever makes them on whatever ticket."""
    limits = Limits(plan, now=clock, account=10_000)
    assert sum(limits.take("tickets_update", 1, ticket).retry_after is None for ticket in range(number + 5)) == number


def test_updates_of_one_ticket_by_one_user(clock: Clock) -> None:
    """Thirty updates in ten minutes are one user's share of one ticket; others have their own."""
    limits = Limits(now=clock, tickets_update=1000)
    assert allowed(limits, 40, "tickets_update", 1, 42) == 30
    assert allowed(limits, 1, "tickets_update", 2, 42) == 1
    assert allowed(limits, 1, "tickets_update", 1, 43) == 1
    clock.at += 599
    refused = limits.take("tickets_update", 1, 42)
    assert refused.retry_after == 1
    clock.at += 1
    assert allowed(limits, 1, "tickets_update", 1, 42) == 1


@pytest.mark.parametrize(
    ("endpoint", "number"),
    [
        ("incremental", 10),
        ("search_export", 100),
        ("tickets_index", 100),
        ("views_count_many", 6),
        ("views_execute", 5),
    ],
)
def test_endpoint_limit(clock: Clock, endpoint: str, number: int) -> None:
    """Endpoints with numbers of their own refuse beyond them while other requests go on."""
    limits = Limits(now=clock)
    assert allowed(limits, number + 3, endpoint, 1, 5) == number
    assert allowed(limits, 1) == 1


def test_views_are_counted_for_each_view_and_agent(clock: Clock) -> None:
    """Executing one view too often does not close another view, nor the same one to a colleague."""
    limits = Limits(now=clock)
    assert allowed(limits, 6, "views_execute", 1, 5) == 5
    assert allowed(limits, 1, "views_execute", 1, 6) == 1
    assert allowed(limits, 1, "views_execute", 2, 5) == 1


def test_headers_of_an_allowed_request(clock: Clock) -> None:
    """The answer says what is left of the account's and of the endpoint's numbers."""
    limits = Limits(now=clock)
    limits.take()
    clock.at += 12.5
    headers = limits.take("tickets_update", 1, 42).headers
    assert headers == {
        "X-Rate-Limit": "400",
        "X-Rate-Limit-Remaining": "398",
        "ratelimit-limit": "400",
        "ratelimit-remaining": "398",
        "ratelimit-reset": "48",
        "Zendesk-RateLimit-tickets-update": "total=100; remaining=99; resets=60",
        "Zendesk-RateLimit-per-ticket-updates": "total=30; remaining=29; resets=600",
    }


def test_refusal(clock: Clock) -> None:
    """A refusal is JSON with the seconds to wait, and takes nothing from any number."""
    limits = Limits(now=clock, incremental=1)
    limits.take("incremental")
    clock.at += 20.2
    refused = limits.take("incremental")
    assert (refused.retry_after, refused.headers["Retry-After"]) == (40, "40")
    assert json.loads(refused.body)["error"] == "APIRateLimitExceeded"
    assert refused.headers["ratelimit-remaining"] == "399"


def test_some_refusals_are_plain_text(clock: Clock) -> None:
    """As in life a refusal may be plain text; here exactly each n-th is."""
    limits = Limits(now=clock, account=0, plain_text_every=3)
    kinds = [limits.take().content_type.split(";")[0] for _ in range(6)]
    assert kinds == ["application/json", "application/json", "text/plain"] * 2


def test_numbers_change_while_it_runs(clock: Clock) -> None:
    """A raised number lets the next request through at once, and all numbers can be read back."""
    limits = Limits(now=clock, account=1)
    assert allowed(limits, 2) == 1
    limits.set({"account": 3})
    assert allowed(limits, 9) == 2
    assert limits.as_dict()["account"] == 3
    limits.reset()
    assert allowed(limits, 9) == 3


@pytest.mark.parametrize("numbers", [{"acount": 1}, {"account": -1}, {"account": "9"}, {"account": True}])
def test_wrong_numbers_are_refused_whole(clock: Clock, numbers: dict[str, object]) -> None:
    """A wrong name or number changes nothing, not even what was right beside it."""
    limits = Limits(now=clock)
    before = limits.as_dict()
    with pytest.raises(ValueError, match="limits"):
        limits.set({"incremental": 99, **numbers})
    assert limits.as_dict() == before


def test_unknown_plan_is_refused() -> None:
    """A plan that Zendesk does not sell is an error at once."""
    with pytest.raises(ValueError, match="plan must be one of"):
        Limits("platinum")


def test_ended_windows_are_forgotten(clock: Clock) -> None:
    """Ten thousand tickets do not stay in memory once their windows have ended, and counting stays right."""
    limits = Limits(now=clock, account=10**6, tickets_update=10**6)
    for ticket in range(10_001):
        limits.take("tickets_update", 1, ticket)
    clock.at += 1201
    limits.take("tickets_update", 1, 1)
    assert len(limits._windows) < 10
    assert allowed(limits, 30, "tickets_update", 1, 1) == 29
