"""What install puts into a Zendesk account, as things: their kinds and keys, what one should be, and what it needs.

It must not know the JSON of any one thing, nor what stands in the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from integration.model import Field, Rules

# Written into every description that the desk has room for, so that a lost database still tells ours from others'.
MARK = "Made by Attune."
PRODUCT = "Attune"  # the name of the trigger category, and the first word of every title
EVENTS_PATH = "/zendesk/events"  # where the webhook delivers, below PUBLIC_URL
SKIP_TAG = Rules().skip_tag  # the policy looks at it as well, so an admin who renames it is served either way
ANSWERED_TAG = "attune_answered"  # what a ticket carries once Attune has answered it
MACRO_TAG = "attune_macro"  # what a ticket carries once one of our macros was used by hand
SENIOR_GROUP = "Senior Support"  # the default name of the group that charged tickets go to

WEBHOOK = "webhook"
CATEGORY = "trigger_category"
TRIGGER = "trigger"
FIELD = "ticket_field"
GROUP = "group"
MEMBERSHIP = "group_membership"
VIEW = "view"
MACRO = "macro"
APP = "app"
APP_INSTALLATION = "app_installation"

WEBHOOK_KEY = "webhook/events"
CATEGORY_KEY = "trigger_category/attune"
GROUP_KEY = "group/senior"
APP_KEY = "app/attune"
APP_INSTALLATION_KEY = "app_installation/attune"
# The triggers that every account can have; the one about ratings needs customer satisfaction switched on.
NEEDED_TRIGGERS = ("trigger/customer_wrote", "trigger/field_corrected", "trigger/ticket_solved")

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """The id of another resource, known only once that one stands in the account."""

    key: str
    form: str = "{}"  # what to write around the id, such as custom_fields_{}
    number: bool = False  # the endpoint wants a JSON number


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing that should stand in the account.

    `behaviour` is what makes it work and `texts` is what people read: an admin's edits to texts are never lost.
    For macros everything is text but who sees them.
    """

    key: str
    kind: str
    title: str
    behaviour: Body = field(default_factory=dict)
    texts: Body = field(default_factory=dict)

    @property
    def body(self) -> Body:
        """Everything, as it is sent when the thing is created."""
        return {**self.texts, **self.behaviour}

    @property
    def needs(self) -> frozenset[str]:
        """The keys of what must stand before this can."""
        return frozenset(ref.key for ref in _refs(self.behaviour))


class MacroText(Protocol):
    """What install needs of a macro's content."""

    @property
    def key(self) -> str:
        """Its content key, such as empathy/delay/first."""

    @property
    def title(self) -> str:
        """Its title in the desk, such as Attune::Empathy::Delay::First apology."""

    @property
    def because(self) -> str:
        """When it fits, one line for the agent who chooses it."""

    @property
    def html(self) -> str:
        """Its text as escaped HTML, with the company's facts filled in as far as they are known."""

    @property
    def for_everybody(self) -> bool:
        """Whether every agent should see it, whatever groups the others are kept to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an account understands in trigger conditions, and who we are there."""

    self_id: str
    end_user_role: str = "end_user"  # how the account writes "the updater is a customer"
    agent_role: str = "agent"
    has_categories: bool = True
    has_ratings: bool = True  # customer satisfaction is switched on


def resolved(body: Any, ids: Mapping[str, str]) -> Any:
    """The body with every reference replaced by its id; one that is not yet known stays a reference."""
    if isinstance(body, Ref):
        return _written(body, ids[body.key]) if body.key in ids else body
    if isinstance(body, Mapping):
        return {name: resolved(value, ids) for name, value in body.items()}
    if isinstance(body, list | tuple):
        return [resolved(value, ids) for value in body]
    return body


def field_key(name: Field) -> str:
    """The key of one of our ticket fields."""
    return f"field/{name.value}"


def macro_key(content_key: str) -> str:
    """The key of the macro that carries one piece of content."""
    return f"macro/{content_key}"


def membership_key(email: str) -> str:
    """The key of one person's place in the senior group."""
    return f"group_membership/{email.strip().lower()}"


def _written(ref: Ref, zendesk_id: str) -> str | int:
    return int(zendesk_id) if ref.number else ref.form.format(zendesk_id)


def _refs(body: Any) -> Iterable[Ref]:
    if isinstance(body, Ref):
        yield body
    elif isinstance(body, Mapping):
        for value in body.values():
            yield from _refs(value)
    elif isinstance(body, list | tuple):
        for value in body:
            yield from _refs(value)
