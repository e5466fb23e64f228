"""Takes the pictures of the documents: starts everything anew, plays what they show, and looks with a real browser.

It must not draw anything itself: a picture shows what a person would see. Use: python -m bench.pictures [NAME …]
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Frame, Locator, Page, expect, sync_playwright

from bench.small_png import shrunk
from integration.cli import launch
from sandbox.hosting import sdk
from tests.conftest import free_port
from tests.e2e.test_browser import QUIET

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 120_000  # of one picture: a page of documents has several
WIDE = {"width": 1280, "height": 760}
HIGH = {"width": 1280, "height": 1180}  # a ticket with all that it holds
PHONE = {"width": 360, "height": 780}
PATIENCE_S = 40.0
SETTLE_MS = 900  # until fonts, frames and notices stand
HOURS = ("business_hours=Mon-Sun 00:00-24:00", "time_zone=Europe/Berlin", "callbacks_per_slot=2")

ROSA: dict[str, Any] = {
    "requester": {"name": "Rosa Field", "email": "rosa@field.example"},
    "channel": "email",
    "subject": "Order 48213",
    "thread": [
        {"author": "customer", "body": "Hello, where is my order 48213? It was to come on Tuesday."},
        {"author": "agent", "body": "Hello Rosa, it will be with you tomorrow. Sam"},
        {"author": "customer", "body": "Nothing came. I have restarted the tracking page three times."},
        {"author": "agent", "body": "I am sorry about that. We will call you by Friday. Sam"},
    ],
    "body": "This is the third time I write. Nobody called me back, and it was promised for Friday! "
    "The birthday is on Sunday and I stand there with nothing. I am really angry.",
}
CALM: dict[str, Any] = {
    "requester": {"name": "Jonas Brandt", "email": "jonas@brandt.example"},
    "channel": "email",
    "subject": "My parcel",
    "body": "Hi, where is my order 51107? The tracking page has not moved since Tuesday. Thanks, Jonas",
}
GERMAN: dict[str, Any] = {
    "requester": {"name": "Priya Raman", "email": "priya@customer.example"},
    "channel": "web",
    "subject": "Charged twice",
    "body": "You took 49.90 twice for order 60220, on Monday and today. My account is empty now and I am worried. "
    "I wrote on Monday already and heard nothing.",
}


class Stage:
    """Sandbox, web process and worker on ports of their own, in a folder that goes with them."""

    def __init__(self, folder: Path) -> None:
        self.desk, self.web = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.folder, self.word = folder, secrets.token_urlsafe(16)
        self.environ = {
            **os.environ,
            "ZENDESK_URL": self.desk,
            "ZENDESK_CLIENT_ID": "attune",
            "ZENDESK_CLIENT_SECRET": "attune-sandbox-secret",
            "PUBLIC_URL": self.web,
            "PORT": self.web.rsplit(":", 1)[1],
            "DATABASE_URL": f"sqlite:///{folder / 'attune.sqlite'}",
            "SECRET_KEY": secrets.token_hex(32),
            "ADMIN_PASSWORD": self.word,
        }
        self.crew = launch.Crew(self.environ, ROOT, folder / "log")

    def start(self) -> None:
        """Start every process, install with the app, and let the sample customers write."""
        sdk.bring(sdk.FOLDER)
        port = self.desk.rsplit(":", 1)[1]
        self.crew.start("sandbox", launch.sandbox("serve", "--port", port, "--database", str(self.folder / "desk")))
        self.crew.wait_for("sandbox", lambda: launch.answers(self.desk))
        self._run(sys.executable, "-m", "flask", "migrate")
        self.crew.start("web", launch.gunicorn())
        self.crew.wait_for("web", lambda: launch.answers(f"{self.web}/health"))
        self.crew.start("worker", [*launch.worker(), "--name", "pictures"])
        facts, senior = "sandbox/facts.toml", "bea@sandbox.example"
        self._run(
            sys.executable, "-m", "flask", "install", "--yes", "--app", "--facts", facts, "--senior-member", senior
        )
        self._run(sys.executable, "-m", "flask", "rules", "default_rung=send", "rungs.order_status=send", *HOURS)
        self._run(*launch.sandbox("play", "--url", self.desk))

    def write(self, said: dict[str, Any]) -> int:
        """A customer writes, and Attune reads it; gives the ticket's id."""
        answer = requests.post(f"{self.desk}/sandbox/tickets", json=said, timeout=20)
        answer.raise_for_status()
        number = int(answer.json()["ticket"]["id"])
        until(
            lambda: "attune_intent_" in str(self._ask("GET", f"tickets/{number}/tags")), f"ticket {number} to be read"
        )
        return number

    def speaks(self, name: str, locale: str) -> None:
        """An agent's own language in Zendesk."""
        (number,) = (one["id"] for one in self._ask("GET", "users?role=agent")["users"] if one["name"] == name)
        self._ask("PUT", f"users/{number}", user={"locale": locale})

    def _ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        client = {
            "client_id": self.environ["ZENDESK_CLIENT_ID"],
            "client_secret": self.environ["ZENDESK_CLIENT_SECRET"],
        }
        asked = {"grant_type": "client_credentials", "scope": "read write", **client}
        token = requests.post(f"{self.desk}/oauth/tokens", json=asked, timeout=20).json()["access_token"]
        signed = {"Authorization": f"Bearer {token}"}
        answer = requests.request(method, f"{self.desk}/api/v2/{path}", json=body or None, headers=signed, timeout=20)
        answer.raise_for_status()
        return dict(answer.json())

    def _run(self, *words: str) -> None:
        launch.run(list(words), self.environ, ROOT, launch.Console(file=sys.stderr, quiet=True))


