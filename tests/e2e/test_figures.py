"""The figures of a desk where everything runs, against what the desk itself says of the same tickets.

How figures are counted is tested in `tests/insights`; here, that the worker saw what happened and when.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from integration.cli import console
from integration.model import Group, GroupFigures, Label, Panel, Share, Spread
from tests.e2e.conftest import Stage
from tests.e2e.staging import CALM, CHARGED, admin

ONE_DATABASE = True

GLAD = "Wonderful, that was so kind of you and so quick! Thank you so much, I am really happy now."
AGAIN = "It has still not come, where is my order 48213? You said it was on its way."


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which no table is wrapped."""
    for stream in (console.out, console.err):
        monkeypatch.setattr(stream, "width", 400)


@pytest.fixture(scope="module")
def played(stage: Stage) -> list[int]:
    """Ten tickets: answered or handed over, solved, rated, come back, corrected; afterwards all is at rest."""
    calm = [stage.write(CALM) for _ in range(5)]
    charged = [
        stage.write(
            CHARGED,
            thread=[{"author": "customer", "body": CHARGED}, {"author": "agent", "body": "We are looking into it."}][
                :parts
            ],
        )
        for parts in (0, 2, 2, 2, 2)
    ]
    for number in (*calm, *charged):
        stage.settled(number)
    for number in charged[:4]:
        attended(stage, number, body="I am sorry about the refund of Friday. It is paid now.", public=True)
        attended(stage, number, author="customer", body=GLAD)
    for number, score in zip(calm, ("good", "good", "good", "bad", "good"), strict=True):
        attended(stage, number, body="Seen.", public=False, status="solved")
        rated(stage, number, score)
    attended(stage, calm[0], author="customer", body=AGAIN)
    attended(stage, calm[0], body="A colleague has found it.", public=True, status="solved")
    for number in charged[:3]:
        attended(stage, number, body="Done.", public=False, status="solved")
    corrected(stage, charged[4], "charge", "attune_charge_mild")
    (bea,) = stage.served.desk.state.find("user", email=stage.senior_email)
    admin(stage, "PUT", f"tickets/{charged[3]}", ticket={"assignee_id": bea["id"]})
    return [*calm, *charged]


def attended(stage: Stage, number: int, *, author: str = "agent", **said: Any) -> None:
    """Somebody writes, and what Attune hears of is attended to."""
    kind = "customer_message" if author == "customer" else "closed" if "status" in said else ""
    before = heard(stage, number, kind)
    stage.reply(number, said.pop("body"), author, **said)
    if kind:
        stage.until(lambda: heard(stage, number, kind) > before, f"{kind} on ticket {number}")


def rated(stage: Stage, number: int, score: str) -> None:
    """The customer rates, and Attune hears of it."""
    before = heard(stage, number, "rated")
    stage.control("POST", f"tickets/{number}/rate", score=score)
    stage.until(lambda: heard(stage, number, "rated") > before, f"the rating of ticket {number}")


def corrected(stage: Stage, number: int, name: str, value: str) -> None:
    """An admin changes one of our fields."""
    before = heard(stage, number, "correction")
    fields = {str(field): at for field, at in stage.parts.desk().fields.items()}
    admin(stage, "PUT", f"tickets/{number}", ticket={"custom_fields": [{"id": fields[name], "value": value}]})
    stage.until(lambda: heard(stage, number, "correction") > before, f"the correction of ticket {number}")


def heard(stage: Stage, number: int, kind: str) -> int:
    """How many events of a kind were attended to: by kind, since the worker's own catching up comes between."""
    return sum(one["kind"] == kind for one in stage.outcomes(number))


# --- what the desk says ----------------------------------------------------------------------------------------------


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def turns(stage: Stage, number: int) -> list[tuple[datetime, str]]:
    """Every status that the desk's own log says a ticket took, and when."""
    audits = sorted(stage.served.desk.state.find("audit", ticket_id=number), key=lambda one: one["id"])
    return [
        (when(audit["created_at"]), str(event["value"]))
        for audit in audits
        for event in audit["events"]
        if event.get("field_name") == "status"
    ]


def counted(stage: Stage, number: int) -> dict[str, Any]:
    """One ticket as the desk tells it, in the words of the figures."""
    ticket = stage.ticket(number)
    public = [one for one in ticket["comments"] if one["public"]]
    mine = ticket["requester_id"]
    asked = when(next(one["created_at"] for one in public if one["author_id"] == mine))
    said = [one for one in public if one["author_id"] != mine]
    people = [one for one in said if one["author_id"] != stage.parts.desk().self_id]
    statuses = turns(stage, number)
    solved = [at for at, status in statuses if status == "solved"]
    after = [status for at, status in statuses if solved and at >= solved[0]]
    ours = [one for one in said if one not in people]
    return {
        "ours": len(ours),
        "first_reply": (when(said[0]["created_at"]) - asked).total_seconds() if said else None,
        "first_person": (when(people[0]["created_at"]) - asked).total_seconds() if people else None,
        "resolution": (solved[-1] - asked).total_seconds() if ticket["status"] == "solved" else None,
        "effort": sum(one["author_id"] == mine for one in public) if ticket["status"] == "solved" else None,
        "rating": (ticket["satisfaction_rating"] or {}).get("score", ""),
        "reopens": sum(earlier == "solved" and later == "open" for earlier, later in pairwise(after)),
        "ever_solved": bool(solved),
    }


