"""The customer's page for everybody: by axe-core, by keyboard alone, on a small phone, magnified, and at rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from integration import content
from integration.model import Status
from integration.store import Store, migrate
from tests.access import judge
from tests.e2e.test_browser import browser
from tests.test_pages import NOW, OPEN, House, link_to

__all__ = ["browser"]

pytestmark = pytest.mark.browser

PHONE: Any = {"width": 360, "height": 780}
SMALLEST: Any = {"width": 320, "height": 568}
# A window of 1280 px at 200 % and at 400 %, which is what https://www.w3.org/TR/WCAG22/#reflow asks for, and a phone of
# 360 px at 200 %: a browser's zoom leaves so many CSS pixels.
ZOOMED_PX = [640, 320, 180]
# Enough times to have every day of a working week among them.
LEAST_TIMES = 60
Scheme = Literal["light", "dark"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The page on a fresh database, with booking switched on."""
    address = f"sqlite:///{tmp_path / 'attune.sqlite'}"
    migrate(address)
    found = House(Store(address))
    found.store.change_rules(OPEN)
    yield found
    found.store.close()


@pytest.fixture
def place(house: House) -> Iterator[str]:
    """The address at which a browser finds the page."""
    with judge.served(house.client.application) as address:
        yield address


def phone(browser: Browser, scheme: Scheme = "light") -> Page:
    """A small phone whose owner asked for less motion."""
    return browser.new_page(viewport=PHONE, color_scheme=scheme, reduced_motion="reduce")


def press(page: Page, part: str) -> None:
    """Press the button of the part with this heading."""
    page.get_by_role("region", name=content.way_out("en")[f"{part}_head"]).get_by_role("button").click()


def every_page(page: Page, place: str, house: House) -> Iterator[str]:
    """Lead a browser to each page that a customer can see, and name its first heading."""
    texts, house.now = content.way_out("en"), NOW + timedelta(hours=10)  # nobody is there, which takes more words
    page.goto(place + link_to())
    yield str(texts["title"])
    for part, head in (("person", "told_head"), ("time", "time_told_head"), ("solved", "solved_told_head")):
        page.goto(place + link_to())
        press(page, part)
        yield str(texts[head])
    page.goto(place + link_to())
    expect(page.get_by_text("You have booked")).to_be_visible()
    page.get_by_role("combobox").select_option(index=1)
    slot = page.get_by_role("combobox").input_value()
    assert house.press("time", link_to(43), slot=slot).status_code == 200
    press(page, "time")
    expect(page.get_by_role("alert")).to_be_visible()
    yield str(texts["title"])
    house.queue_away = True
    press(page, "person")
    yield str(texts["later_head"])
    house.status = Status.CLOSED
    page.goto(place + link_to())
    yield str(texts["closed_head"])
    page.goto(f"{place}/person/nonsense?lang=en")
    yield str(texts["gone_head"])


def test_every_page_by_axe(browser: Browser, house: House, place: str) -> None:
    """Whatever a customer comes to see, by day or by night, breaks no rule of WCAG 2.2 AA and fits a small phone."""
    page, found, heads = phone(browser), [], []
    for head in every_page(page, place, house):
        expect(page.get_by_role("heading", level=1)).to_have_text(head)
        found += judge.faults(page) + judge.too_wide(page) + judge.moving(page)
        heads.append(head)
    page.close()
    assert found == []
    assert len(set(heads)) == len(["title", "told", "time_told", "solved_told", "later", "closed", "gone"])


def test_every_language_by_axe(browser: Browser, house: House, place: str) -> None:
    """The choices are as good in each language, and even on the smallest phone the longest time is read to its end."""
    page, found = phone(browser), []
    house.now = NOW + timedelta(days=7)  # a week of days with two digits
    for language in content.LANGUAGES:
        page.goto(place + link_to(language=language))
        assert page.locator("html").get_attribute("lang") == language
        found += judge.faults(page) + judge.too_wide(page)
        page.set_viewport_size(SMALLEST)
        found += judge.cut_off(page)
        page.set_viewport_size(PHONE)
        assert page.locator("option").count() > LEAST_TIMES
    page.close()
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_keyboard_alone(browser: Browser, place: str, scheme: Scheme) -> None:
    """Tab leads to everything once, in the order of the page, and each stop is seen; Enter is enough to be helped."""
    texts, page = content.way_out("en"), phone(browser, scheme)
    page.goto(place + link_to())
    names = [content.way_out(code)["name"] for code in content.LANGUAGES]
    wanted = [texts["person_button"], "Time (UTC)", texts["time_button"], texts["solved_button"], *names]
    stops = []
    for _ in wanted:
        page.keyboard.press("Tab")
        stops.append(judge.seen_focus(page))
    assert stops == wanted
    page.keyboard.press("Tab")
    assert judge.seen_focus(page) == ""  # out of the page: no trap
    page.goto(place + link_to())
    for key in ("Tab", "Tab", "ArrowDown", "Tab", "Enter"):  # the second of the times
        page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text(texts["time_told_head"])
    expect(page.get_by_text("Monday, 2 March")).to_be_visible()
    page.keyboard.press("Tab")
    assert judge.seen_focus(page) == texts["back_link"]
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have booked")).to_be_visible()
    for key in ("Tab", "Space"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text(texts["told_head"])
    page.close()


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_magnified(browser: Browser, place: str, language: str) -> None:
    """Zoomed to 200 % and further, or with letters of twice the size, all words fit and nothing scrolls sideways."""
    page = phone(browser)
    for address in (link_to(language=language), f"/person/nonsense?lang={language}"):
        for width in ZOOMED_PX:
            page.set_viewport_size({"width": width, "height": PHONE["height"]})
            page.goto(place + address)
            assert judge.too_wide(page) == [], width
        page.set_viewport_size(PHONE)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert judge.too_wide(page) == []
    page.close()
