"""Knows how Zendesk writes who works in the desk: memberships, people, availability, open tickets, organizations.

It must not judge who is fit for a ticket, nor fetch anything: JSON in, nouns out, and what is missing stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from integration.model import Agent, Organization, Restriction, Staff
from integration.wire import values
from integration.wire.values import Json

# role_type: 0 custom, 1 light, 2 chat only, 3 chat contributor, 4 admin, 5 billing admin; full agents have none.
# https://developer.zendesk.com/api-reference/ticketing/users/users/#json-format
_HOLDS_TICKETS = frozenset({None, 0, 4})
_LIGHT = 1
# Any other word, such as a custom role's, is one that we do not know, and who has it sees nothing.
_RESTRICTIONS = {
    "": Restriction.NONE,
    **{str(one): one for one in (Restriction.GROUPS, Restriction.ASSIGNED, Restriction.ORGANIZATION)},
}
_STAFF = frozenset({"agent", "admin"})
_BOT_TAG = "bot"
# Unified agent statuses; a desk's own ones have other numbers, and of those we know nothing.
# https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/
_STATUSES: Mapping[object, bool] = {
    **{2: False, 3: True, 4: False, 5: False},
    **{"offline": False, "online": True, "away": False, "transfers_only": False},
}


def agents(
    memberships: Iterable[Json],
    users: Mapping[int, Json],
    available: Mapping[int, bool],
    self_id: int,
    *,
    assignable: frozenset[int] | None = None,
) -> tuple[Agent, ...]:
    """Everybody who is in a group, by id; we ourselves, other bots, and people of whom nothing is known left out.

    `assignable` are those whom Zendesk itself says may hold tickets, custom roles considered; None where it was not
    asked.
    """
    groups: dict[int, set[int]] = {}
    for one in memberships:
        user, group = values.maybe_number(one.get("user_id")), values.maybe_number(one.get("group_id"))
        if user is not None and group is not None:
            groups.setdefault(user, set()).add(group)
    return tuple(
        _agent(id_, users[id_], frozenset(groups[id_]), available.get(id_), assignable is None or id_ in assignable)
        for id_ in sorted(groups.keys() & users.keys() - {self_id})
        if _BOT_TAG not in _tags(users[id_])
    )


def staff(shown: Json, memberships: Iterable[Json] = (), private: frozenset[int] = frozenset()) -> Staff:
    """Who somebody is and which tickets they may see, by the answer to Show User. Raises NotUnderstood.

    `private` are the groups whose tickets nobody else sees; an admin sees those as well.

    https://developer.zendesk.com/api-reference/ticketing/users/users/#json-format
    """
    user = values.mapping(shown.get("user"))
    ids = {values.maybe_number(user.get("default_group_id"))}
    ids |= {values.maybe_number(one.get("group_id")) for one in memberships}
    groups = frozenset(group for group in ids if group is not None)
    admin = values.word(user.get("role")) == "admin"
    return Staff(
        id=values.number(user.get("id"), "user.id"),
        staff=values.word(user.get("role")) in _STAFF,
        active=values.flag(user.get("active"), default=False) and not values.flag(user.get("suspended"), default=True),
        admin=admin,
        light=values.maybe_number(user.get("role_type")) == _LIGHT,
        restriction=_RESTRICTIONS.get(str(user.get("ticket_restriction") or ""), Restriction.OTHER),
        groups=groups,
        barred=frozenset() if admin else private - groups,
        organization_id=values.maybe_number(user.get("organization_id")),
    )


def members(memberships: Iterable[Json]) -> frozenset[int]:
    """The ids of everybody who is in a group."""
    ids = (values.maybe_number(one.get("user_id")) for one in memberships)
    return frozenset(id_ for id_ in ids if id_ is not None)


def groups(rows: Iterable[Json]) -> dict[str, int]:
    """Group ids by name, without the deleted ones."""
    standing = (row for row in rows if not values.flag(row.get("deleted"), default=False))
    known = ((values.text(row.get("name")), values.maybe_number(row.get("id"))) for row in standing)
    return {name: id_ for name, id_ in known if id_ is not None}


def private_groups(rows: Iterable[Json]) -> frozenset[int]:
    """The ids of the groups whose tickets only those in them may see.

    https://developer.zendesk.com/api-reference/ticketing/groups/groups/#json-format
    """
    closed = (row for row in rows if not values.flag(row.get("is_public"), default=True))
    ids = (values.maybe_number(row.get("id")) for row in closed)
    return frozenset(id_ for id_ in ids if id_ is not None)


def omnichannel(shown: Json) -> bool | None:
    """Whether omnichannel routing is on, by the answer to Show Settings; None where it does not say.

    https://developer.zendesk.com/api-reference/ticketing/account-configuration/account_settings/#routing
    """
    routing = values.mapping(values.mapping(shown.get("settings")).get("routing"))
    said = values.flag(routing.get("enabled"), default=False)
    return said if said is values.flag(routing.get("enabled"), default=True) else None


def availability(rows: Iterable[Json]) -> dict[int, bool]:
    """Who is at work and who is not, by agent id; people with a status that only this desk knows are left out."""
    found: dict[int, bool] = {}
    for row in rows:
        told = values.mapping(row.get("attributes"))
        status = values.mapping(told.get("agent_status"))
        agent = values.maybe_number(told.get("agent_id") or row.get("id"))
        known = _STATUSES.get(values.maybe_number(status.get("id")), _STATUSES.get(values.word(status.get("name"))))
        if agent is not None and known is not None:
            found[agent] = known
    return found


def held(rows: Iterable[Json]) -> dict[int, int]:
    """Who has each ticket that somebody has: assignee by ticket id."""
    pairs = ((values.maybe_number(row.get("id")), values.maybe_number(row.get("assignee_id"))) for row in rows)
    return {ticket: agent for ticket, agent in pairs if ticket is not None and agent is not None}


def organization(shown: Json) -> Organization:
    """What the answer to Show Organization says of it."""
    row = values.mapping(shown.get("organization"))
    fields = values.mapping(row.get("organization_fields"))
    return Organization(
        tags=frozenset(values.words(row.get("tags"))),
        fields={name: _written(value) for name, value in fields.items() if value not in (None, "")},
    )


def _agent(id_: int, user: Json, in_groups: frozenset[int], available: bool | None, assignable: bool) -> Agent:
    full = values.word(user.get("role")) in _STAFF and values.maybe_number(user.get("role_type")) in _HOLDS_TICKETS
    private_only = values.flag(user.get("only_private_comments"), default=False)
    return Agent(
        id=id_,
        name=values.text(user.get("name")),
        groups=in_groups,
        tags=_tags(user),
        language=values.word(user.get("locale")).partition("-")[0],
        available=available,
        assignable=assignable and full and not private_only,
        suspended=values.flag(user.get("suspended"), default=False)
        or not values.flag(user.get("active"), default=True),
    )


def _tags(user: Json) -> frozenset[str]:
    return frozenset(tag.lower() for tag in values.words(user.get("tags")))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else values.text(value)
