"""The app's own files in a real browser, over a server that answers as the contract of the sidebar says.

It must not know Attune's own server: its slice has tests of its own, and both together are tried on the desk.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, abort, request
from playwright.sync_api import Browser, Page, expect

from integration.zendesk import app_package
from integration.zendesk.app_lint import SDK
from tests.access import judge
from tests.e2e.test_browser import browser

__all__ = ["browser"]

HERE = Path(__file__).parent
# As narrow and as high as Zendesk's sidebar on a small screen, in CSS pixels.
SIDEBAR: Any = {"width": 320, "height": 500}
TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "png": "image/png", "svg": "image/svg+xml"}
# Zendesk's own page around the app has rules that nobody outside can see; these are as strict as an app's can be.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"


@dataclass
class Server:
    """What the server answers, and what it was asked."""

    glance: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(GLANCE))
    advice: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200  # of every answer
    delay_s: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    place: str = ""
    leads_to: str = ""  # where the link to the dashboard leads, if not to this server

    def paths(self) -> list[str]:
        """What was asked, in order: method and path."""
        return [f"{one['type']} {one['url'].removeprefix(self.place)}" for one in self.asked]

    def asked_in_all(self, times: int, within_s: float = 10.0) -> list[str]:
        """`paths` once so much was asked: what the app asks after it has drawn comes a moment later."""
        deadline = time.monotonic() + within_s
        while len(self.asked) < times and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.paths()

    def answer(self, options: dict[str, Any]) -> Response:
        """The answer to a call that came through the proxy."""
        self.asked.append(options)
        time.sleep(self.delay_s)
        if self.status != 200:
            return Response('{"error": "x", "description": "no"}', self.status, mimetype="application/json")
        path = options["url"].removeprefix(self.place)
        body = json.loads(options.get("data", "{}"))
        if path.endswith("/corrections"):
            return _json({**self._corrected(body), "at": "2026-03-02T09:30:00+00:00", "says": STORED})
        if path.endswith("/draft"):
            return _json({"advice": self.advice})
        if path == "/sidebar/enter":
            return _json({"url": f"{self.leads_to or self.place}/dashboard/enter/once"})
        return _json(self.glance)

    def _corrected(self, body: dict[str, Any]) -> dict[str, Any]:
        """A correction changes what the next glance says, as on the real server."""
        label, value = body["label"], body["value"]
        if label == "answer":
            was, self.glance["verdict"] = self.glance["verdict"], value
        else:
            read = self.glance["reading"][label]
            was = read["value"]
            read.update(value=value, corrected_from=was, sure=True)
        return {"label": label, "was": was, "is_now": value}


def _json(values: dict[str, Any]) -> Response:
    return Response(json.dumps(values), mimetype="application/json")


STORED = "Thank you. Stored: from now on this ticket counts as corrected."


def app_of(server: Server) -> Flask:
    """Serves the app's files as they are packaged, the stand-in in the SDK's place, and the proxy."""
    files = app_package.files("https://attune.example")
    app = Flask("stand-in")

    @app.get("/assets/<path:name>")
    def asset(name: str) -> Response:
        if f"assets/{name}" not in files:
            abort(404)
        body = files[f"assets/{name}"].replace(SDK.encode(), b"/sdk.js")
        answer = Response(body, mimetype=TYPES[name.rpartition(".")[2]])
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    @app.get("/sdk.js")
    def sdk() -> Response:
        return Response((HERE / "stand_in.js").read_text("utf-8"), mimetype="text/javascript")

    @app.get("/dashboard/enter/once")
    def entered() -> str:
        return "<title>The dashboard</title>"

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @app.post("/proxy")
    def proxy() -> Response:
        return server.answer(request.get_json())

    return app


@pytest.fixture
def server() -> Iterator[Server]:
    """The server, answering with a ticket that was read."""
    made = Server()
    with judge.served(app_of(made)) as place:
        made.place = place
        yield made


@pytest.fixture
def sidebar(browser: Browser, server: Server) -> Iterator[Page]:
    """The sidebar, drawn; any error in its console fails the test."""
    page = browser.new_page(viewport=SIDEBAR, reduced_motion="reduce")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda said: errors.append(said.text) if said.type == "error" and "proxy" not in str(said.location) else None,
    )
    page.goto(address(server))
    expect(page.locator(".cue")).to_be_visible()
    yield page
    page.close()
    assert errors == []


def address(server: Server, page: str = "sidebar", **given: str) -> str:
    """Where a page of the app is, as Zendesk opens it."""
    query = "&".join(f"{name}={value}" for name, value in {"origin": "https://acme.zendesk.com", **given}.items())
    return f"{server.place}/assets/{page}.html?{query}"


def typed(page: Page, text: str) -> None:
    """The agent has typed this into the reply."""
    page.evaluate("text => host.type(text)", text)


def invoked(page: Page, name: str) -> list[list[Any]]:
    """What the app asked of Zendesk's page by this name."""
    return [words for words in page.evaluate("host.invoked") if words[0] == name]


