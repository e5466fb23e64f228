"""The customer's page behind the link in every automated reply: a person now, a time with a person, or solved.

It must not decide what a choice leads to, nor show anything of the ticket but its number: it checks, books, enqueues.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from integration import content, gate
from integration.model import (
    AttuneError,
    Booking,
    Choice,
    EventKind,
    NotTrusted,
    Rules,
    Status,
    TicketEvent,
    TryLater,
)
from integration.policy import hours

log = logging.getLogger("attune.pages")

# Our form has three short values.
LARGEST_FORM_BYTES = 8 * 1024
# Whoever changes a time more often is better helped by a person, and a borrowed link does no more than that.
MOST_CHANGES = 10
# One choice of one link is one event in this time, in seconds, however often a button is pressed.
ONE_EVENT_PER_S = 60
# Nothing but our own style sheet, no script at all; nobody may frame the page or have its form sent elsewhere.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",  # the address is the key to the page
    "Cache-Control": "no-store",
}
_NO_MORE = frozenset({Status.CLOSED, Status.DELETED})


class Memory(Protocol):
    """What the page asks of the store."""

    def rules(self) -> Rules: ...
    def booking(self, ticket_id: int) -> Booking | None: ...
    def wish(self, ticket_id: int, now: datetime) -> None: ...
    def taken(self, first: datetime, but_for: int) -> Mapping[datetime, int]: ...
    def book(self, ticket_id: int, slot: datetime, places: int, language: str, now: datetime) -> Booking | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What stands behind the page; each is asked anew for a request."""

    key: Callable[[], bytes]
    account: Callable[[], str]
    memory: Callable[[], Memory]
    status: Callable[[int], Status]
    enqueue: Callable[[TicketEvent], None]
    clock: Callable[[], datetime]


def blueprint(behind: Behind) -> Blueprint:
    """The routes of the page: opening it changes nothing, since mail scanners open every link."""
    pages = Blueprint(
        "pages",
        __name__,
        url_prefix=content.WAY_OUT_PATH.rstrip("/"),
        template_folder="templates",
        static_folder="static/customer",
        static_url_path="/static",
    )

    @pages.get("/<token>")
    def look(token: str) -> Response:
        return _answered(behind, token, _look)

    @pages.post("/<token>")
    def choose(token: str) -> Response:
        request.max_content_length = LARGEST_FORM_BYTES
        return _answered(behind, token, _choose)

    @pages.after_request
    def harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint == "pages.static":
            response.headers["Cache-Control"] = "public, max-age=3600"
        return response

    return pages


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """One request with a link that we trust."""

    behind: Behind
    token: str
    link: gate.Link
    language: str
    now: datetime
    rules: Rules
    booking: Booking | None

    def free(self) -> tuple[datetime, ...]:
        """The times that this customer may book, their own among them."""
        return hours.free_slots(self.rules, self.now, self.behind.memory().taken(self.now, self.link.ticket_id))

    def told(self, moment: datetime) -> str:
        """A moment in the visitor's language and the desk's time zone."""
        return content.moment(moment, hours.zone_or_utc(self.rules), self.language)


def _answered(behind: Behind, token: str, act: Callable[[_Visit], Response]) -> Response:
    """Let nobody in whom we gave no link, and say so without any detail; a closed ticket leads to a new one."""
    try:
        visit = _visit(behind, token)
        return _page(visit, "closed", 410) if _over(visit) else act(visit)
    except NotTrusted as refused:
        log.info("refused a link: %s", refused)
        return _said("gone", _language(None), 404)
    except TryLater as later:
        log.error("cannot serve a customer's page: %s", later)
        return _said("later", _language(None), 503, retry_after=30)


def _visit(behind: Behind, token: str) -> _Visit:
    now = behind.clock()
    link = gate.read_link(token, behind.key(), behind.account(), now)
    memory = behind.memory()
    return _Visit(
        behind=behind,
        token=token,
        link=link,
        language=_language(link),
        now=now,
        rules=memory.rules(),
        booking=memory.booking(link.ticket_id),
    )


def _over(visit: _Visit) -> bool:
    """Whether nothing can be done on the ticket any more; where Zendesk does not tell, a person stays reachable."""
    try:
        return visit.behind.status(visit.link.ticket_id) in _NO_MORE
    except AttuneError as failure:
        log.warning("ticket %d: its status is not known: %s", visit.link.ticket_id, failure)
        return False


# --- the two things that can be done ---------------------------------------------------------------------------------


def _look(visit: _Visit) -> Response:
    return _choices(visit)


