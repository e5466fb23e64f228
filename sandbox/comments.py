"""Knows how a comment is made from what an update says: text cleaned, author and visibility settled.
It must not know what else the update changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox import people, text
from sandbox.errors import record_invalid
from sandbox.shapes import iso
from sandbox.state import State

Doc = dict[str, Any]


def make(
    state: State, given: Mapping[str, Any], *, actor: Doc, author: Doc, first_public: bool, channel: str, now: datetime
) -> Doc:
    """A comment without an id, a ticket or an audit yet. Raises 422 for an empty, too long or unauthored one.

    A comment that says nothing of `public` gets `first_public`, the visibility the ticket started with: that is how
    an "internal summary" reaches a customer by mistake. A light agent's comment is private whatever it says.
    """
    writer = _author(state, given, actor, author)
    body, markup = _texts(given)
    public = _flag(given.get("public", first_public)) and not people.is_light(writer) and not people.is_light(actor)
    return {
        "id": None,
        "type": "Comment",
        "author_id": writer["id"],
        "body": body,
        "html_body": markup,
        "plain_body": body,
        "public": public,
        "attachments": [],
        "audit_id": None,
        "via": via(channel),
        "created_at": iso(now),
        "metadata": {"system": {}, "custom": given.get("metadata", {})},
    }


def via(channel: str, sender: Doc | None = None) -> Doc:
    """A `via` object; one that came by e-mail names who sent it."""
    source: Doc = {"from": {}, "to": {}, "rel": None}
    if channel == "email" and sender is not None:
        source["from"] = {"address": sender["email"], "name": sender["name"]}
        source["to"] = {"address": "support@sandbox.example", "name": "Sandbox"}
    return {"channel": channel, "source": source}


def _author(state: State, given: Mapping[str, Any], actor: Doc, author: Doc) -> Doc:
    if given.get("author_id") is None or not people.is_staff(actor):
        return author
    named = state.get("user", given["author_id"])
    if named is None or not named["active"]:
        raise record_invalid("author_id", "Author is invalid")
    return named


def _texts(given: Mapping[str, Any]) -> tuple[str, str]:
    """The plain text and the HTML. `html_body` wins where both are given."""
    if isinstance(given.get("html_body"), str) and given["html_body"].strip():
        markup = text.clean_html(given["html_body"])
        body = text.html_to_text(markup)
    else:
        body = text.plain(str(given.get("body") or "")).strip("\n")
        markup = text.to_html(body)
    if not body.strip():
        raise record_invalid("base", "Description: cannot be blank", "BlankValue")
    if len(body.encode()) > text.MAX_COMMENT_BYTES:
        raise record_invalid("base", f"Comment: is too long (maximum is {text.MAX_COMMENT_BYTES} bytes)", "TooLong")
    return body, markup


def _flag(value: object) -> bool:
    return value not in (False, "false", 0, "0", None)
