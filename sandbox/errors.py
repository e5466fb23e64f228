"""Knows how Zendesk says no: status, JSON body and wording of each refusal.
It must not know when to refuse."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal on its way to the caller: an HTTP status, a JSON body, and headers."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body.get('error', body)}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def bad_request(title: str, message: str) -> ApiError:
    """The request cannot be read."""
    return ApiError(400, {"error": {"title": title, "message": message}})


def too_many_values(limit: int = 100) -> ApiError:
    """More ids or objects than one call may name."""
    return ApiError(
        400, {"error": "TooManyValues", "description": f"Parameter ids has too many values, max is {limit}"}
    )


def not_authenticated() -> ApiError:
    """No credentials came, or of a kind that is no longer served."""
    return ApiError(401, {"error": "Couldn't authenticate you"}, {"WWW-Authenticate": 'Bearer realm="Web Password"'})


def invalid_token() -> ApiError:
    """The bearer token is unknown, revoked or past its time."""
    return ApiError(
        401,
        {
            "error": "invalid_token",
            "error_description": "The access token provided is expired, revoked, malformed"
            " or invalid for other reasons.",
        },
        {"WWW-Authenticate": 'Bearer realm="Web Password", error="invalid_token"'},
    )


def forbidden() -> ApiError:
    """Known, but not allowed to."""
    message = (
        "You do not have access to this page. Please contact the account owner of this help desk for further help."
    )
    return ApiError(403, {"error": {"title": "Forbidden", "message": message}})


def not_found() -> ApiError:
    """No such record, or one that was deleted."""
    return ApiError(404, {"error": "RecordNotFound", "description": "Not found"})


def update_conflict() -> ApiError:
    """A safe update whose stamp is not the ticket's."""
    return ApiError(
        409,
        {
            "error": "UpdateConflict",
            "description": "Safe Update prevented the update due to outdated ticket data."
            " Please fetch the latest ticket data and try again.",
        },
    )


def record_invalid(field: str, description: str, error: str = "InvalidValue") -> ApiError:
    """One field breaks a rule of the record."""
    return ApiError(
        422,
        {
            "error": "RecordInvalid",
            "description": "Record validation errors",
            "details": {field: [{"description": description, "error": error}]},
        },
    )


def search_refused(description: str) -> ApiError:
    """The search query is wrong, or asks beyond the 1,000 results a query gives."""
    return ApiError(422, {"error": "invalid", "description": description})


def webhook_refused(status: int, title: str, *faults: tuple[str, str]) -> ApiError:
    """A refusal in the webhook API's own shape; each fault names a field and what is wrong with it."""
    body: dict[str, Any] = {"error": {"title": title, "message": title, "code": title}}
    if faults:
        body = {"errors": [{"code": title, "field": field, "message": text} for field, text in faults]}
    return ApiError(status, body)


def category_refused(status: int, code: str, detail: str) -> ApiError:
    """A refusal in the shape that trigger categories use."""
    return ApiError(status, {"errors": [{"code": code, "title": code, "detail": detail, "status": str(status)}]})
