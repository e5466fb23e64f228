"""Knows the one way in which a ticket is made or changed: checked, stored with comment and audit, then told to others.
It must not know HTTP, nor what the listeners do with a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox import audits, comments, people, properties
from sandbox.changes import TicketChange
from sandbox.errors import bad_request, forbidden, not_found, record_invalid, update_conflict
from sandbox.settings import SandboxSettings
from sandbox.shapes import iso, parse, show, show_ticket
from sandbox.state import State

Doc = dict[str, Any]

SYSTEM: Doc = {"id": -1, "name": "System", "email": None, "role": "admin", "active": False, "suspended": False}
"""Whom Zendesk names as the author of what triggers do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one create or update left behind: stored documents, and the keys that were dropped without a word."""

    ticket: Doc
    audit: Doc
    comment: Doc | None
    dropped: tuple[str, ...]


class Tickets:
    """The desk's tickets. Every method may be called from any thread."""

    def __init__(self, state: State, settings: SandboxSettings, notify: Callable[[TicketChange], None]) -> None:
        """`notify` is called after the commit of each create or update that changed something."""
        self._state = state
        self._settings = settings
        self._notify = notify

    def create(
        self, body: Mapping[str, Any], *, actor: Doc, channel: str, now: datetime, notify: bool = True
    ) -> Written:
        """Make a ticket from a REST `ticket` object. Raises 422 where a rule of the record is broken.

        `actor` is who is signed in. The first comment is the submitter's unless it names another author. The channel
        is what `via.channel` says, and `channel` where it says nothing.
        """
        channel = str((body.get("via") or {}).get("channel") or channel)
        with self._state.transaction():
            desk_fields = self._state.list("ticket_field")
            start = _blank(self._state.next_id("ticket"), channel, now)
            dropped = _unknown(body, properties.ON_CREATE)
            body = {key: value for key, value in body.items() if key not in dropped}
            body["comment"] = _first_comment(body)
            if body.get("requester_id") is None and not isinstance(body.get("requester"), dict):
                body["requester_id"] = actor["id"]
            after, lost = properties.apply(self._state, start, body, desk_fields, now)
            submitter = self._state.get("user", body.get("submitter_id") or actor["id"]) or actor
            after |= {"submitter_id": submitter["id"], "brand_id": after["brand_id"] or self._brand_id()}
            comment = comments.make(
                self._state, body["comment"], actor=actor, author=submitter, first_public=True, channel=channel, now=now
            )
            requester = self._state.get("user", after["requester_id"])
            after["organization_id"] = after["organization_id"] or (requester or {}).get("organization_id")
            after |= {"description": comment["body"], "_first_public": comment["public"]}
            after["via"] = comments.via(channel, requester)
            audit = audits.make(
                after["id"], author_id=actor["id"], channel=channel, now=now, metadata=body.get("metadata")
            )
            properties.assign_solver(self._state, after, actor)
            written = self._store(None, after, comment, audit, now, [*dropped, *lost])
        return self._told(None, written, actor, channel) if notify else written

    def update(
        self,
        ticket_id: int,
        body: Mapping[str, Any],
        *,
        actor: Doc,
        channel: str,
        now: datetime,
        bulk: bool = False,
        notify: bool = True,
        rule: Doc | None = None,
        audit_id: int | None = None,
    ) -> Written:
        """Change a ticket by a REST `ticket` object that holds only what changes.

        Raises 404 for a deleted or unknown ticket, 422 for a closed one or a broken rule, 409 for a safe update whose
        stamp is old. A trigger gives itself as `rule` and the audit it works for as `audit_id`: its events then join
        that audit, as in Zendesk. An update that changes nothing leaves no trace and tells nobody.
        """
        with self._state.transaction():
            before = self._open_ticket(ticket_id)
            _check_stamp(before, body)
            _check_rights(actor, body)
            desk_fields = self._state.list("ticket_field")
            dropped = _unknown(body, properties.IN_BULK if bulk else frozenset())
            body = {key: value for key, value in body.items() if key not in dropped}
            after, lost = properties.apply(self._state, before, body, desk_fields, now)
            comment = self._comment(before, body, actor, channel, now)
            _follow_reply(before, after, body, comment, actor)
            properties.assign_solver(self._state, after, actor)
            audit = self._state.get("audit", audit_id) if audit_id else None
            audit = audit or audits.make(
                ticket_id, author_id=actor["id"], channel=channel, now=now, metadata=body.get("metadata")
            )
            written = self._store(before, after, comment, audit, now, [*dropped, *lost], rule)
        changed = comment is not None or len(written.audit["events"]) > len(audit["events"])
        return self._told(before, written, actor, channel) if notify and changed else written

    def delete(self, ticket_id: int, *, actor: Doc, now: datetime) -> None:
        """Softly delete: the ticket answers 404 from now on, and can be restored."""
        with self._state.transaction():
            ticket = self._open_ticket(ticket_id, closed_too=True)
            gone = {"_deleted_at": iso(now), "_deleted_by": actor["id"], "_previous_state": ticket["status"]}
            self._state.put("ticket", _stamped(ticket | gone | {"status": "deleted"}, ticket, now))

    def restore(self, ticket_id: int, now: datetime) -> None:
        """Bring a deleted ticket back as it was. Raises 404 when there is none."""
        with self._state.transaction():
            ticket = self._state.get("ticket", ticket_id)
            if ticket is None or ticket["status"] != "deleted":
                raise not_found()
            back = {key: value for key, value in ticket.items() if key not in ("_deleted_at", "_deleted_by")}
            self._state.put("ticket", _stamped(back | {"status": ticket["_previous_state"]}, ticket, now))

    def rate(self, ticket_id: int, given: Mapping[str, Any], *, actor: Doc, now: datetime) -> Doc:
        """Store what the requester thinks of a solved ticket: `score` good or bad, and a `comment`. Raises 422."""
        with self._state.transaction():
            before = self._open_ticket(ticket_id, closed_too=True)
            _check_rating(before, given, actor)
            rating = self._state.put("satisfaction_rating", self._rating(before, given, now))
            after = before | {"satisfaction_rating": {key: rating[key] for key in ("id", "score", "comment")}}
            audit = audits.make(ticket_id, author_id=actor["id"], channel="web", now=now)
            event = {"type": "SatisfactionRating", "score": rating["score"], "assignee_id": rating["assignee_id"]}
            audit["events"] = audits.numbered(self._state, [{**event, "body": rating["comment"] or ""}])
            audit = self._state.put("audit", audit)
            self._state.put("ticket", after := _stamped(after, before, now))
        self._told(before, Written(ticket=after, audit=audit, comment=None, dropped=()), actor, "web")
        return rating

    def _comment(self, before: Doc, body: Mapping[str, Any], actor: Doc, channel: str, now: datetime) -> Doc | None:
        if body.get("comment") is None:
            return None
        return comments.make(
            self._state,
            body["comment"],
            actor=actor,
            author=actor,
            first_public=before["_first_public"],
            channel=channel,
            now=now,
        )

    def _store(
        self,
        before: Doc | None,
        after: Doc,
        comment: Doc | None,
        audit: Doc,
        now: datetime,
        dropped: list[str],
        rule: Doc | None = None,
    ) -> Written:
        """Write ticket, comment and audit; nothing at all where nothing changed."""
        if comment is not None:
            after["is_public"] = after["is_public"] or comment["public"]
        events = audits.changes(before, after)
        audit = {**audit, "id": audit["id"] or self._state.next_id("audit")}
        if not events and comment is None and before is not None:
            return Written(ticket=before, audit=audit, comment=None, dropped=tuple(dropped))
        if comment is not None:
            comment |= {"id": self._state.next_id("comment"), "ticket_id": after["id"], "audit_id": audit["id"]}
            self._state.put("comment", comment)
            events.insert(0, audits.comment_event(comment))
        if rule is not None:
            source = {"from": {"id": rule["id"], "title": rule["title"], "deleted": False}, "rel": "trigger"}
            events = [{**event, "via": {"channel": "rule", "source": source}} for event in events]
        audit = self._state.put("audit", {**audit, "events": audit["events"] + audits.numbered(self._state, events)})
        after["_metrics"] = _measured(before, after, comment, self._state, now)
        after = self._state.put("ticket", _stamped(after, before, now))
        return Written(ticket=after, audit=audit, comment=comment, dropped=tuple(dropped))

    def _told(self, before: Doc | None, written: Written, actor: Doc, channel: str) -> Written:
        """Tell the listener, then give back what it made of ticket and audit: triggers run inside the update."""
        base, fields = self._settings.public_url, self._state.list("ticket_field")
        self._notify(
            TicketChange(
                before=None if before is None else show_ticket(before, fields, base),
                after=show_ticket(written.ticket, fields, base),
                comment=None if written.comment is None else show("comment", written.comment, base),
                actor=show("user", actor, base),
                via_channel=channel,
                audit_id=written.audit["id"],
            )
        )
        return Written(
            ticket=self._state.get("ticket", written.ticket["id"]) or written.ticket,
            audit=self._state.get("audit", written.audit["id"]) or written.audit,
            comment=written.comment,
            dropped=written.dropped,
        )

    def _open_ticket(self, ticket_id: int, closed_too: bool = False) -> Doc:
        ticket = self._state.get("ticket", ticket_id)
        if ticket is None or ticket["status"] == "deleted":
            raise not_found()
        if ticket["status"] == "closed" and not closed_too:
            raise record_invalid("status", "Status: closed prevents ticket update", "ClosedTicket")
        return ticket

    def _brand_id(self) -> int | None:
        brands = self._state.list("brand")
        return brands[0]["id"] if brands else None

    def _rating(self, ticket: Doc, given: Mapping[str, Any], now: datetime) -> Doc:
        known = self._state.find("satisfaction_rating", ticket_id=ticket["id"])
        return {
            "id": known[0]["id"] if known else None,
            "assignee_id": ticket["assignee_id"],
            "group_id": ticket["group_id"],
            "requester_id": ticket["requester_id"],
            "ticket_id": ticket["id"],
            "score": given["score"],
            "comment": str(given.get("comment") or "") or None,
            "reason": "No reason provided",
            "reason_id": 0,
            "reason_code": 0,
            "created_at": known[0]["created_at"] if known else iso(now),
            "updated_at": iso(now),
        }


