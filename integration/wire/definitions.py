"""The JSON of everything install creates in a Zendesk account: webhook, triggers, fields, group, views and macros.

It must not know what stands in the account, how anything is sent, or where macro texts come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from integration.model import Charge, EventKind, Field, Urgency
from integration.wire.options import WORDS, option
from integration.wire.resources import (
    ANSWERED_TAG,
    APP,
    APP_INSTALLATION,
    APP_INSTALLATION_KEY,
    APP_KEY,
    CATEGORY,
    CATEGORY_KEY,
    EVENTS_PATH,
    FIELD,
    GROUP,
    GROUP_KEY,
    MACRO,
    MACRO_TAG,
    MARK,
    MEMBERSHIP,
    PRODUCT,
    SENIOR_GROUP,
    SKIP_TAG,
    TRIGGER,
    VIEW,
    WEBHOOK,
    WEBHOOK_KEY,
    Account,
    Body,
    MacroText,
    Ref,
    Wanted,
    field_key,
    macro_key,
    membership_key,
)


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


_FIELD_TEXTS: Mapping[Field, str] = {
    Field.SENTIMENT: "How the customer feels now, in Zendesk's five words.",
    Field.CHARGE: "How strong the feeling is that a reply must meet.",
    Field.URGENCY: "How much harm waiting does, whatever the tone.",
    Field.MARKER: "Which comment Attune has dealt with last. Please leave it as it is.",
}


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