SAID = "This is the third time I write. Order 4711 was promised for Friday and nobody called me back!"


def _mark(quote: str, reason: str, signal: str = "repeat_contact") -> dict[str, Any]:
    start = SAID.index(quote)
    return {"start": start, "end": start + len(quote), "signal": signal, "reason": reason, "weight": 0.7}


def _label(value: str, sure: bool = True, confidence: float = 0.9) -> dict[str, Any]:
    return {"value": value, "confidence": confidence, "sure": sure, "corrected_from": None}


GLANCE: dict[str, Any] = {
    "ticket": 42,
    "state": "read",
    "why_nothing": "",
    "reading": {
        "sentiment": _label("very_negative"),
        "charge": {**_label("charged"), "score": 0.83},
        "urgency": _label("high", sure=False, confidence=0.55),
        "intent": _label("order_status"),
        "emotions": [{"name": "anger", "strength": 0.8}, {"name": "disappointment", "strength": 0.5}],
        "language": "en",
        "message_id": 7,
        "at": "2026-03-02T09:00:00+00:00",
        "readable": True,
        "why_unreadable": "",
    },
    "trend": {
        "points": [
            {
                "message_id": 1,
                "at": "2026-02-26T09:00:00+00:00",
                "sentiment": "neutral",
                "polarity": 0.0,
                "charge": "calm",
            },
            {
                "message_id": 4,
                "at": "2026-02-28T09:00:00+00:00",
                "sentiment": "negative",
                "polarity": -0.5,
                "charge": "mild",
            },
            {
                "message_id": 7,
                "at": "2026-03-02T09:00:00+00:00",
                "sentiment": "very_negative",
                "polarity": -0.9,
                "charge": "charged",
            },
        ],
        "direction": "heating",
    },
    "said": {
        "text": SAID,
        "marks": [
            _mark("third time", "has written before about the same matter"),
            _mark("promised for Friday", "a promise was not kept", "broken_promise"),
            _mark("nobody called me back", "an answer was expected and did not come", "feeling"),
        ],
    },
    "because": ["three contacts within a week"],
    "cue": "Third contact in a week: name the missed Friday before anything else.",
    "opening": "“You have written three times about order 4711.” Then what you do now, and by when.",
    "do_not_ask": ["order number", "delivery address"],
    "wants": "to know where the order is",
    "feels": {"charge": "charged", "emotions": ["anger"], "since": "2026-02-28T09:00:00+00:00", "words": "third time"},
    "facts": [
        {"kind": "reference", "text": "4711", "at": "2026-02-26T09:00:00+00:00"},
        {"kind": "date", "text": "Friday", "at": None},
    ],
    "tried": [{"who": "customer", "text": "I have restarted the tracking page", "at": "2026-02-28T09:00:00+00:00"}],
    "promises": [
        {
            "who": "agent",
            "text": "it will be with you on Friday",
            "at": "2026-02-26T10:00:00+00:00",
            "due": "2026-02-27T18:00:00+00:00",
            "kept": "no",
            "why": "the customer says so",
        },
        {
            "who": "agent",
            "text": "we will call you",
            "at": "2026-02-28T10:00:00+00:00",
            "due": None,
            "kept": "open",
            "why": "",
        },
    ],
    "earlier": [
        {
            "id": 31,
            "subject": "Where is my parcel",
            "status": "solved",
            "sentiment": "negative",
            "why": "the same order",
        }
    ],
    "macros": [
        {"id": 9, "title": "Attune::Empathy::Delay::Late again", "because": "a promised day has gone by"},
        {"id": 10, "title": "Attune::Empathy::Repeat::Contact", "because": "they wrote before"},
    ],
    "ours": {"kind": "none", "at": None, "text": "", "intent": "", "why_not": ["the customer is charged"]},
    "verdict": "",
    "choices": {
        "sentiment": ["very_negative", "negative", "neutral", "positive", "very_positive"],
        "charge": ["calm", "mild", "charged"],
        "urgency": ["low", "normal", "high", "critical"],
        "intent": ["order_status", "complaint", "refund_status", "other"],
    },
    "asked_again": 1,
}
