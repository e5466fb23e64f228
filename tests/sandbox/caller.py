"""A client that speaks to a desk as an integration does, and a clock that stands still for it.

It must not look into the desk's storage: tests see what a caller sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

READY = "a-token-for-tests"


@dataclass
class Clock:
    """A clock that stands until a test moves it."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 30, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Api:
    """A caller with a bearer token. Each verb gives the response; `made` gives the JSON of one that went well."""

    app: Flask
    clock: Clock
    token: str | None = READY

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        headers = {**more.pop("headers", {})}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.app.test_client().open(path, method=method, json=json, headers=headers, **more)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.call("GET", path, query_string=query or None)

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.call("POST", path, json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.call("PUT", path, json, **more)

    def delete(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.call("DELETE", path, json, **more)

    def read(self, path: str, **query: Any) -> Any:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def made(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        answer = self.call(method, path, json, **more)
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.get_json()

    def ticket(self, **properties: Any) -> Any:
        """A new ticket of a customer's, made by the integration."""
        given = {"subject": "Late parcel", "comment": {"body": "Where is my parcel?"}}
        given |= {"requester": {"name": "Priya Raman", "email": "priya@customer.example"}, **properties}
        return self.made("POST", "/api/v2/tickets.json", {"ticket": given})["ticket"]

    def update(self, ticket_id: int, **properties: Any) -> TestResponse:
        return self.put(f"/api/v2/tickets/{ticket_id}.json", {"ticket": properties})

    def customer_writes(self, body: str = "Where is my parcel?", **more: Any) -> Any:
        """A ticket as the customer's own mail makes it."""
        given = {"requester": {"name": "Cara Novak", "email": "cara@customer.example"}, "body": body, **more}
        return self.made("POST", "/sandbox/tickets", {"subject": "Help", **given})["ticket"]

    def tagger(self, *values: str, title: str = "Mood") -> Any:
        options = [{"name": value.title(), "value": value} for value in values]
        field = {"type": "tagger", "title": title, "custom_field_options": options}
        return self.made("POST", "/api/v2/ticket_fields.json", {"ticket_field": field})["ticket_field"]

    def user(self, email: str) -> Any:
        return self.read("/api/v2/users/search.json", query=f"email:{email}")["users"][0]

    def as_user(self, email: str, scope: Any = "read write") -> Api:
        """The same desk, with a token of another user."""
        given = {"user_id": self.user(email)["id"], "scope": scope}
        return Api(self.app, self.clock, self.made("POST", "/sandbox/tokens", given)["access_token"])
