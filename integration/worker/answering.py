"""Puts together what would be answered: every question of a message, with looked-up facts and articles that fit.

It must not decide whether anything is sent, nor know how Zendesk or a look-up is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from integration import analysis, content, policy
from integration.model import (
    Answer,
    Article,
    Desk,
    Found,
    History,
    Intent,
    Lookup,
    MacroRef,
    Reading,
    Refused,
    Rules,
    Rung,
    Ticket,
)
from integration.policy import articles, orders, questions, thanks

_LOOKED_UP = "lookup."


class Preparing(Protocol):
    """What is asked of Zendesk about an answer."""

    def prepare(self, ticket: Ticket, macro: MacroRef) -> Answer: ...


class Asking(Protocol):
    """What is asked of the company's own services; never raises."""

    def ask(self, lookup: Lookup, slots: Mapping[str, str], email: str) -> Found: ...


class Guiding(Protocol):
    """What is asked of the Help Center; never raises."""

    def search(self, words: str) -> tuple[Article, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Prepares answers; without look-ups, Help Center and audits it prepares what stands in the macro."""

    zendesk: Preparing
    lookups: Callable[[], Mapping[Intent, Lookup]] = dict
    services: Asking | None = None
    help_center: Guiding | None = None
    reopened: Callable[[Ticket], bool] = lambda _ticket: False  # whether the newest message alone reopened the ticket

    def answer(self, ticket: Ticket, reading: Reading, history: History, rules: Rules, desk: Desk) -> Answer | None:
        """The answer to all that is asked, or as much of it as a draft may hold; None where nothing is to be said."""
        if policy.answer_key(ticket, reading, history, rules) is None:
            return None
        asked = self._asked(ticket, reading, history)
        found = [self._one(intent, ticket, desk) for intent in asked.intents]
        known = [one for one in found if one is not None]
        main = next((one for one in known if one.macro.key == f"answer/{reading.intent}"), None)
        if main is None:
            return None
        # What may not even be drafted alone must not come into a draft beside another answer.
        unspoken = any(rules.rung(intent) in (Rung.OBSERVE, Rung.TAG) for intent in asked.intents)
        if asked.unfit or unspoken or len(known) < len(found):
            return replace(main, unfit=(asked.unfit or questions.SEVERAL,))
        if len(known) == 1:
            return self._with_articles(main, reading, rules)
        return Answer(
            macro=main.macro,
            text=content.joined([one.text for one in known], reading.language),
            missing=tuple(dict.fromkeys(fact for one in known for fact in one.missing)),
            others=tuple(one.macro for one in known if one is not main),
        )

    def only_thanks(self, ticket: Ticket, reading: Reading, rules: Rules) -> Reading | None:
        """The reading as thanks, where that is all the newest message holds, and all that reopened the ticket."""
        newest = ticket.newest
        if newest is None or not thanks.worth_a_look(ticket, reading, rules):
            return None
        alone = analysis.read(replace(ticket, subject="", messages=(newest,)), History())
        if not thanks.pure(reading, alone, rules):
            return None
        try:
            if not self.reopened(ticket):
                return None
        except Refused:  # the audits may not be seen: a person closes the ticket
            return None
        sure = {**reading.confidence, "intent": alone.confidence["intent"]}
        return replace(reading, intent=Intent.THANKS, confidence=sure)

    def _asked(self, ticket: Ticket, reading: Reading, history: History) -> questions.Asked:
        """What is asked; only where there is more than one ask does a reading of each cost time."""
        newest = ticket.newest
        parts = questions.asks(policy.own_message(ticket, reading))
        if newest is None or not 1 < len(parts) <= questions.MOST_PARTS:
            return questions.asked(reading, [reading] * len(parts))
        before = ticket.before(newest)
        alone = (replace(ticket, subject="", messages=(*before, replace(newest, text=part))) for part in parts)
        return questions.asked(reading, [analysis.read(one, history) for one in alone])

    def _one(self, intent: Intent, ticket: Ticket, desk: Desk) -> Answer | None:
        macro = next((macro for macro in desk.macros if macro.key == f"answer/{intent}"), None)
        try:
            answer = self.zendesk.prepare(ticket, macro) if macro else None
        except Refused:  # an admin deleted the macro: there is no answer, and a person will give one
            return None
        return self._looked_up(answer, intent, ticket) if answer else None

    def _looked_up(self, answer: Answer, intent: Intent, ticket: Ticket) -> Answer:
        """The answer with the facts of the company's own service; a fact that is not known names why."""
        wanted = [fact for fact in answer.missing if fact.startswith(_LOOKED_UP)]
        if not wanted:
            return answer
        found = self._ask(self.lookups().get(intent), intent, ticket)
        why = f" ({found.why})" if found.why else ""
        lacking = {fact: f"{fact}{why}" for fact in wanted if not found.facts.get(fact.removeprefix(_LOOKED_UP))}
        missing = tuple(lacking.get(fact, fact) for fact in answer.missing if fact not in wanted or fact in lacking)
        return replace(answer, text=content.fill_looked_up(answer.text, found.facts), missing=missing)

    def _ask(self, lookup: Lookup | None, intent: Intent, ticket: Ticket) -> Found:
        if lookup is None or self.services is None:
            return Found(why=f"no look-up for {intent}: `flask lookups add`")
        known, doubtful = orders.slots(ticket)
        doubt = next((why for slot, why in doubtful.items() if f"{{{slot}}}" in lookup.url), "")
        return Found(why=doubt) if doubt else self.services.ask(lookup, known, ticket.requester.email)

    def _with_articles(self, answer: Answer, reading: Reading, rules: Rules) -> Answer:
        """The answer with Help Center articles that really fit; one whose title would spoil the wording stays away."""
        words = articles.query(reading.text)
        fits = reading.intent in articles.OFFERED_FOR and rules.help_articles > 0 and words and not answer.missing
        if not fits or self.help_center is None or not answer.text.strip():
            return answer
        found = articles.fitting(reading.text, reading.language, self.help_center.search(words), rules.help_articles)
        longer = replace(answer, text=content.under(answer.text, found, reading.language))
        return longer if not policy.wording_faults(longer, reading.language, rules) else answer
