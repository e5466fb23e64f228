"""The text of an automated reply: what must be said first, then the answer.

It must not decide whether a reply is sent.
"""

from __future__ import annotations

from datetime import datetime

from integration import content
from integration.model import Answer, Rules
from integration.policy import hours


def text(answer: Answer, language: str, rules: Rules, link: str = "", now: datetime | None = None) -> str:
    """That it is automatic and how to reach a person, then when and how soon one is there, then the rendered macro.

    `link` leads to the page of the ways out; at `now` outside business hours it says when people are back.
    Raises KeyError where no wording exists for `language` (the silence contract keeps such a reply away).
    """
    phrases: dict[str, str] = content.phrases()["reply"][language]
    word = rules.person_word.strip() or Rules().person_word
    first = [phrases["automatic"], phrases["way"].format(word=word), *_page(phrases, rules, link)]
    when = _when(phrases, language, rules, now)
    # The address ends its line, so that no full stop becomes a part of it.
    parts = [" ".join(first), " ".join(when)] if link else [" ".join([*first, *when])]
    return "\n".join(part for part in parts if part) + "\n\n" + answer.text.strip()


def faults(answer: Answer, language: str, rules: Rules) -> tuple[str, ...]:
    """What the lint finds in the reply as a whole, and a second greeting; nothing in a language without wording."""
    if language not in content.phrases()["reply"] or language not in content.LANGUAGES:
        return ()
    whole = text(answer, language, rules)
    greetings = content.greetings(whole, language)
    twice = (f"{greetings} greetings, one is enough",) if greetings > 1 else ()
    return (*content.lint(whole, language), *twice)


def _page(phrases: dict[str, str], rules: Rules, link: str) -> list[str]:
    if not link:
        return []
    bookable = rules.callbacks_per_slot > 0 and hours.hours(rules) is not None
    return [phrases["link_with_times" if bookable else "link"].format(link=link)]


def _when(phrases: dict[str, str], language: str, rules: Rules, now: datetime | None) -> list[str]:
    said = []
    known, back = hours.hours(rules), hours.back_at(rules, now) if now else None
    if known and back:
        said.append(phrases["back"].format(moment=content.moment(back, known.zone, language)))
    within = rules.human_reply_within.strip()
    if within:
        said.append(phrases["within"].format(within=within))
    return said
