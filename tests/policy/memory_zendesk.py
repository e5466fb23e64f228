"""One ticket in a Zendesk that lives in memory: the few calls of the worker, answered by Zendesk's rules, over no wire.

It must not know the product: it sees requests and gives answers, so that the real session, client and wire are driven.
Whole-second version stamps, 409 on a stale one, pending tickets that a customer's word opens again:
https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#protecting-against-ticket-update-collisions
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

Json = dict[str, Any]
TICKET, CUSTOMER, US, AGENT, OTHER_BOT = 42, 7, 900, 12, 30
MACRO = 101
USERS = (
    {"id": CUSTOMER, "name": "Mary", "email": "mary@example.com", "role": "end-user", "active": True},
    {"id": US, "name": "Attune", "email": "attune@example.com", "role": "admin", "active": True},
    {"id": AGENT, "name": "Ann", "email": "ann@example.com", "role": "agent", "active": True},
    {"id": OTHER_BOT, "name": "Oaky", "email": "oaky@example.com", "role": "agent", "active": True, "tags": ["bot"]},
)


class Clock:
    """A time that goes on only when it is told to."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class MemoryZendesk(BaseAdapter):
    """The account. `before` is called ahead of each request with its number in this attempt; it may change anything."""

    clock: Clock
    skew: timedelta  # Zendesk's clock against ours
    field_ids: list[int]
    before: Callable[[str, str], str] = lambda _method, _path: ""  # names a fault, or nothing
    writes: list[Json] = field(default_factory=list)  # each of our updates, with the ticket and comments it met
    comments: list[Json] = field(default_factory=list)
    row: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self.row = {
            "id": TICKET,
            "subject": "",
            "requester_id": CUSTOMER,
            "status": "new",
            "priority": None,
            "tags": [],
            "group_id": 1,
            "assignee_id": None,
            "via": {"channel": "email"},
            "email_cc_ids": [],
            "created_at": self.stamp(),
            "updated_at": self.stamp(),
            "custom_fields": [{"id": id_, "value": None} for id_ in self.field_ids],
        }

    # --- what people and machines do ---

    def stamp(self) -> str:
        """Zendesk's time: whole seconds, UTC."""
        return (self.clock() + self.skew).replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")

    def say(self, author: int, text: str, *, public: bool = True, channel: str = "email") -> int:
        """A comment by somebody; a customer's opens a ticket that was pending, on hold or solved."""
        id_ = 1000 + len(self.comments)
        said = {
            "id": id_,
            "author_id": author,
            "plain_body": text,
            "public": public,
            "created_at": self.stamp(),
            "via": {"channel": channel},
        }
        self.comments.append(said)
        if author == CUSTOMER and self.row["status"] in ("pending", "hold", "solved"):
            self.row["status"] = "open"
        self.touch()
        return id_

    def change(self, **values: Any) -> None:
        """Some of the ticket's properties, by a person."""
        self.row.update(values)
        self.touch()

    def touch(self) -> None:
        """Every change moves the version stamp."""
        self.row["updated_at"] = self.stamp()

    # --- the API ---

    def send(self, request: requests.PreparedRequest, **_options: Any) -> requests.Response:  # type: ignore[override]
        """Answer one request, or fail as `before` says."""
        method, path = str(request.method), urlsplit(str(request.url)).path.removeprefix("/api/v2/")
        fault = self.before(method, path)
        if fault == "lost before":
            raise requests.ConnectionError("lost")
        if fault.isdigit():
            return self._answer(request, int(fault), {})
        status, body = self._answered(method, path, json.loads(request.body or "{}"))
        if fault == "lost after":
            raise requests.ReadTimeout("lost")
        return self._answer(request, status, body)

    def close(self) -> None:
        """Nothing is open."""

    def _answered(self, method: str, path: str, body: Json) -> tuple[int, Json]:
        if method == "PUT" and path == f"tickets/{TICKET}":
            return self._update(body["ticket"])
        if path == f"tickets/{TICKET}":
            return 200, {"ticket": self.row, "users": list(USERS)}
        if path == f"tickets/{TICKET}/comments":
            return 200, {"comments": self.comments, "users": list(USERS), "meta": {"has_more": False}}
        if path == f"users/{CUSTOMER}/tickets/requested":
            return 200, {"tickets": [self.row], "meta": {"has_more": False}}
        if path == f"macros/{MACRO}":
            return 200, {"macro": {"id": MACRO, "active": True}}
        if path == f"tickets/{TICKET}/macros/{MACRO}/apply":
            comment = {"body": "Hello Mary, follow it at https://shop.example/track.", "public": True}
            return 200, {"result": {"ticket": {"id": TICKET, "comment": comment}}}
        return 404, {"error": "RecordNotFound"}

    def _update(self, wanted: Json) -> tuple[int, Json]:
        if self.row["status"] == "closed":
            return 422, {"error": "RecordInvalid"}
        if wanted.get("safe_update") and wanted.get("updated_stamp") != self.row["updated_at"]:
            return 409, {"error": "UpdateConflict"}
        self.writes.append({"wanted": wanted, "row": json.loads(json.dumps(self.row)), "comments": list(self.comments)})
        given = {name: wanted[name] for name in ("status", "tags", "group_id", "priority") if name in wanted}
        self.row.update(given)
        put = {one["id"]: one["value"] for one in wanted.get("custom_fields", [])}
        self.row["custom_fields"] = [
            one | {"value": put.get(one["id"], one["value"])} for one in self.row["custom_fields"]
        ]
        events = []
        if comment := wanted.get("comment"):
            id_ = self.say(US, comment["html_body"], public=comment["public"], channel="api")
            self.writes[-1]["comment_id"] = id_
            events = [{"id": id_, "type": "Comment"}]
        self.touch()
        return 200, {"ticket": self.row, "audit": {"id": len(self.writes), "events": events}}

    def _answer(self, request: requests.PreparedRequest, status: int, body: Json) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, str(request.url)
        answer._content = json.dumps(body).encode()
        answer.headers["Content-Type"] = "application/json"
        return answer
