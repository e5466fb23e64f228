"""What strangers, other sites and guests who may only look get when they reach for the switches."""

from __future__ import annotations

import csv
import io

import pytest

from integration import assembly
from integration.content import spreadsheet
from integration.model import Intent, Rung
from tests.dashboard.staging import HOSTILE, PASSWORD, STORIES, House, failed, outcome

SWITCHES = {
    "/dashboard/autonomy/stop": {},
    "/dashboard/autonomy/start": {},
    "/dashboard/autonomy/rung": {"intent": "how_to", "rung": "send", "because": ""},
    "/dashboard/event/replay": {"delivery": "failed-1"},
    "/dashboard/events/replay-failed": {},
}


def untouched(house: House) -> bool:
    """Whether nothing was switched and nothing taken up again."""
    rules = house.store.rules()
    still = rules.sending and rules.rung(Intent.HOW_TO) is Rung.TAG
    return still and house.parts.waiting() == 0


@pytest.fixture
def guarded(house: House) -> House:
    """A dashboard with one failed event."""
    house.store.record(failed(1, assembly.now(), "not possible: Zendesk answered 422"))
    return house


@pytest.mark.parametrize("path", SWITCHES)
def test_no_switch_without_a_visit(guarded: House, path: str) -> None:
    """A stranger's press is refused and changes nothing, whatever mark it brings."""
    answer = guarded.client.post(path, data={"press": "x" * 43, **SWITCHES[path]})
    assert answer.status_code == 401
    assert untouched(guarded)


@pytest.mark.parametrize("path", SWITCHES)
def test_no_switch_for_who_may_look(guarded: House, path: str) -> None:
    """Somebody who came by the app's link sees no button, and a form made by hand is refused."""
    guarded.enter()
    answer = guarded.press(path, **SWITCHES[path])
    assert answer.status_code == 403
    assert "look, not switch" in answer.text
    assert untouched(guarded)


@pytest.mark.parametrize("path", SWITCHES)
def test_no_switch_without_the_mark_of_a_form(guarded: House, path: str) -> None:
    """Without a mark, with a made-up one, and with that of another visit, an admin's browser presses nothing."""
    guarded.sign_in()
    other = guarded.app.test_client()
    other.post("/dashboard/sign-in", data={"password": PASSWORD})
    mine, guarded.client = guarded.client, other
    theirs, guarded.client = guarded.mark(), mine
    for mark in ({}, {"press": ""}, {"press": "x" * 43}, {"press": theirs}):
        assert guarded.client.post(path, data={**SWITCHES[path], **mark}).status_code == 403
    assert untouched(guarded)


@pytest.mark.parametrize("path", SWITCHES)
def test_no_switch_from_another_site(guarded: House, path: str) -> None:
    """Even with the right mark, a form that another site sent is refused: the browser says where it came from."""
    guarded.sign_in()
    data = {"press": guarded.mark(), **SWITCHES[path]}
    for site in ("cross-site", "same-site"):
        assert guarded.client.post(path, data=data, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert untouched(guarded)


@pytest.mark.parametrize("path", SWITCHES)
def test_looking_at_a_switch_presses_nothing(guarded: House, path: str) -> None:
    """No switch hears GET, so that no picture or link on another page turns one."""
    guarded.sign_in()
    assert guarded.client.get(path, query_string=SWITCHES[path]).status_code in (200, 404)
    assert guarded.client.put(path).status_code == 405
    assert untouched(guarded)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"intent": "how_to", "rung": "fly"}, 400),
        ({"intent": "how_to", "rung": ""}, 400),
        ({"intent": "bereavement", "rung": "send"}, 400),
        ({"intent": "nonsense", "rung": "tag"}, 400),
        ({"intent": "how_to,order_status", "rung": "send"}, 400),
        ({"intent": "how_to", "rung": "send", "sending": "false"}, 400),
        ({"intent": "how_to", "rung": "send", "reply_languages": "de"}, 400),
        ({"intent": "how_to", "rung": "send", "rungs.order_status": "send"}, 400),
        ({"intent": "how_to", "rung": "send", "because": "x" * 9000}, 413),
    ],
)
def test_a_form_turns_what_it_is_for(house: House, fields: dict[str, str], status: int) -> None:
    """Unknown intents and rungs, and fields that are not the form's, are refused as a whole."""
    house.sign_in()
    was = house.store.rules()
    assert house.press("/dashboard/autonomy/rung", **fields).status_code == status
    assert house.store.rules() == was


