"""The JSON of everything install creates in a Zendesk account: webhook, triggers, fields, group, views and macros.

It must not know what stands in the account, how anything is sent, or where macro texts come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from integration.model import Charge, EventKind, Field, Rules, Urgency
from integration.wire.options import WORDS, option

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


def wanted(
    account: Account,
    public_url: str,
    macros: Iterable[MacroText],
    senior_group: str = SENIOR_GROUP,
    senior_members: Mapping[str, str] | None = None,
    restriction: Body | None = None,
) -> tuple[Wanted, ...]:
    """Everything that should stand, in an order in which each thing comes after those it needs.

    `senior_members` maps e-mail addresses to user ids; `restriction` says which groups see the empathy macros.
    """
    category = (_category(),) if account.has_categories else ()
    return (
        _webhook(public_url),
        *(_tagger(name) for name in WORDS),
        _marker(),
        _group(senior_group),
        *(_membership(email, user_id) for email, user_id in (senior_members or {}).items()),
        *category,
        *_triggers(account),
        *_views(),
        *(_macro(macro, {} if macro.for_everybody else restriction or {}) for macro in macros),
    )


def wanted_app(package: object, public_url: str, shared_value: str) -> tuple[Wanted, ...]:
    """The Zendesk app and its installation; `package` is what is uploaded, told from others by how it is shown.

    `shared_value` is what the app's calls are signed with: Zendesk keeps it, and never shows it again.
    """
    settings = {"name": PRODUCT, "attune_url": public_url.rstrip("/"), "shared_value": shared_value}
    return (
        Wanted(
            key=APP_KEY,
            kind=APP,
            title=PRODUCT,
            behaviour={"name": PRODUCT, "short_description": f"Attune beside every ticket. {MARK}", "package": package},
        ),
        Wanted(
            key=APP_INSTALLATION_KEY,
            kind=APP_INSTALLATION,
            title=f"{PRODUCT} beside the ticket",
            behaviour={"app_id": Ref(key=APP_KEY, number=True), "settings": settings},
        ),
    )


def resolved(body: Any, ids: Mapping[str, str]) -> Any:
    """The body with every reference replaced by its id; one that is not yet known stays a reference."""
    if isinstance(body, Ref):
        return _written(body, ids[body.key]) if body.key in ids else body
    if isinstance(body, Mapping):
        return {name: resolved(value, ids) for name, value in body.items()}
    if isinstance(body, list | tuple):
        return [resolved(value, ids) for value in body]
    return body


_FIELD_TEXTS: Mapping[Field, str] = {
    Field.SENTIMENT: "How the customer feels now, in Zendesk's five words.",
    Field.CHARGE: "How strong the feeling is that a reply must meet.",
    Field.URGENCY: "How much harm waiting does, whatever the tone.",
    Field.MARKER: "Which comment Attune has dealt with last. Please leave it as it is.",
}


def field_key(name: Field) -> str:
    """The key of one of our ticket fields."""
    return f"field/{name.value}"


def macro_key(content_key: str) -> str:
    """The key of the macro that carries one piece of content."""
    return f"macro/{content_key}"


def membership_key(email: str) -> str:
    """The key of one person's place in the senior group."""
    return f"group_membership/{email.strip().lower()}"


# --- what each thing looks like --------------------------------------------------------------------------------------


def _webhook(public_url: str) -> Wanted:
    # conditional_ticket_events, and nothing else, makes a webhook usable from triggers.
    # https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/
    return Wanted(
        key=WEBHOOK_KEY,
        kind=WEBHOOK,
        title=f"{PRODUCT} events",
        behaviour={
            "endpoint": public_url.rstrip("/") + EVENTS_PATH,
            "http_method": "POST",
            "request_format": "json",
            "status": "active",
            "subscriptions": ["conditional_ticket_events"],
        },
        texts={"name": f"{PRODUCT} events", "description": f"Tells Attune which ticket to look at. {MARK}"},
    )