def _choose(visit: _Visit) -> Response:
    """Take a choice, once for any number of presses, and say what happens next."""
    try:
        gate.check_form(request.form.get("form", ""), visit.token, visit.behind.key(), visit.now)
        choice = Choice(request.form.get("choice", ""))
    except (NotTrusted, ValueError, RequestEntityTooLarge):
        return _choices(visit, "again", 400)
    if choice is Choice.TIME:
        return _book(visit)
    if choice is Choice.PERSON:  # the page says that no automatic answer comes, so it holds before the queue gets there
        visit.behind.memory().wish(visit.link.ticket_id, visit.now)
    _enqueue(visit, choice)
    return _page(visit, "told" if choice is Choice.PERSON else "solved_told")


def _book(visit: _Visit) -> Response:
    slot = _moment(request.form.get("slot", ""))
    if slot is None or slot not in visit.free():
        return _choices(visit, "time_none", 409)
    if visit.booking and visit.booking.slot != slot and visit.booking.changes >= MOST_CHANGES:
        return _choices(visit, "too_many_changes", 409)
    memory, places = visit.behind.memory(), visit.rules.callbacks_per_slot
    booked = memory.book(visit.link.ticket_id, slot, places, visit.language, visit.now)
    if booked is None:
        return _choices(visit, "time_gone", 409)
    _enqueue(visit, Choice.TIME, f"-{booked.changes}")
    return _page(visit, "time_told", moment=visit.told(booked.slot))


def _enqueue(visit: _Visit, choice: Choice, more: str = "") -> None:
    """The durable queue takes an event of one id once, so that a second press is the first one's."""
    part = int(visit.now.timestamp()) // ONE_EVENT_PER_S
    event = TicketEvent(
        delivery_id=f"way-out-{visit.link.ticket_id}-{visit.link.message_id}-{choice}{more}-{part}",
        ticket_id=visit.link.ticket_id,
        kind=EventKind.WAY_OUT,
        happened_at=visit.now,
        choice=choice,
    )
    visit.behind.enqueue(event)
    log.info("ticket %d delivery %s kind %s queued", event.ticket_id, event.delivery_id, event.kind)


# --- what is shown ---------------------------------------------------------------------------------------------------


def _choices(visit: _Visit, notice: str = "", status: int = 200) -> Response:
    texts, zone = content.way_out(visit.language), hours.zone_or_utc(visit.rules)
    back = hours.back_at(visit.rules, visit.now)
    return _drawn(
        "choices.html",
        visit.language,
        status,
        number=visit.link.ticket_id,
        notice=texts.get(f"{notice}_text", texts.get(notice, "")) if notice else "",
        notice_head=texts.get(f"{notice}_head", ""),
        open=hours.is_open(visit.rules, visit.now),
        back=texts["person_back"].format(moment=visit.told(back)) if back else "",
        days=_by_day(visit),
        zone=content.zone_name(zone, visit.language),
        booked=_booked(visit, texts),
        form=gate.sign_form(visit.token, visit.behind.key(), visit.now),
    )


def _booked(visit: _Visit, texts: Mapping[str, Any]) -> str:
    if visit.booking is None or visit.booking.slot < visit.now:
        return ""
    return str(texts["booked"].format(moment=visit.told(visit.booking.slot)))


def _by_day(visit: _Visit) -> list[tuple[str, list[dict[str, Any]]]]:
    zone, language = hours.zone_or_utc(visit.rules), visit.language
    standing = visit.booking.slot if visit.booking else None
    days = groupby(visit.free(), key=lambda slot: content.day(slot, zone, language))
    return [
        (
            day,
            [{"value": at.isoformat(), "text": content.slot(at, zone, language), "mine": at == standing} for at in of],
        )
        for day, of in days
    ]


def _page(visit: _Visit, what: str, status: int = 200, moment: str = "") -> Response:
    """What happens next; when people are back is said where somebody was promised one."""
    back = hours.back_at(visit.rules, visit.now) if what == "told" else None
    more = content.way_out(visit.language)["told_back"].format(moment=visit.told(back)) if back else ""
    again = "" if status != 200 else visit.token
    return _said(what, visit.language, status, moment=moment, more=more, again=again, number=visit.link.ticket_id)


def _said(what: str, language: str, status: int, moment: str = "", retry_after: int = 0, **more: Any) -> Response:
    texts = content.way_out(language)
    head, text = texts[f"{what}_head"], texts[f"{what}_text"].format(moment=moment)
    response = _drawn("said.html", language, status, head=head, text=text, **more)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _drawn(template: str, language: str, status: int, **shown: Any) -> Response:
    languages = [(code, content.way_out(code)["name"]) for code in content.LANGUAGES]
    page = render_template(
        f"customer/{template}", language=language, languages=languages, t=content.way_out(language), **shown
    )
    return make_response(page, status)


def _language(link: gate.Link | None) -> str:
    """The language that was pressed, else that of the answer, else what the browser asks for."""
    pressed = request.args.get("lang", "")
    if pressed in content.LANGUAGES:
        return pressed
    if link is not None:
        return content.spoken(link.language)
    return request.accept_languages.best_match(content.LANGUAGES) or content.ENGLISH


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
