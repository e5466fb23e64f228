"""The stream of sample tickets: its pace, its end, its switch on the queue's page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox import streaming
from sandbox.api.here import Desk
from sandbox.errors import forbidden
from sandbox.streaming import Stream
from tests.sandbox.browsing import app, client, csrf, desk, page

__all__ = ["app", "client", "desk"]

PATIENCE_S = 5.0
ROWS = [{"id": str(number)} for number in range(3)]


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Paces that a test can wait for."""
    monkeypatch.setattr(streaming, "PACES_S", (0, 60))
    return


def test_it_writes_all_in_order_and_ends(quick: None) -> None:
    """Each ticket is written once, in the file's order; then it is over, and a start begins anew."""
    written: list[Any] = []
    stream = Stream(ROWS, written.append)
    assert (stream.progress().running, stream.progress().left) == (False, 3)
    stream.start(0)
    until(lambda: not stream.progress().running)
    assert (written, stream.progress().left) == (ROWS, 0)
    stream.start(0)
    until(lambda: len(written) == 6)
    stream.stop()


def test_it_stops_at_once_and_goes_on_where_it_was(quick: None) -> None:
    """A stop does not wait for the next ticket, and what is left is written after the next start."""
    written: list[Any] = []
    stream = Stream(ROWS, written.append)
    stream.start(60)
    until(lambda: stream.progress().left == 2)
    assert stream.progress().running
    stream.start(60)  # a second press starts no second stream
    began = time.monotonic()
    stream.stop()
    assert time.monotonic() - began < 1
    assert (stream.progress().running, written) == (False, ROWS[:1])
    stream.start(0)
    until(lambda: written == ROWS)
    stream.stop()


def test_a_ticket_that_is_refused_ends_it_with_a_reason(quick: None) -> None:
    """The stream says at which sample it stopped and why, without the sample's words."""

    def refuse(row: Any) -> None:
        raise forbidden()

    stream = Stream([{"id": "w1", "body": "private words"}], refuse)
    stream.start(0)
    until(lambda: bool(stream.progress().trouble))
    until(lambda: not stream.progress().running)
    assert stream.progress().trouble == "It stopped at sample w1, which the desk refused (403)."
    assert stream.progress().left == 1


def test_a_pace_that_is_not_offered_is_refused() -> None:
    """Nobody makes the desk write without a pause."""
    with pytest.raises(ValueError, match="5, 15, 60"):
        Stream(ROWS, print).start(1)


def test_the_switch_on_the_queue(client: FlaskClient, desk: Desk) -> None:
    """Start writes customers' tickets and the page shows how many are left; stop ends it; both need the token."""
    assert "41 of 41 left" in page(client, "/desk/").select_one("#stream").text  # type: ignore[union-attr]
    token = csrf(client)
    assert client.post("/desk/stream", data={"every": "60"}).status_code == 400
    assert client.post("/desk/stream", data={"csrf": token, "every": "1"}).status_code == 400
    assert desk.state.list("ticket") == []
    assert client.post("/desk/stream", data={"csrf": token, "every": "60"}).status_code == 303
    until(lambda: desk.stream.progress().left == 40)
    shown = page(client, "/desk/").select_one("#stream")
    assert shown is not None
    assert "40 of 41 left" in " ".join(shown.text.split())
    assert len(desk.state.list("ticket")) == 1
    client.post("/desk/stream", data={"csrf": token, "do": "stop"})
    assert not desk.stream.progress().running
    assert "sample-stream" not in {one.name for one in threading.enumerate()}