def _tagger(name: Field) -> Wanted:
    options = [{"name": _readable(word), "value": option(name, word)} for word in WORDS[name]]
    return _field(name, {"type": "tagger", "custom_field_options": options})


def _marker() -> Wanted:
    return _field(Field.MARKER, {"type": "text"})


def _field(name: Field, behaviour: Body) -> Wanted:
    title = f"{PRODUCT} {name.value}"
    description = f"{_FIELD_TEXTS[name]} {MARK}"
    # Not for the customer's eyes: what we read in a message is no business of the help centre.
    hidden = {"agent_can_edit": True, "visible_in_portal": False, "editable_in_portal": False, "required": False}
    return Wanted(
        key=field_key(name),
        kind=FIELD,
        title=title,
        behaviour=behaviour | hidden,
        texts={"title": title, "description": description, "agent_description": description},
    )


def _group(name: str) -> Wanted:
    texts = {"name": name, "description": f"People who take charged tickets. {MARK}"}
    return Wanted(key=GROUP_KEY, kind=GROUP, title=name, texts=texts)


def _membership(email: str, user_id: str) -> Wanted:
    behaviour: Body = {"user_id": int(user_id), "group_id": Ref(key=GROUP_KEY, number=True)}
    return Wanted(key=membership_key(email), kind=MEMBERSHIP, title=email, behaviour=behaviour)


def _category() -> Wanted:
    return Wanted(key=CATEGORY_KEY, kind=CATEGORY, title=PRODUCT, texts={"name": PRODUCT})


# Loop guards that every trigger carries: a ticket that people want left alone is left alone, and a closed ticket
# cannot be changed any more.
_GUARDS: tuple[Body, ...] = (
    {"field": "current_tags", "operator": "not_includes", "value": SKIP_TAG},
    {"field": "status", "operator": "less_than", "value": "closed"},
)


def _triggers(account: Account) -> tuple[Wanted, ...]:
    rated = (_ticket_rated(account),) if account.has_ratings else ()
    return (_customer_wrote(account), _field_corrected(account), _ticket_solved(account), *rated)


def _customer_wrote(account: Account) -> Wanted:
    # Leaving ourselves out is what keeps our own replies from calling us again. A new ticket counts whoever made it:
    # contact forms and shops write their customers' tickets through the API, under an agent's name.
    conditions: list[Body] = [
        {"field": "comment_is_public", "operator": "is", "value": "true"},
        {"field": "role", "operator": "is_not", "value": account.self_id},
        *_GUARDS,
    ]
    customers: list[Body] = [
        {"field": "role", "operator": "is", "value": account.end_user_role},
        {"field": "update_type", "operator": "is", "value": "Create"},
    ]
    return _trigger(account, EventKind.CUSTOMER_MESSAGE, "customer_wrote", "customer wrote", conditions, customers)


def _field_corrected(account: Account) -> Wanted:
    # An updater may be named by id; leaving ourselves out is what keeps our own reading from counting as a correction.
    # https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
    conditions: list[Body] = [
        {"field": "update_type", "operator": "is", "value": "Change"},
        {"field": "role", "operator": "is", "value": account.agent_role},
        {"field": "role", "operator": "is_not", "value": account.self_id},
        *_GUARDS,
    ]
    changed: list[Body] = [{"field": _custom(name), "operator": "changed", "value": None} for name in WORDS]
    return _trigger(account, EventKind.CORRECTION, "field_corrected", "field corrected", conditions, changed)


def _ticket_solved(account: Account) -> Wanted:
    conditions: list[Body] = [
        {"field": "status", "operator": "changed", "value": None},
        {"field": "status", "operator": "is", "value": "solved"},
        *_GUARDS,
    ]
    return _trigger(account, EventKind.CLOSED, "ticket_solved", "ticket solved", conditions)


