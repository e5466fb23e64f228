"""The fault switches: what they refuse, what they touch, and that they repeat themselves.
They know only the public switches."""

from __future__ import annotations

import pytest

from sandbox.faults import Faults


def test_at_rest_nothing_happens() -> None:
    """A new desk makes no trouble."""
    faults = Faults()
    assert all(faults.before_request("GET", "/api/v2/tickets") is None for _ in range(100))
    assert all(faults.after_request("PUT", "/api/v2/tickets/1") is None for _ in range(100))
    assert faults.on_delivery().delays_s == (0.0,)


def test_errors_touch_only_the_paths_and_methods_named() -> None:
    """With a rate of one every named request fails, as told, and no other does."""
    faults = Faults()
    faults.set(
        {"api_error_rate": 1.0, "api_error_status": 503, "api_error_retry_after_s": 7, "only_paths": "/api/v2/tickets",
         "only_methods": "put post"}
    )  # fmt: skip
    answer = faults.before_request("PUT", "/api/v2/tickets/1")
    assert answer is not None
    assert (answer.status, answer.headers) == (503, {"Retry-After": "7"})
    assert faults.before_request("GET", "/api/v2/tickets/1") is None
    assert faults.before_request("PUT", "/api/v2/users/1") is None


def test_an_error_may_speak_plain_text() -> None:
    """Some of Zendesk's refusals are no JSON; the switch makes them so."""
    faults = Faults()
    faults.set({"api_error_rate": 1, "api_error_status": 429, "api_error_text": "Too many requests"})
    answer = faults.before_request("GET", "/x")
    assert answer is not None
    assert (answer.status, answer.text) == (429, "Too many requests")


def test_dropped_answer_comes_after_the_work() -> None:
    """A dropped answer lets the request be carried out and hides it behind a 504."""
    faults = Faults()
    faults.set({"api_drop_answer_rate": 1})
    assert faults.before_request("PUT", "/x") is None
    answer = faults.after_request("PUT", "/x")
    assert answer is not None
    assert answer.status == 504


def test_latency_is_waited_for() -> None:
    """The latency is slept before the request is looked at."""
    slept: list[float] = []
    faults = Faults(sleep=slept.append)
    faults.set({"api_latency_s": 0.25})
    faults.before_request("GET", "/x")
    assert slept == [0.25]


def test_same_seed_same_troubles() -> None:
    """The same seed gives the same row of failures, another seed another row, at about the rate asked for."""

    def row(seed: int) -> list[bool]:
        faults = Faults()
        faults.set({"api_error_rate": 0.3, "seed": seed})
        return [faults.before_request("GET", "/x") is not None for _ in range(400)]

    assert row(1) == row(1)
    assert row(1) != row(2)
    assert 80 < sum(row(1)) < 160


@pytest.mark.parametrize(
    ("switches", "times"),
    [({"delivery_drop_rate": 1.0}, 0), ({"delivery_duplicate_rate": 1.0}, 2), ({"delivery_delay_s": 3}, 1)],
)
def test_deliveries(switches: dict[str, float], times: int) -> None:
    """A delivery is lost, doubled or late as told."""
    faults = Faults()
    faults.set(switches)
    fault = faults.on_delivery()
    assert fault.delays_s == (float(switches.get("delivery_delay_s", 0)),) * times


def test_shuffled_deliveries_overtake_each_other() -> None:
    """With shuffling on, the times by which deliveries start are not in the order they were made."""
    faults = Faults()
    faults.set({"delivery_shuffle": True, "delivery_shuffle_s": 1.0})
    delays = [faults.on_delivery().delays_s[0] for _ in range(50)]
    assert delays != sorted(delays)
    assert all(0 <= delay <= 1 for delay in delays)


@pytest.mark.parametrize(
    "switches",
    [
        {"api_latencys": 1}, {"api_error_rate": 1.1}, {"api_error_rate": -0.1}, {"api_error_rate": "1"},
        {"api_error_status": 200}, {"api_error_status": 500.5}, {"delivery_shuffle": 1}, {"only_paths": None},
        {"delivery_delay_s": True},
    ],
)  # fmt: skip
def test_wrong_switches_are_refused_whole(switches: dict[str, object]) -> None:
    """A wrong name, type or number changes nothing, not even what was right beside it."""
    faults = Faults()
    with pytest.raises(ValueError, match=r"fault|cannot be|must be"):
        faults.set({"api_latency_s": 9.0, **switches})
    assert faults.as_dict() == Faults().as_dict()


def test_clear_turns_everything_off() -> None:
    """What was turned can be read, and cleared at once."""
    faults = Faults()
    faults.set({"api_error_rate": 1, "delivery_shuffle": True})
    assert faults.as_dict()["delivery_shuffle"] is True
    faults.clear()
    assert faults.as_dict() == Faults().as_dict()
