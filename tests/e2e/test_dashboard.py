"""The dashboard beside the running product: what happened in the desk stands there, and its switch holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from integration.model import Hand, Wanted
from tests.e2e.conftest import Stage, stage
from tests.e2e.test_sidebar import SECRET, call

__all__ = ["stage"]

CALM = "Hello, where is my order 40031? Thank you."
ANGRY = "This is the THIRD time I write!! You charged me twice and nobody answers. I am furious. I want a person."


@pytest.fixture
def admin(stage: Stage) -> Iterator[requests.Session]:
    """An admin's browser, let in by the link that `flask dashboard` prints."""
    code, said = stage.flask("dashboard")
    assert code == 0
    link = re.search(r"http\S+/dashboard/enter/\S+", said)
    assert link
    with requests.Session() as browser:
        assert browser.get(link.group(0), timeout=20).ok
        yield browser


def page(stage: Stage, admin: requests.Session, path: str) -> str:
    """A page of the dashboard, its words alone."""
    answer = admin.get(f"{stage.environ['PUBLIC_URL']}/dashboard/{path}", timeout=30)
    assert answer.status_code == 200, (path, answer.text)
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def press(stage: Stage, admin: requests.Session, path: str, **fields: str) -> None:
    """Press a button of the overview."""
    address = f"{stage.environ['PUBLIC_URL']}/dashboard/"
    mark = re.search(r'name="press" value="([^"]+)"', admin.get(address, timeout=30).text)
    assert mark
    assert admin.post(address + path, data={"press": mark.group(1), **fields}, timeout=30).ok


def test_what_happened_stands_there(stage: Stage, admin: requests.Session) -> None:
    """A calm ticket shows as answered, a charged one as brought to people with reasons; figures and team agree."""
    calm, angry = stage.write(CALM), stage.write(ANGRY)
    for ticket in (calm, angry):
        stage.settled(ticket)
    answered, brought = page(stage, admin, f"tickets/{calm}"), page(stage, admin, f"tickets/{angry}")
    assert "reply to the customer, by the macro Attune::Answers" in answered
    assert "Why no automated reply" not in answered
    assert "brought to people" in brought
    assert "Why no automated reply" in brought
    assert "40031" not in answered  # a customer's words are not kept
    assert "furious" not in brought
    stage.until(lambda: "2 tickets began in the last 7 days" in page(stage, admin, "figures?days=7"), "both courses")
    figures = page(stage, admin, "figures?days=7")
    assert re.search(r"1 answered by Attune, \d solved", figures)
    assert re.search(r"1 brought to people, \d solved", figures)
    assert "Senior Support" in page(stage, admin, "team")
    stage.until(lambda: "a minute, half of them are left to people" in page(stage, admin, ""), "the budget")


def test_stopping_holds_for_the_next_message(stage: Stage, admin: requests.Session) -> None:
    """After one press no reply goes out any more, the ticket's page says why, and the log says who pressed."""
    press(stage, admin, "autonomy/stop")
    ticket = stage.write(CALM)
    assert not [one for one in stage.ours(stage.settled(ticket)) if one["public"]]
    assert "sending is switched off" in page(stage, admin, f"tickets/{ticket}")
    press(stage, admin, "autonomy/start")
    lines = stage.parts.store.audit.done(Wanted(by=Hand.DASHBOARD), 0, 2)[0]
    assert [(line.what, line.is_now) for line in lines] == [("sending", "True"), ("sending", "False")]


def test_the_app_leads_into_the_dashboard(stage: Stage) -> None:
    """An agent in Zendesk asks the app for a link: it opens once, for looking, and its guest can press nothing."""
    stage.parts.keep_sidebar_secret(SECRET)
    answer = call(stage, "POST", "enter", "")
    assert answer.status_code == 200, answer.text
    with requests.Session() as agent:
        opened = agent.get(answer.json()["url"], timeout=20)
        assert "You may look." in opened.text
        shown = agent.get(f"{stage.environ['PUBLIC_URL']}/dashboard/", timeout=20).text
        assert "look, not switch" in shown
        assert "Stop all sending" not in shown
        mark = re.search(r'name="press" value="([^"]+)"', shown)
        assert mark
        stop = f"{stage.environ['PUBLIC_URL']}/dashboard/autonomy/stop"
        assert agent.post(stop, data={"press": mark.group(1)}, timeout=20).status_code == 403
        assert stage.parts.store.rules().sending
    assert requests.get(answer.json()["url"], timeout=20).status_code == 401