def panel(stage: Stage) -> Panel:
    now = datetime.now(UTC)
    return stage.parts.panel(now - timedelta(days=1), now + timedelta(minutes=1))


def of(stage: Stage, group: Group) -> GroupFigures:
    return next(one for one in panel(stage).groups if one.group is group)


def same(spread: Spread, values: list[float | None]) -> bool:
    """Whether a spread is what these values give."""
    there = [value for value in values if value is not None]
    return spread.n == len(there) and spread.median == (median(there) if len(there) >= 5 else None)


def same_share(share: Share, k: int, n: int) -> bool:
    return (share.k, share.n) == (k, n)


# --- tests -----------------------------------------------------------------------------------------------------------


def test_every_figure_is_what_the_desk_says(stage: Stage, played: list[int]) -> None:
    """Times, ratings, effort and reopens of each group, counted again from the desk's comments and audits."""
    told = [counted(stage, number) for number in played]
    groups = {
        Group.ANSWERED: [one for one in told if one["ours"]],
        Group.ROUTED: [one for one in told if not one["ours"]],
    }
    assert [len(those) for those in groups.values()] == [5, 5]
    for group, those in groups.items():
        figures = of(stage, group)
        assert (figures.tickets, figures.solved) == (len(those), sum(one["resolution"] is not None for one in those))
        for name in ("first_reply", "first_person", "resolution", "effort"):
            assert same(getattr(figures, name), [one[name] for one in those]), (group, name)
        assert same_share(
            figures.good_ratings,
            sum(one["rating"] == "good" for one in those),
            sum(one["rating"] in ("good", "bad") for one in those),
        )
        assert figures.reopens == sum(one["reopens"] for one in those)
        assert figures.reopened.n == sum(one["ever_solved"] for one in those)
    assert of(stage, Group.ANSWERED).reopens == 1
    first = of(stage, Group.ROUTED).first_reply.median
    assert first is not None
    assert first >= 1800 - 1  # the threads' messages lie half an hour apart


def test_feelings_turn_and_ways_out_count(stage: Stage, played: list[int]) -> None:
    """The charged ones that were helped feel better at the end; asking again after our reply is a way out."""
    routed = of(stage, Group.ROUTED)
    assert same_share(routed.better, 4, 4)
    assert routed.better.value is None  # four are too few
    answered = of(stage, Group.ANSWERED)
    assert same_share(answered.ways_out, 1, 5)
    assert answered.ways_out.value == pytest.approx(0.2)
    assert of(stage, Group.OTHER).tickets == 0


def test_held_back_labels_load_and_days(stage: Stage, played: list[int]) -> None:
    """What else the panel shows, against the outcomes and the desk."""
    found = panel(stage)
    assert found.tickets == len(played) == sum(day.all for day in found.days)
    assert found.held_back_tickets == 5
    newest = [[one for one in stage.outcomes(n) if one["reading"]][-1]["plan"]["silence"] for n in played[5:]]
    assert {one.reason: one.tickets for one in found.held_back} == {
        reason: sum(reason in those for those in newest) for those in newest for reason in those
    }
    charge = next(one for one in found.accuracy if one.label is Label.CHARGE)
    assert (charge.corrected, charge.shown) == (1, 10)
    assert {one.name: one.charged for one in found.load if one.charged} == {"Bea Lindqvist": 1}
    assert [one.name for one in found.load] == sorted((one.name for one in found.load), key=str.casefold)
    assert all(one.cap == stage.parts.store.rules().charged_per_person for one in found.load)


def test_the_command_says_the_same(stage: Stage, played: list[int]) -> None:
    """Tables and CSV hold the panel's figures; a period before the tickets holds none; nonsense is refused."""
    code, said = stage.flask("figures")
    assert code == 0
    assert f"{len(played)} tickets began since" in said
    assert "80% [38%–96%] of 5" in said
    assert "too few (4)" in said
    code, text = stage.flask("figures", "--since", "1d", "--csv")
    assert code == 0
    rows = {(row["section"], row["group"], row["figure"]): row for row in csv.DictReader(StringIO(text))}
    good = rows["feeling", "answered", "good ratings"]
    assert (good["k"], good["n"], good["value"]) == ("4", "5", "0.800")
    for wrong in ("soon", "0d", "9999d", "2999-01-01", ""):
        code, said = stage.flask("figures", "--since", wrong)
        assert (code, "is no period" in said) == (2, True), wrong


def test_forgetting_takes_the_course_along(stage: Stage, played: list[int]) -> None:
    """`flask forget` names the courses that go, and the figures know the ticket no more."""
    before = panel(stage).tickets
    requester = stage.ticket(played[-1])["requester_id"]
    code, said = stage.flask("forget", "--requester", str(requester))
    assert (code, "1 courses" in said) == (0, True)
    assert panel(stage).tickets == before - 1