class Camera:
    """Looks at the stage and keeps what it sees, where it was asked for."""

    def __init__(self, stage: Stage, browser: Browser, wanted: frozenset[str]) -> None:
        self.stage, self.browser, self.wanted = stage, browser, wanted

    def page(self, agent: str = "Bea Lindqvist", **more: Any) -> Page:
        """A fresh browser window, in which somebody of the desk is signed in."""
        opened = self.browser.new_context(**({"viewport": WIDE} | more)).new_page()
        if agent:
            opened.goto(f"{self.stage.desk}/desk")
            opened.locator("details.me summary").click()
            opened.locator("details.me").get_by_text(agent).first.click()
            expect(opened.locator("details.me summary")).to_contain_text(agent)
        return opened

    def ticket(self, number: int, **more: Any) -> tuple[Page, Frame]:
        """A ticket with the app beside it, drawn."""
        page = self.page(**more)
        page.goto(f"{self.stage.desk}/desk/tickets/{number}")
        until(lambda: _app(page) is not None, "the app")
        frame = _app(page)
        assert frame is not None
        frame.locator(".cue").wait_for()
        page.wait_for_timeout(SETTLE_MS)
        return page, frame

    def keep(self, name: str, what: Page | Locator, **more: Any) -> None:
        """Take one picture and keep it small."""
        if self.wanted and name not in self.wanted:
            return
        picture = shrunk(what.screenshot(animations="disabled", **more))
        assert len(picture) <= MOST_BYTES, f"{name} has {len(picture)} bytes"
        (FOLDER / f"{name}.png").write_bytes(picture)
        sys.stdout.write(f"{name}.png: {len(picture) // 1000} KB\n")


