"""Who may see which ticket: an agent's own limits in the desk hold in the sidebar as well.

It must not know how the limits are read; whoever is asked about and the ticket in, a reason why not out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integration.model import Restriction, Staff, Ticket


def may_not_look(staff: Staff) -> str:
    """Why this person may see nothing at all, or nothing."""
    if not staff.staff:
        return "only people who work in this desk may look"
    return "" if staff.active else "this agent is suspended or deleted"


def may_not_see(staff: Staff, ticket: Ticket) -> str:
    """Why this person may not see this ticket, or nothing.

    An agent's limits are Zendesk's own: `ticket_restriction`, and groups that are private to those who are in them.
    https://developer.zendesk.com/api-reference/ticketing/users/users/#json-format
    https://developer.zendesk.com/api-reference/ticketing/groups/groups/#json-format
    """
    if reason := may_not_look(staff):
        return reason
    within = ticket.group_id not in staff.barred and _WITHIN[staff.restriction](staff, ticket)
    return "" if staff.admin or within else "this agent may not see this ticket"


def may_not_correct(staff: Staff) -> str:
    """Why this person may not correct a label: light agents change no ticket in Zendesk, so not by way of us either."""
    return "light agents may look, but not change what is on a ticket" if staff.light else ""


def may_not_see_all(staff: Staff) -> str:
    """Why this person may not look at what is about all tickets, or nothing."""
    if reason := may_not_look(staff):
        return reason
    everything = staff.admin or (staff.restriction is Restriction.NONE and not staff.barred)
    return "" if everything else "this agent sees some tickets only, and the dashboard is about all of them"


_WITHIN: Mapping[Restriction, Callable[[Staff, Ticket], bool]] = {
    Restriction.NONE: lambda _staff, _ticket: True,
    Restriction.GROUPS: lambda staff, ticket: ticket.group_id in staff.groups,
    Restriction.ASSIGNED: lambda staff, ticket: ticket.assignee_id == staff.id,
    Restriction.ORGANIZATION: lambda staff, ticket: (
        staff.organization_id is not None and ticket.requester.organization_id == staff.organization_id
    ),
    Restriction.OTHER: lambda _staff, _ticket: False,
}
