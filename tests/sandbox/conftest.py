"""A desk in memory for the tests of its API.

It must not start the engine: nothing is delivered here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.app import create_app
from sandbox.settings import SandboxSettings
from tests.sandbox.caller import READY, Api, Clock


@pytest.fixture
def clock() -> Clock:
    """A Monday morning."""
    return Clock()


@pytest.fixture
def settings() -> SandboxSettings:
    """A desk in memory, with a token that is always good."""
    return SandboxSettings(db_path=":memory:", ready_token=READY, public_url="http://localhost")


@pytest.fixture
def api(settings: SandboxSettings, clock: Clock) -> Iterator[Api]:
    """The integration at a fresh desk. Nothing is delivered: the engine's courier was not started."""
    app = create_app(settings, clock=clock)
    yield Api(app, clock)
    app.extensions["sandbox"].state.close()