def test_a_field_given_twice_is_refused(house: House) -> None:
    """No part behind us may read another of two values than we did."""
    house.sign_in()
    data = [("press", house.mark()), ("intent", "how_to"), ("rung", "tag"), ("rung", "send")]
    body = "&".join(f"{name}={value}" for name, value in data)
    answer = house.client.post("/dashboard/autonomy/rung", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400


def test_a_pack_holds_here_as_well(house: House) -> None:
    """A rung above the pack's ceiling is refused with the pack's reason, and the page does not offer it."""
    house.store.change_rules({"pack": "fintech"})
    ceiling = house.store.rules().ceilings.get(Intent.REFUND_STATUS, Rung.SEND)
    assert ceiling is not Rung.SEND
    house.sign_in()
    answer = house.press("/dashboard/autonomy/rung", intent="refund_status", rung="send", because="")
    assert answer.status_code == 409
    assert "pack fintech" in answer.text


@pytest.mark.parametrize("path", ["/dashboard/", "/dashboard/sign-in", "/dashboard/nothing", "/dashboard/audit.csv"])
def test_every_answer_is_hardened(house: House, path: str) -> None:
    """Whatever the answer, it cannot be framed, run a script, be kept, or tell where somebody was."""
    house.sign_in()
    headers = house.client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize("page", ["", "figures", "autonomy", "team", "events", "audit", "tickets/100", "sign-in"])
def test_no_page_needs_what_the_policy_forbids(lively: House, page: str) -> None:
    """No page holds a script, an inline style, an event's handler or an address of elsewhere."""
    text = lively.text(f"/dashboard/{page}").lower()
    for forbidden in ("<script", "<style", " style=", " onclick=", " onload=", "javascript:", 'src="http', "//cdn"):
        assert forbidden not in text, forbidden


def test_hostile_words_come_out_as_words(house: House) -> None:
    """Markup in reasons, macros, intents of moves, agents' names and delivery ids is shown, never obeyed."""
    now = assembly.now()
    story = outcome(1, now, STORIES[5], because=HOSTILE, reason=HOSTILE)
    house.store.record(story)
    house.store.record(failed(7, now, f"not possible: {HOSTILE}"))
    house.sign_in()
    house.press("/dashboard/autonomy/rung", intent="how_to", rung="draft", because=HOSTILE[:200])
    for path in ("", "events", "audit", "autonomy", "tickets/101", "event?delivery=failed-7", "events/replay-failed"):
        text = house.text(f"/dashboard/{path}")
        assert "<script" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;alert(1)" in text, path
    answer = house.client.get("/dashboard/events", query_string={"words": HOSTILE})
    assert "<script" not in answer.text
    assert 'value="&lt;script' in answer.text


def test_hostile_names_come_out_as_words(lively: House) -> None:
    """The same for what a person in the desk may call themselves."""
    text = lively.text("/dashboard/team")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """A text that a spreadsheet would run stands behind an apostrophe; numbers, negative ones too, stay numbers."""
    assert spreadsheet.guarded(cell) == f"'{cell}"
    assert spreadsheet.guarded(-1.5) == -1.5
    assert spreadsheet.guarded("late = bad") == "late = bad"


def test_a_saved_file_is_harmless(house: House) -> None:
    """A reason that is a formula comes out of the events' file and the log's as a text, in one cell."""
    now = assembly.now()
    house.store.record(outcome(1, now, STORIES[5], because='=HYPERLINK("http://evil.example","x"),y\n+z'))
    house.sign_in()
    for name in ("events", "audit"):
        answer = house.client.get(f"/dashboard/{name}.csv")
        assert answer.mimetype == "text/csv"
        assert f'filename="attune-{name}.csv"' in answer.headers["Content-Disposition"]
        heads, row = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline=""))
        assert row[heads.index("because")] == '\'=HYPERLINK("http://evil.example","x"),y\n+z'


@pytest.mark.parametrize(
    "asked",
    [
        {"ticket": "abc"},
        {"ticket": "9" * 19},
        {"ticket": "-1"},
        {"ticket": "٣"},
        {"page": "x"},
        {"since": "yesterday"},
        {"until": "2026-13-45"},
        {"kind": "nonsense"},
        {"state": "DONE"},
    ],
)
def test_a_search_that_makes_no_sense_is_told_so(house: House, asked: dict[str, str]) -> None:
    """A wrong field is named, with what it takes; nothing breaks."""
    house.sign_in()
    answer = house.client.get("/dashboard/events", query_string=asked)
    assert answer.status_code == 400
    assert next(iter(asked)) in answer.text


@pytest.mark.parametrize(
    "path",
    [
        *("tickets/0", "tickets/999999999999999999999999", "tickets/-1", "tickets/..%2f..%2fetc", "event", "nothing"),
        *("event?delivery=%00", "figures/..%2f..%2fetc%2fpasswd.csv", "figures/nothing.csv", "static/../../gate.py"),
        *("static/..%2f..%2fgate.py", "static/%2e%2e/customer/page.css", "events?page=99999999"),
    ],
)
def test_tricks_with_paths(house: House, path: str) -> None:
    """An address that names nothing gets a page that says so, and never a file of ours."""
    house.sign_in()
    answer = house.client.get(f"/dashboard/{path}")
    assert answer.status_code in (200, 303, 308, 404)
    assert "It must not" not in answer.text
    assert answer.status_code != 200 or "0 in all" in answer.text
