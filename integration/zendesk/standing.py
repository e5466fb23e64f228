"""What stands in the account now, of every kind that install makes, and what the account's triggers understand.

It must not know what install wants, and it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integration.model import Refused
from integration.wire.resources import (
    APP,
    APP_INSTALLATION,
    CATEGORY,
    FIELD,
    GROUP,
    MACRO,
    MEMBERSHIP,
    TRIGGER,
    VIEW,
    WEBHOOK,
    Account,
)
from integration.zendesk.session import Declined, Session

Thing = Mapping[str, Any]

API = "/api/v2"
NOT_THERE = 404  # what Zendesk answers where an endpoint or a thing is not there
NOT_ALLOWED = 403
# Where each kind is listed, made and changed; the JSON key of a list is the path's last part.
PATHS: Mapping[str, str] = {
    WEBHOOK: "webhooks",
    CATEGORY: "trigger_categories",
    TRIGGER: "triggers",
    FIELD: "ticket_fields",
    GROUP: "groups",
    MEMBERSHIP: "group_memberships",
    VIEW: "views",
    MACRO: "macros",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where a kind of the Apps API is listed, and where one of it stands; its lists come whole, in one page."""

    listed: str
    key: str  # of the list in the answer
    own: str


# Apart from PATHS, since an account may do without apps: nothing else asks for the right to them.
# https://developer.zendesk.com/documentation/apps/app-developer-guide/creating-and-managing-private-apps
APP_LISTS: Mapping[str, Shelf] = {
    APP: Shelf(listed="apps/owned", key="apps", own="apps"),
    APP_INSTALLATION: Shelf(listed="apps/installations", key="installations", own="apps/installations"),
}


# Trigger categories came to accounts one by one, and nobody needs to be put into a group.
_OPTIONAL = frozenset({CATEGORY, MEMBERSHIP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands in the account, as Zendesk writes it."""

    account: Account
    things: Mapping[str, tuple[Thing, ...]] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Thing, ...]:
        """Everything of one kind."""
        return self.things.get(kind, ())

    def by_id(self, kind: str, zendesk_id: str) -> Thing | None:
        """The one with this id, or None where it is gone."""
        return next((thing for thing in self.of(kind) if str(thing.get("id")) == zendesk_id), None)


def survey(session: Session, *, apps: bool = False) -> Standing:
    """Read everything that install might make, change or meet; `apps` where it has to do with the Zendesk app.

    Raises Refused where the credentials may not read a list, TryLater where the account cannot answer now.
    """
    self_id = (session.ask("GET", f"{API}/users/me").get("user") or {}).get("id")
    if not self_id:  # Zendesk answers a caller it does not know with an anonymous user, not with 401
        raise Refused("Zendesk does not know us: check ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET")
    found = {kind: _all(session, kind) for kind in PATHS}
    if apps:
        found |= {kind: _shelf(session, shelf) for kind, shelf in APP_LISTS.items()}
    account = _account(str(self_id), _conditions(session), has_categories=found[CATEGORY] is not None)
    return Standing(account=account, things={kind: things or () for kind, things in found.items()})


def _all(session: Session, kind: str) -> tuple[Thing, ...] | None:
    """Everything of one kind, or None for an account that does not know a kind which it may do without."""
    try:
        return tuple(session.each(f"{API}/{PATHS[kind]}", PATHS[kind]))
    except Declined as declined:
        if kind not in _OPTIONAL or declined.status != NOT_THERE:
            raise
        return None


def _shelf(session: Session, shelf: Shelf) -> tuple[Thing, ...]:
    """Everything on one shelf; nothing in an account without private apps, where installing says so."""
    try:
        rows = session.ask("GET", f"{API}/{shelf.listed}").get(shelf.key)
    except Declined as declined:
        if declined.status not in (NOT_ALLOWED, NOT_THERE):
            raise
        rows = []
    return tuple(row for row in rows or () if isinstance(row, dict))


def _conditions(session: Session) -> Mapping[str, Thing]:
    """The trigger conditions that this account knows, by name; empty where they cannot be read.

    https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
    """
    try:
        answer = session.ask("GET", f"{API}/triggers/definitions")
    except Declined:
        return {}
    definitions = answer.get("definitions") or {}
    return {str(one.get("subject")): one for one in definitions.get("conditions_all") or ()}


def _account(self_id: str, conditions: Mapping[str, Thing], has_categories: bool) -> Account:
    roles = [str(value.get("value")) for value in conditions.get("role", {}).get("values") or ()]
    return Account(
        self_id=self_id,
        end_user_role=_spelled(roles, "enduser", "end_user"),
        agent_role=_spelled(roles, "agent", "agent"),
        has_categories=has_categories,
        # Where the conditions cannot be read, we ask for the trigger and hear whether it is refused.
        has_ratings=not conditions or "satisfaction_score" in conditions,
    )


def _spelled(roles: list[str], letters: str, otherwise: str) -> str:
    """How this account writes a role: end_user in most, end-user in some."""
    return next((role for role in roles if re.sub("[^a-z]", "", role.lower()) == letters), otherwise)