def main() -> None:
    """Take all pictures, or those that are named."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", help="of pictures, without .png; all by default")
    wanted = frozenset(arguments.parse_args().names)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stage = Stage(Path(folder))
        try:
            stage.start()
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
            camera = Camera(stage, browser, wanted)
            angry, calm = stage.write(ROSA), stage.write(CALM)
            for look in (_desk, _app_alone, _customer, _agents_day, _dashboard):
                look(camera, angry, calm)
            browser.close()
        finally:
            stage.crew.leave()


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)


def _app(page: Page) -> Frame | None:
    page.wait_for_timeout(50)  # frames come with the browser's events
    return next((one for one in page.frames if "sidebar.html" in one.url), None)


def _desk(camera: Camera, angry: int, calm: int) -> None:
    """The queue, a charged ticket, and one that Attune answered."""
    page = camera.page()
    page.goto(f"{camera.stage.desk}/desk")
    page.wait_for_timeout(SETTLE_MS)
    camera.keep("queue", page)
    page, _frame = camera.ticket(angry, viewport=HIGH)
    camera.keep("ticket", page)
    page, _frame = camera.ticket(calm)
    camera.keep("answered", page)


def _app_alone(camera: Camera, angry: int, _calm: int) -> None:
    """The app as wide as Zendesk shows it: by day, by night, and for an agent who works in German."""
    tall: dict[str, Any] = {"viewport": {"width": 1280, "height": 1900}}
    _page, frame = camera.ticket(angry, **tall)
    camera.keep("app", frame.frame_element())  # type: ignore[arg-type] # an element takes pictures as a locator does
    _page, frame = camera.ticket(angry, color_scheme="dark", **tall)
    camera.keep("app-dark", frame.frame_element())  # type: ignore[arg-type]
    camera.stage.speaks("Noor Haddad", "de")
    _page, frame = camera.ticket(camera.stage.write(GERMAN), agent="Noor Haddad", **tall)
    camera.keep("app-german", frame.frame_element())  # type: ignore[arg-type]


def _customer(camera: Camera, _angry: int, _calm: int) -> None:
    """The customer's side, and the pages behind the link to a person."""
    page = camera.page(agent="", viewport={"width": 1000, "height": 760})
    page.goto(f"{camera.stage.desk}/desk/customer")
    page.get_by_role("link", name="Jonas Brandt").click()
    page.get_by_role("link", name="My parcel").click()
    page.wait_for_timeout(SETTLE_MS)
    camera.keep("customer", page, full_page=True)
    link = page.locator("a[href*='/person/']").first.get_attribute("href")
    assert link
    phone = camera.page(agent="", viewport=PHONE)
    phone.goto(link)
    camera.keep("person-choices", phone, full_page=True)
    dark = camera.page(agent="", viewport=PHONE, color_scheme="dark", locale="de-DE")
    dark.goto(link)
    dark.get_by_role("link", name="Deutsch").click()
    camera.keep("person-dark-german", dark, full_page=True)
    phone.get_by_role("button", name="Book this time").click()
    phone.wait_for_timeout(SETTLE_MS)
    camera.keep("person-booked", phone, full_page=True)
    phone.goto(link)
    phone.get_by_role("button", name="Talk to a person").click()
    phone.wait_for_timeout(SETTLE_MS)
    camera.keep("person-told", phone, full_page=True)


def _dashboard(camera: Camera, _angry: int, _calm: int) -> None:
    """The rooms that an admin opens most."""
    page = camera.page(agent="")
    page.goto(f"{camera.stage.web}/dashboard/")
    page.locator("input[type=password]").fill(camera.stage.word)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Overview").wait_for()
    camera.keep("dashboard-overview", page)
    for room in ("figures", "autonomy", "events"):
        page.goto(f"{camera.stage.web}/dashboard/{room}")
        camera.keep(f"dashboard-{room}", page, **({"clip": {"x": 0, "y": 0, **WIDE}} if room == "figures" else {}))


def _agents_day(camera: Camera, angry: int, _calm: int) -> None:
    """A label put right, a macro, and a question that was answered before."""
    page, frame = camera.ticket(angry)
    frame.locator(".label").nth(2).click()
    frame.locator(".choices button", has_text="critical").first.click()
    frame.locator("#told:not(:empty)").wait_for()
    page.wait_for_timeout(SETTLE_MS)
    camera.keep("corrected", page)
    page, frame = camera.ticket(angry, viewport=HIGH)
    frame.locator("button[data-key^='macro-']").first.click()
    expect(page.locator("#agent-body")).not_to_have_value("")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(SETTLE_MS)
    camera.keep("macro", page)
    page, frame = camera.ticket(angry, viewport=HIGH)
    page.locator("#agent-body").fill("Hello Rosa, could you please send me your order number?")
    frame.locator("#advice li").first.wait_for()
    page.get_by_role("button", name="Submit", exact=True).click()
    page.locator("#refusal:not([hidden])").wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(SETTLE_MS)
    camera.keep("asked-again", page)


if __name__ == "__main__":
    main()
