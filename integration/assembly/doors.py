"""Puts together what stands behind the doors for customers and agents: the way to a person, and the app's server.

It must not decide or translate: each door is handed what it asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from integration import content, gate, pages, sidebar
from integration.model import Status
from integration.worker import Onlooker, Talks
from integration.zendesk import StaffReader

if TYPE_CHECKING:
    from integration.assembly.parts import Assembly

Clock = Callable[[], datetime]


def behind_the_page(parts: Assembly, clock: Clock) -> pages.Behind:
    """What the customer's page is made of; Zendesk is only needed once a status is asked for."""

    def status(ticket_id: int) -> Status:
        return parts.tickets.status(ticket_id)

    return pages.Behind(
        key=lambda: _link_key(parts),
        account=lambda: parts.settings.zendesk_url,
        memory=lambda: parts.store,
        status=status,
        enqueue=parts.enqueue,
        clock=clock,
    )


def link(parts: Assembly, ticket_id: int, message_id: int, language: str, now: datetime) -> str:
    """The address of the page for one answered message; empty without PUBLIC_URL."""
    if not parts.settings.public_url:
        return ""
    until, spoken = now + gate.LINK_LIFE, content.spoken(language)
    made = gate.Link(ticket_id=ticket_id, message_id=message_id, until=until, language=spoken)
    token = gate.sign_link(made, _link_key(parts), parts.settings.zendesk_url)
    return parts.settings.public_url + content.WAY_OUT_PATH + token


def behind_the_sidebar(parts: Assembly, clock: Clock) -> sidebar.Behind:
    """What the app's door is made of."""
    return sidebar.Behind(
        secret=parts.sidebar_secret,
        account=lambda: parts.settings.zendesk_url,
        onlooker=lambda: parts.onlooker,
        clock=clock,
        entry_url=parts.entry_url,
    )


def onlooker(parts: Assembly, clock: Clock) -> Onlooker:
    """What looks at tickets for agents."""
    return Onlooker(
        zendesk=parts.tickets,
        staff=StaffReader(parts.session, clock=clock).staff,
        judgements=lambda: parts.store.judgements,
        rules=parts.store.rules,
        desk=parts.desk,
        enqueue=parts.enqueue,
        clock=clock,
        talks=Talks(clock=clock),
    )


def _link_key(parts: Assembly) -> bytes:
    return parts.seal.key("links to a person")
