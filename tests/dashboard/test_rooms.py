"""What the dashboard shows agrees with what stands in the database, and what is pressed there happens."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag

from integration import assembly
from integration.model import Deed, Group, Hand, Intent, Rung, Wanted
from integration.store.journal import aware
from tests.dashboard.staging import STORIES, House, failed, outcome


def soup(house: House, path: str) -> BeautifulSoup:
    """A page, taken apart."""
    return BeautifulSoup(house.text(f"/dashboard/{path}"), "html.parser")


def rows(page: BeautifulSoup | Tag, label: str) -> list[list[str]]:
    """The words of the cells of one table."""
    found = page.find(attrs={"aria-label": label})
    assert isinstance(found, Tag), label
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["td", "th"])]
        for row in found.select("tbody tr")
    ]


def card(page: BeautifulSoup, title: str) -> str:
    """The words of the part of a page under this heading."""
    head = next(one for one in page.find_all(["h2"]) if title in one.get_text())
    section = head.find_parent("section")
    assert section is not None
    return " ".join(section.get_text(" ").split())


def test_the_overview_says_what_happened(lively: House) -> None:
    """The newest messages stand there with reading, deed and reason, and the day's counts are those of the rows."""
    page = soup(lively, "")
    first = rows(page, "Table of the last messages")[0]
    assert first[1:] == ["100", "calm, neutral, normal urgency", "order status", "answered", "routine and calm"]
    since = assembly.now() - timedelta(hours=24)
    tiles = {tile.a.get_text(): int(tile.b.get_text()) for tile in page.select(".tile") if tile.a and tile.b}
    tickets = (*range(100, 110), 901, 902)
    lately = [row for ticket in tickets for row in lively.store.outcomes(ticket) if aware(row["at"]) >= since]
    assert tiles["answered"] == sum(row["replied"] for row in lately) > 0
    assert tiles["messages read"] == len(lately)
    assert tiles["failed"] == 2


def test_the_overview_says_whether_all_is_well(lively: House) -> None:
    """Parts, limits and the doctor's last findings are shown, with what to do."""
    page = soup(lively, "")
    well = card(page, "Is all well?")
    for words in (
        "database (well) : answers",
        "worker (well) : 1 at work: desk-1",
        "failures (warning) : 2 of the last day",
    ):
        assert words in well
    limits = card(page, "Zendesk's limits")
    assert "612 of 700 a minute" in limits
    assert "84 of 100 a minute" in limits
    assert "one is off" in limits
    assert "run `flask install`" in limits


def test_the_overview_tells_of_trouble(house: House) -> None:
    """Without a worker, and while Zendesk has us wait, the page says so instead of looking well."""
    house.store.pause.set(assembly.now() + timedelta(minutes=5))
    house.sign_in()
    page = soup(house, "")
    assert "no worker is running" in card(page, "Is all well?")
    assert "asked for until" in card(page, "Zendesk's limits")
    assert "No message has come yet." in page.get_text()


def test_events_wait_in_the_queue_with_their_age(house: House) -> None:
    """What waits is counted, with how long the first of it does."""
    house.store.record(failed(1, assembly.now(), "not possible: Zendesk answered 422"))
    house.sign_in()
    house.press("/dashboard/events/replay-failed")
    house.later = timedelta(minutes=7)
    assert re.search(r"<b>1</b>waiting in the queue, the oldest \d+ min ago", house.text("/dashboard/"))


def test_a_ticket_tells_its_story(lively: House) -> None:
    """Reading with doubt, evidence without words, plan, silence, what stood before, corrections: all of ticket 102."""
    page = soup(lively, "tickets/102")
    text = " ".join(page.get_text(" ").split())
    for words in (
        "urgency high (perhaps, 58 % sure)",
        "sentiment very negative (91 % sure)",
        "anger 81 %",
        "handed to group 55, to person 1",
        "Why no automated reply the customer is charged high urgency asks for a person",
        "charge from charged to mild",
        "Not undone.",
        "flask undo --ticket 102",
    ):
        assert words in text, words
    assert ["repeat contact", "0.72", "asked before"] in rows(page, "What counted in 01J000002")
    changes = rows(page, "Values changed by 01J000002")
    assert ["priority", "empty", "high"] in changes
    assert "Undone at" in " ".join(soup(lively, "tickets/105").get_text(" ").split())


def test_a_reply_has_no_reasons_against_it(lively: House) -> None:
    """Where an answer was sent, the page does not say why none was."""
    text = soup(lively, "tickets/100").get_text(" ")
    assert "reply to the customer, by the macro Attune::Answers::Order Status" in " ".join(text.split())
    assert "Why no automated reply" not in text


def test_a_ticket_that_nobody_knows(lively: House) -> None:
    """A number without a row is said to be none of ours."""
    answer = lively.client.get("/dashboard/tickets/424242")
    assert answer.status_code == 404
    assert "nothing down about ticket 424242" in answer.text


