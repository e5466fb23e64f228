"""Knows what is on a fresh desk: people, groups, system fields, a brand, settings and a few Help Center articles.
It must not know the product: whatever that needs, its own install makes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox import people
from sandbox.settings import SandboxSettings
from sandbox.shapes import iso
from sandbox.state import State

Doc = dict[str, Any]

# Name, address, role, groups, and what else is said of them; `_known_as` is how the desk finds them again.
_STAFF: tuple[tuple[str, str, str, tuple[str, ...], Doc], ...] = (
    ("Ada Admin", "ada@sandbox.example", "admin", ("Support",), {}),
    ("Attune", "attune@sandbox.example", "admin", ("Support",), {"_known_as": "integration"}),
    ("Sam Okafor", "sam@sandbox.example", "agent", ("Support",), {"_known_as": "agent"}),
    ("Bea Lindqvist", "bea@sandbox.example", "agent", ("Billing", "Support"), {}),
    ("Noor Haddad", "noor@sandbox.example", "agent", ("Support",), {}),
    (
        "Lee Light",
        "lee@sandbox.example",
        "agent",
        ("Support",),
        {"role_type": people.LIGHT_AGENT_ROLE_TYPE, "only_private_comments": True, "ticket_restriction": "groups"},
    ),
    ("Helper bot", "bot@sandbox.example", "agent", ("Support",), {"_known_as": "bot"}),
    ("Sol Navarro", "sol@sandbox.example", "agent", ("Support",), {"locale": "es", "locale_id": 2}),
    ("Uma Unwell", "uma@sandbox.example", "agent", ("Support",), {"suspended": True}),
)
_CUSTOMERS = (
    ("Priya Raman", "priya@customer.example", "en-US"),
    ("Jonas Weber", "jonas@customer.example", "de"),
    ("Marisol Vega", "marisol@customer.example", "es"),
)
# A customer, and the company they belong to with its tags.
_VALUED = (("Gwen Asante", "gwen@northwind.example", "en-US", "Northwind", ["vip"]),)
_GROUPS = (("Support", "First line"), ("Billing", "Invoices, refunds and plans"))
_LOCALES = ((1, "en-US", "English"), (8, "de", "Deutsch"), (2, "es", "Español"), (16, "fr", "Français"))

_SYSTEM_FIELDS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("subject", "Subject", ()),
    ("description", "Description", ()),
    ("status", "Status", (("Open", "open"), ("Pending", "pending"), ("Solved", "solved"))),
    (
        "tickettype",
        "Type",
        (("Question", "question"), ("Incident", "incident"), ("Problem", "problem"), ("Task", "task")),
    ),
    ("priority", "Priority", (("Low", "low"), ("Normal", "normal"), ("High", "high"), ("Urgent", "urgent"))),
    ("group", "Group", ()),
    ("assignee", "Assignee", ()),
)
_ARTICLES = (
    (
        "How to reset your password",
        "Open the sign-in page, choose Forgot password, and follow the link in the mail. The link works for one hour.",
        ["password_reset"],
    ),
    (
        "Where is my order?",
        "Open My orders and choose Track. A parcel shows its first scan within one working day of leaving us.",
        ["order_status"],
    ),
    (
        "How to send something back",
        "You have 30 days. Open My orders, choose Return, print the label and hand the parcel in at a drop-off point.",
        ["return_how_to"],
    ),
    (
        "When does a refund arrive?",
        "We refund within two working days of the parcel reaching us. Your bank may need up to five more.",
        ["refund_status"],
    ),
    (
        "Changing the filter of your vacuum cleaner",
        "Switch it off, open the lid, pull the blue clip and lift the filter out. Rinse it under cold water and let it"
        " dry for a day.",
        ["how_to"],
    ),
    (
        "Connecting your vacuum cleaner to Wi-Fi",
        "Hold the start button for five seconds until the light blinks, then add the vacuum in the app under Devices."
        " Only 2.4 GHz networks work.",
        ["how_to"],
    ),
    (
        "Exporting your data as a spreadsheet",
        "Go to Settings, choose Data, then Export as CSV. Large exports are sent by mail.",
        ["how_to"],
    ),
    (
        "Inviting a colleague to your workspace",
        "Open Members, choose Invite and type the address. Admins may set a role for each person.",
        ["how_to"],
    ),
    (
        "Changing your delivery address",
        "As long as a parcel has not left us, open My orders and choose Change address.",
        ["delivery_change"],
    ),
    (
        "Downloading invoices and receipts",
        "All bills stand under Account, Billing, Invoices. Each can be downloaded as PDF.",
        ["invoice_copy"],
    ),
    (
        "How to cancel your subscription",
        "Open Account, Plan, and choose Cancel. The plan runs to the end of the month you have paid for.",
        ["cancel_how_to"],
    ),
    (
        "Turning off e-mail notifications",
        "Open Settings, Notifications, and untick what you do not want to get by mail.",
        ["how_to"],
    ),
)
# What no customer may be shown: one for staff only, one not published.
_HIDDEN_ARTICLES: tuple[tuple[str, str, Doc], ...] = (
    (
        "How to reset your password for a caller",
        "Ask for the birthday, then send a link.",
        {"user_segment_id": 27_000_000_001},
    ),
    ("How to change the filter, second edition", "To be written.", {"draft": True}),
)


def seed(state: State, settings: SandboxSettings, now: datetime) -> None:
    """Put the fresh desk into an empty state; one that has been seeded stays as it is."""
    with state.transaction():
        if state.get("setting", "account") is not None:
            return
        groups = {name: _group(state, name, about, now) for name, about in _GROUPS}
        for name, email, role, member_of, more in _STAFF:
            _member(state, {"name": name, "email": email, "role": role, **more}, [groups[g] for g in member_of], now)
        known = {user["_known_as"]: user["id"] for user in state.list("user") if "_known_as" in user}
        state.put("setting", {"id": "people", **known})
        for name, email, locale in _CUSTOMERS:
            _user(state, {"name": name, "email": email, "locale": locale}, now)
        for name, email, locale, organization, tags in _VALUED:
            made = state.put("organization", _organization(organization, tags, now))
            _user(state, {"name": name, "email": email, "locale": locale, "organization_id": made["id"]}, now)
        for place, (kind, title, options) in enumerate(_SYSTEM_FIELDS):
            state.put("ticket_field", _system_field(kind, title, options, place, now))
        stamps = {"created_at": iso(now), "updated_at": iso(now)}
        state.put("trigger_category", {"id": None, "name": "Notifications", "position": 0, **stamps})
        for id, locale, name in _LOCALES:
            state.put("locale", {"id": id, "locale": locale, "name": name, **stamps})
        brand = state.put("brand", _brand(settings, now))
        for title, body, labels in _ARTICLES:
            state.put("article", _article(title, body, labels, now))
        for title, body, hidden in _HIDDEN_ARTICLES:
            state.put("article", _article(title, body, [], now) | hidden)
        state.put("setting", {"id": "account", "settings": _account_settings(brand["id"])})


def _group(state: State, name: str, about: str, now: datetime) -> int:
    group = {"id": None, "is_public": True, "name": name, "description": about, "default": name == "Support"}
    stamps = {"deleted": False, "created_at": iso(now), "updated_at": iso(now)}
    return int(state.put("group", group | stamps)["id"])


def _user(state: State, given: Doc, now: datetime) -> Doc:
    return state.put("user", people.blank(now) | given)


def _organization(name: str, tags: list[str], now: datetime) -> Doc:
    return {
        "id": None,
        "name": name,
        "shared_tickets": False,
        "shared_comments": False,
        "external_id": None,
        "created_at": iso(now),
        "updated_at": iso(now),
        "domain_names": [],
        "details": None,
        "notes": None,
        "group_id": None,
        "tags": tags,
        "organization_fields": {},
    }


def _member(state: State, given: Doc, groups: list[int], now: datetime) -> None:
    user = _user(state, given | {"default_group_id": groups[0]}, now)
    for group in groups:
        membership = {"id": None, "user_id": user["id"], "group_id": group, "default": group == groups[0]}
        state.put("group_membership", membership | {"created_at": iso(now), "updated_at": iso(now)})


def _system_field(kind: str, title: str, options: tuple[tuple[str, str], ...], place: int, now: datetime) -> Doc:
    field = {
        "id": None,
        "type": kind,
        "title": title,
        "raw_title": title,
        "description": "",
        "raw_description": "",
        "position": place,
        "active": True,
        "required": False,
        "collapsed_for_agents": False,
        "regexp_for_validation": None,
        "title_in_portal": title,
        "raw_title_in_portal": title,
        "visible_in_portal": kind in ("subject", "description"),
        "editable_in_portal": kind in ("subject", "description"),
        "required_in_portal": kind in ("subject", "description"),
        "agent_can_edit": True,
        "tag": None,
        "created_at": iso(now),
        "updated_at": iso(now),
        "removable": False,
        "key": None,
        "agent_description": None,
    }
    listed = [{"name": name, "value": value} for name, value in options]
    return field | ({"system_field_options": listed} if listed else {})


def _brand(settings: SandboxSettings, now: datetime) -> Doc:
    return {
        "id": None,
        "name": "Sandbox",
        "brand_url": f"https://{settings.subdomain}.zendesk.com",
        "subdomain": settings.subdomain,
        "host_mapping": None,
        "has_help_center": True,
        "help_center_state": "enabled",
        "active": True,
        "default": True,
        "is_deleted": False,
        "logo": None,
        "ticket_form_ids": [],
        "signature_template": "{{agent.signature}}",
        "created_at": iso(now),
        "updated_at": iso(now),
    }


def _article(title: str, body: str, labels: list[str], now: datetime) -> Doc:
    return {
        "id": None,
        "title": title,
        "name": title,
        "body": f"<p>{body}</p>",
        "locale": "en-us",
        "source_locale": "en-us",
        "label_names": labels,
        "draft": False,
        "promoted": False,
        "user_segment_id": None,
        "section_id": 1,
        "author_id": None,
        "comments_disabled": True,
        "vote_sum": 0,
        "vote_count": 0,
        "result_type": "article",
        "created_at": iso(now),
        "updated_at": iso(now),
        "edited_at": iso(now),
    }


def _account_settings(brand_id: int) -> Doc:
    return {
        "active_features": {"customer_satisfaction": True, "ticket_tagging": True, "satisfaction_prediction": False},
        "agents": {
            "agent_workspace": True,
            "focus_mode": False,
            "agent_home": True,
            "aw_self_serve_migration_enabled": True,
        },
        "api": {"accepted_api_agreement": True, "api_password_access": "false", "api_token_access": "false"},
        "apps": {"use": True, "create_private": True, "create_public": False},
        "branding": {"header_color": "17494D", "page_background_color": "FFFFFF", "tab_background_color": "7FA239"},
        "brands": {"default_brand_id": brand_id, "require_brand_on_new_tickets": False},
        "limits": {"attachment_size": 52428800},
        "localization": {"locale_ids": [id for id, _, _ in _LOCALES]},
        "routing": {"enabled": False, "autorouting_tag": "", "max_email_capacity": 20, "max_messaging_capacity": 3},
        "rule": {"macro_most_used": True, "macro_order": "alphabetical", "skill_based_filtered_views": []},
        "statistics": {"forum": False, "search": True, "rule_usage": True},
        "tickets": {
            "comments_public_by_default": True,
            "is_first_comment_private_enabled": True,
            "list_newest_comments_first": True,
            "markdown_ticket_comments": False,
            "rich_text_comments": True,
            "private_attachments": False,
            "assign_tickets_upon_solve": True,
            "agent_ticket_deletion": True,
            "status_hold": True,
            "tagging": True,
            "using_skill_based_routing": False,
        },
        "user": {
            "tagging": True,
            "time_zone_selection": True,
            "language_selection": True,
            "have_gravatars_enabled": False,
        },
    }