def _ticket_rated(account: Account) -> Wanted:
    conditions: list[Body] = [{"field": "satisfaction_score", "operator": "changed", "value": None}, *_GUARDS]
    scores = ("good", "good_with_comment", "bad", "bad_with_comment")
    rated = [{"field": "satisfaction_score", "operator": "is", "value": score} for score in scores]
    return _trigger(account, EventKind.RATED, "ticket_rated", "ticket rated", conditions, rated)


def _trigger(
    account: Account, kind: EventKind, key: str, title: str, every: list[Body], some: list[Body] | None = None
) -> Wanted:
    behaviour: Body = {
        "conditions": {"all": every, "any": some or []},
        "actions": [{"field": "notification_webhook", "value": [Ref(key=WEBHOOK_KEY), _event_body(kind)]}],
    }
    if account.has_categories:
        behaviour["category_id"] = Ref(key=CATEGORY_KEY)
    title = f"{PRODUCT}: {title}"
    texts = {"title": title, "description": f"Tells Attune about a ticket. {MARK}"}
    return Wanted(key=f"trigger/{key}", kind=TRIGGER, title=title, behaviour=behaviour, texts=texts)


def _event_body(kind: EventKind) -> str:
    """What a trigger sends: ids only, so that no customer's words reach Zendesk's webhook logs or break the JSON."""
    return (
        '{"ticket_id": "{{ticket.id}}", "kind": "' + kind.value + '", '
        '"happened_at": "{{ticket.updated_at_with_timestamp}}"}'
    )


# At most ten columns to a view. https://developer.zendesk.com/api-reference/ticketing/business-rules/views/
_PLAIN_COLUMNS = ("status", "description", "requester", "created", "updated", "group", "assignee")


def _views() -> tuple[Wanted, ...]:
    unsolved = {"field": "status", "operator": "less_than", "value": "solved"}
    unclosed = {"field": "status", "operator": "less_than", "value": "closed"}
    charged = {"field": _custom(Field.CHARGE), "operator": "is", "value": option(Field.CHARGE, Charge.CHARGED)}
    urgent = [
        {"field": _custom(Field.URGENCY), "operator": "is", "value": option(Field.URGENCY, word)}
        for word in (Urgency.HIGH, Urgency.CRITICAL)
    ]
    answered = {"field": "current_tags", "operator": "includes", "value": ANSWERED_TAG}
    return (
        _view("charged_now", "charged now", "Strong feeling, still waiting; longest wait first.", [unsolved, charged]),
        _view("urgent_now", "urgent now", "Waiting does harm; longest wait first.", [unsolved], urgent),
        _view("answered", "answered by Attune", "Open tickets that Attune answered by itself.", [unclosed, answered]),
    )


def _view(key: str, title: str, text: str, every: list[Body], some: list[Body] | None = None) -> Wanted:
    ours = [Ref(key=field_key(name), number=True) for name in WORDS]
    title = f"{PRODUCT}: {title}"
    return Wanted(
        key=f"view/{key}",
        kind=VIEW,
        title=title,
        behaviour={
            "all": every,
            "any": some or [],
            "output": {"columns": [*_PLAIN_COLUMNS, *ours], "sort_by": "created", "sort_order": "asc"},
        },
        texts={"title": title, "description": f"{text} {MARK}"},
    )


def _macro(macro: MacroText, restriction: Body) -> Wanted:
    actions = [
        {"field": "comment_value_html", "value": macro.html},
        {"field": "comment_mode_is_public", "value": True},
        # current_tags adds a tag; set_tags would replace those of the ticket.
        {"field": "current_tags", "value": MACRO_TAG},
    ]
    return Wanted(
        key=macro_key(macro.key),
        kind=MACRO,
        title=macro.title,
        behaviour=restriction,
        texts={"title": macro.title, "description": _sentence(macro.because) + f" {MARK}", "actions": actions},
    )


def _readable(word: str) -> str:
    return word.replace("_", " ").capitalize()


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."


def _custom(name: Field) -> Ref:
    return Ref(key=field_key(name), form="custom_fields_{}")


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