def test_events_are_searched_and_paged(lively: House) -> None:
    """The list holds every row once over its pages, and a search carries on from page to page."""
    seen: list[str] = []
    for number in (1, 2):
        page = soup(lively, f"events?kind=customer_message&page={number}")
        seen += [link["href"] for link in page.select('td a[href*="delivery="]')]
        assert "98 in all" in page.get_text(" ")
    assert len(seen) == len(set(seen)) == 98
    first = soup(lively, "events?kind=customer_message")
    assert first.find("a", rel="next")["href"] == "/dashboard/events?kind=customer_message&page=2"  # type: ignore[index]
    assert first.find("a", rel="prev") is None
    found = rows(soup(lively, "events?words=PERSON+FIRST&ticket=102"), "Table of what was found")
    assert [(row[1], row[4]) for row in found] == [("102", "brought to people")]


def test_a_failure_is_taken_up_again(house: House) -> None:
    """One press puts the event into the queue under a name that holds the old one, and the log says who did it."""
    house.store.record(failed(1, assembly.now(), "not possible: Zendesk answered 422"))
    house.sign_in()
    answer = house.press("/dashboard/event/replay", delivery="failed-1")
    assert answer.status_code == 200
    assert "replay-1-failed-1" in answer.text
    queued = house.parts._queue.list_workflows()
    assert [one.workflow_id for one in queued] == ["replay-1-failed-1"]
    line = house.store.audit.done(Wanted(deed=Deed.SWITCH), 0, 1)[0][0]
    assert (line.by, line.what, line.is_now) == (Hand.DASHBOARD, "replay failed-1", "1 taken up again")


def test_what_went_well_is_not_taken_up(house: House) -> None:
    """Only a failure can be taken up again; its page has a button, and that of a good event has none."""
    house.store.record(outcome(1, assembly.now(), STORIES[0]))
    house.store.record(failed(1, assembly.now(), "not possible: Zendesk answered 422"))
    house.sign_in()
    assert "Take it up again" in house.text("/dashboard/event?delivery=failed-1")
    assert "Take it up again" not in house.text("/dashboard/event?delivery=01J000001")
    assert house.press("/dashboard/event/replay", delivery="01J000001").status_code == 409
    assert house.parts.waiting() == 0


def test_all_failures_are_asked_about_first(house: House) -> None:
    """The question names each event; those whose tickets are gone are left out, and said to be."""
    now = assembly.now()
    house.store.record(failed(1, now, "not possible: Zendesk answered 422: the values were refused"))
    house.store.record(failed(2, now, "a fault of Attune's own: KeyError"))
    house.store.record(failed(3, now, "not possible: Zendesk answered 404: it is not there"))
    house.sign_in()
    asked = house.text("/dashboard/events/replay-failed")
    assert "Take up 2 failed events again?" in asked
    assert "ticket 903" not in asked
    answer = house.press("/dashboard/events/replay-failed")
    assert "2 events are taken up again" in answer.text
    assert "1 left out" in answer.text
    assert house.parts.waiting() == 2


def test_sending_stops_with_one_press_and_starts_after_a_question(house: House) -> None:
    """Stop acts at once; start asks, names what would go out, and only then lets it."""
    house.store.change_rules({"rungs.order_status": "send"})
    house.sign_in()
    assert house.press("/dashboard/autonomy/stop").headers["Location"] == "/dashboard/autonomy"
    assert not house.store.rules().sending
    assert "All sending is stopped." in house.text("/dashboard/")
    assert "order status: send" in house.text("/dashboard/autonomy/start")
    assert not house.store.rules().sending
    house.press("/dashboard/autonomy/start")
    assert house.store.rules().sending
    log = [(line.by, line.was, line.is_now) for line in house.store.audit.done(Wanted(by=Hand.DASHBOARD), 0, 9)[0]]
    assert log == [(Hand.DASHBOARD, "False", "True"), (Hand.DASHBOARD, "True", "False")]
    assert rows(soup(house, "audit?by=dashboard"), "Table of what was found")[0][4] == "off → on"


def test_a_rung_is_moved(house: House) -> None:
    """A move on the page is the admin's word: rules, ladder and log have it with its reason, on one line."""
    house.sign_in()
    answer = house.press("/dashboard/autonomy/rung", intent="how_to", rung="draft", because=" wording \n is\tgood ")
    assert answer.headers["Location"] == "/dashboard/autonomy#how_to"
    assert house.store.rules().rung(Intent.HOW_TO) is Rung.DRAFT
    step = house.store.autonomy.steps()[Intent.HOW_TO]
    assert (step.was, step.is_now, step.because) == (Rung.TAG, Rung.DRAFT, "wording is good")
    assert rows(soup(house, "autonomy"), "Table of moves")[0][1:] == [
        *("how to", "tag → draft", "an admin", "–", "wording is good"),
    ]


def test_the_ladder_agrees_with_the_store(lively: House) -> None:
    """Each intent's rung and figures on the page are those of rules and ladder; what fell is marked."""
    rules = lively.store.rules()
    shown = {row[0]: row for row in rows(soup(lively, "autonomy"), "Table of the ladder")}
    assert len(shown) == 14
    for intent in (Intent.ORDER_STATUS, Intent.RETURN_HOW_TO, Intent.HOW_TO):
        row = shown[intent.replace("_", " ")]
        assert row[1].split()[0] == rules.rung(intent)
        last = lively.store.autonomy.steps()[intent]
        figures = lively.parts.ladder().figures(intent, rules, last)
        assert (row[4], row[5]) == (str(figures.sent), str(figures.drafted))
    assert "fell" in shown["return how to"][1]