def _first_comment(body: Mapping[str, Any]) -> Doc:
    given = body.get("comment")
    return given if isinstance(given, dict) else {"body": str(body.get("description") or "")}


def _unknown(body: Mapping[str, Any], also: frozenset[str]) -> list[str]:
    """Keys that nobody knows, and a comment that is no object: Zendesk drops that too, and the reply is lost."""
    lost = [] if isinstance(body.get("comment"), dict | None) else ["comment"]
    return lost + sorted(key for key in body if key not in properties.KNOWN and key not in also)


def _check_stamp(ticket: Doc, body: Mapping[str, Any]) -> None:
    """Any value of `safe_update` turns it on, false as well: only leaving it out turns it off."""
    if "safe_update" not in body:
        return
    if not body.get("updated_stamp"):
        raise bad_request("ParameterMissing", "updated_stamp is required for a safe update")
    try:
        stamp = parse(str(body["updated_stamp"]))
    except ValueError:
        raise bad_request("InvalidParameter", "updated_stamp is not a time") from None
    if stamp != parse(ticket["updated_at"]):
        raise update_conflict()


def _check_rights(actor: Doc, body: Mapping[str, Any]) -> None:
    """A light agent may comment (privately) and change nothing else; an end user may comment."""
    if not people.is_light(actor) and people.is_staff(actor):
        return
    if set(body) - {"comment", "id", "safe_update", "updated_stamp", "metadata"}:
        raise forbidden()


