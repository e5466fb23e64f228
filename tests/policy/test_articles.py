"""Which Help Center articles are offered, measured on thirty questions and a dozen articles; what never is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.model import Article
from integration.policy import articles
from tests import strategies as make

CASES = json.loads((Path(__file__).parents[1] / "cases" / "articles.json").read_text(encoding="utf-8"))


def article(title: str, snippet: str = "", number: int = 1, locale: str = "en-us") -> Article:
    return Article(id=number, title=title, snippet=snippet, url=f"https://help.example/{number}", locale=locale)


SHELF = {one["name"]: article(one["title"], one["snippet"], n) for n, one in enumerate(CASES["articles"])}


def offered(question: str) -> set[str]:
    found = articles.fitting(question, "en", SHELF.values(), 2)
    return {name for name, one in SHELF.items() if one in found}


def test_what_is_offered_fits() -> None:
    """On the thirty questions: no article that does not fit, and at least 17 of the 21 that do."""
    assert (len(CASES["questions"]), len(SHELF)) == (30, 12)
    wrong = {one["text"]: offered(one["text"]) - set(one["fits"]) for one in CASES["questions"]}
    assert {text: extra for text, extra in wrong.items() if extra} == {}
    found = sum(len(offered(one["text"]) & set(one["fits"])) for one in CASES["questions"])
    assert sum(len(one["fits"]) for one in CASES["questions"]) == 21
    assert found >= 17


@pytest.mark.parametrize(
    ("question", "one"),
    [
        ("How do I set up a second bank account?", article("Account")),
        ("How do I reset my password?", article("")),
        ("How do I reset my password?", article("Reset your password " * 20)),
        ("How do I reset my password?", article("Passwort zurücksetzen: reset password", locale="de")),
        ("How do I do that?", article("How do I do that?")),
    ],
)
def test_some_are_never_offered(question: str, one: Article) -> None:
    """One word in common, no title, a title like a text, another language, words that say nothing."""
    assert articles.fitting(question, "en", [one], 2) == ()


def test_each_title_is_offered_once_and_no_more_than_asked() -> None:
    """The same article for two regions is one, and the number is the admin's."""
    same = [article("Reset your password", number=n, locale=locale) for n, locale in enumerate(("en-us", "en-gb"))]
    assert articles.fitting("reset my password", "en", same, 2) == (same[0],)
    assert articles.fitting("reset my password", "en", same, 0) == ()


@given(make.texts, st.lists(st.builds(article, make.texts, make.texts), max_size=5), st.integers(0, 3))
def test_only_candidates_are_offered(question: str, candidates: list[Article], most: int) -> None:
    """Whatever the texts: at most so many, all of them found by the search."""
    found = articles.fitting(question, "en", candidates, most)
    assert len(found) <= most
    assert set(found) <= set(candidates)