def test_the_figures_agree_with_the_panel(lively: House) -> None:
    """Every table is the panel's: tickets by group, a share with its interval, a spread, the held-back reasons."""
    now = assembly.now()
    panel = lively.parts.panel(now - timedelta(days=28), now)
    page = soup(lively, "figures")
    for one in panel.groups:
        spread, share = one.first_reply, one.good_ratings
        name = {"answered": "answered by Attune", "routed": "brought to people", "other": "all others"}[one.group]
        speed = next(row for row in rows(page, "Table: Speed") if row[:2] == ["first reply", name])
        assert speed[-1] == str(spread.n)
        feeling = next(row for row in rows(page, "Table: Feeling") if row[1] == name and row[0].startswith("good"))
        assert feeling[-2:] == [str(share.k), str(share.n)]
        assert feeling[2] == (f"{share.value:.0%}".replace("%", " %") if share.value is not None else feeling[2])
    held = rows(page, "Table: Reasons for which no automated reply was sent")
    assert held == [[one.reason, str(one.tickets)] for one in panel.held_back]
    days = rows(page, "Table: Tickets by the day on which they began")
    assert sum(int(cell) for row in days for cell in row[1:]) == panel.tickets == 96
    owed = rows(page, "Table: Tickets with promises that are open")
    assert [row[0] for row in owed] == [str(one.ticket_id) for one in panel.owed]
    assert owed


@pytest.mark.parametrize(
    "name",
    "days speed feeling mood effort afterwards held-back labels load promises".split(),  # noqa: SIM905 - ten names
)
def test_every_table_can_be_saved(lively: House, name: str) -> None:
    """Each table of the figures comes as a file with its heads, and as many rows as the page shows."""
    answer = lively.client.get(f"/dashboard/figures/{name}.csv")
    assert answer.status_code == 200
    heads, *lines = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline=""))
    page = soup(lively, "figures")
    section = page.find("section", attrs={"aria-labelledby": name})
    assert isinstance(section, Tag)
    assert [head.get_text() for head in section.select("thead th")] == heads
    assert len(section.select("tbody tr")) == len(lines) > 0


def test_a_file_holds_numbers(lively: House) -> None:
    """What the page says in words is a plain number in the file, so that it can be counted on."""
    answer = lively.client.get("/dashboard/figures/speed.csv")
    lines = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
    first = next(one for one in lines if one["figure"] == "first reply" and one["group"] == "answered by Attune")
    now = assembly.now()
    panel = lively.parts.panel(now - timedelta(days=28), now)
    group = next(one for one in panel.groups if one.group is Group.ANSWERED)
    assert float(first["middle"]) == group.first_reply.median


def test_a_period_is_one_of_the_list(lively: House) -> None:
    """The page counts the period that was chosen, and refuses one that it does not know."""
    assert "tickets began in the last 7 days" in lively.text("/dashboard/figures?days=7")
    assert "tickets began in the last 365 days" in lively.text("/dashboard/figures?days=365")
    assert lively.client.get("/dashboard/figures?days=100000").status_code == 400


def test_figures_of_nothing(house: House) -> None:
    """On the first day nothing is drawn and nothing breaks: no share of nothing, no chart without a value."""
    house.sign_in()
    page = house.text("/dashboard/figures")
    assert "0 tickets began" in page
    assert "<svg" not in page
    assert "nan" not in page.lower().replace("finance", "")


def test_the_team_is_shown(lively: House) -> None:
    """Load, cap, pause and why somebody is not asked stand beside each name; the file says the same."""
    page = soup(lively, "team")
    people = rows(page, "People of Senior Support")
    assert people[0] == ["Bea Okafor", "2 of 6", "1", "yes", "yes"]
    assert people[1] == ["Jonas Weber", "6 of 6", "3", "yes", "no at the cap"]
    lines = list(csv.reader(io.StringIO(lively.client.get("/dashboard/team.csv").get_data().decode("utf-8-sig"))))
    assert lines[2] == ["Senior Support", "Jonas Weber", "6", "6", "3", "yes", "no: at the cap"]


def test_without_an_account_the_team_is_not_known(house: House) -> None:
    """Where no account is named, the page says what is missing instead of breaking."""
    house.sign_in()
    answer = house.client.get("/dashboard/team")
    assert answer.status_code == 409
    assert "ZENDESK_SUBDOMAIN" in answer.text


def test_a_database_that_is_away(house: House) -> None:
    """Without its tables the dashboard says to come again, and what is to be done."""
    house.sign_in()
    from integration.store import tables

    with house.store._engine.begin() as db:
        tables.metadata.tables["visit"].drop(db)
    answer = house.client.get("/dashboard/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "flask migrate" in answer.text