def _follow_reply(before: Doc, after: Doc, body: Mapping[str, Any], comment: Doc | None, actor: Doc) -> None:
    """A customer's reply opens a ticket that waits or is solved."""
    waiting = before["status"] in ("pending", "hold", "solved")
    if comment is not None and not people.is_staff(actor) and waiting and "status" not in body:
        after["status"] = "open"


def _stamped(after: Doc, before: Doc | None, now: datetime) -> Doc:
    """The ticket with a new `updated_at`.

    Zendesk's stamps have whole seconds. Two updates within one second would share a stamp, and a safe update would
    lose one of them; so the later one is stamped a second on.
    """
    moment = now.replace(microsecond=0)
    if before is not None:
        moment = max(moment, parse(before["updated_at"]) + timedelta(seconds=1))
    return after | {"updated_at": iso(moment), "generated_timestamp": int(moment.timestamp())}


def _measured(before: Doc | None, after: Doc, comment: Doc | None, state: State, now: datetime) -> Doc:
    """The counts and times of https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/"""
    metrics: Doc = dict(before["_metrics"]) if before else {"reopens": 0, "replies": 0, "solved_at": None}
    if before is None or before["status"] != after["status"]:
        metrics["status_updated_at"] = iso(now)
        metrics["solved_at"] = iso(now) if after["status"] == "solved" else metrics["solved_at"]
    if before is not None and before["status"] == "solved" and after["status"] not in ("solved", "closed"):
        metrics |= {"reopens": metrics["reopens"] + 1, "solved_at": None}
    if comment is not None:
        metrics["latest_comment_added_at"] = iso(now)
        author = state.get("user", comment["author_id"])
        if before is not None and comment["public"] and author is not None and people.is_staff(author):
            metrics["replies"] += 1
    return metrics


def _check_rating(ticket: Doc, given: Mapping[str, Any], actor: Doc) -> None:
    if actor["id"] != ticket["requester_id"]:
        raise forbidden()
    if given.get("score") not in ("good", "bad"):
        raise record_invalid("score", "Score is invalid")
    if ticket["status"] not in ("solved", "closed"):
        raise record_invalid("base", "Ticket must be solved to be rated")


def _blank(ticket_id: int, channel: str, now: datetime) -> Doc:
    return {
        "id": ticket_id,
        "external_id": None,
        "via": {},
        "created_at": iso(now),
        "updated_at": iso(now),
        "generated_timestamp": int(now.timestamp()),
        "type": None,
        "subject": None,
        "raw_subject": None,
        "description": "",
        "priority": None,
        "status": "new",
        "recipient": None,
        "requester_id": None,
        "submitter_id": None,
        "assignee_id": None,
        "organization_id": None,
        "group_id": None,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "forum_topic_id": None,
        "problem_id": None,
        "has_incidents": False,
        "is_public": False,
        "due_at": None,
        "tags": [],
        "custom_fields": [],
        "satisfaction_rating": {"score": "unoffered"},
        "sharing_agreement_ids": [],
        "custom_status_id": None,
        "followup_ids": [],
        "brand_id": None,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": channel in ("native_messaging", "whatsapp", "sms", "facebook", "twitter"),
    }
