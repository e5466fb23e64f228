"""`flask rules`: shows the rules and changes them, each value as an admin writes it.

It must not decide what a rule does, only refuse what would switch on nothing or take a guard away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import click
from rich.table import Table

from integration import content
from integration.cli.console import out, parts, plain_failures
from integration.model import Intent, Rules, Rung
from integration.policy import hours, ladder

# Where a ticket may come from, as tickets are read; other words in reply_channels would switch on nothing.
CHANNELS = ("email", "web", "mobile", "api", "chat", "sms", "twitter", "facebook", "native_messaging", "voice")
NO_PACK = "none"  # how an admin says that no pack fits
LEAST_CONFIDENCE = 0.3  # half the default of Rules; chosen, not measured
SWITCH = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


@click.command()
@click.argument("changes", nargs=-1, metavar="[NAME=VALUE]...")
@plain_failures
def rules(changes: tuple[str, ...]) -> None:
    """Show the rules, or change some: `flask rules sending=false rungs.order_status=send`."""
    store = parts().store
    try:
        standing = store.change_rules(_rule_changes(changes, store.rules())) if changes else store.rules()
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    table = Table("rule", "value", box=None)
    for name in standing.__slots__:
        value = getattr(standing, name)
        if name in {"rungs", "groups_for", "ceilings"}:
            value = ", ".join(f"{intent}: {rung}" for intent, rung in value.items())
        elif isinstance(value, frozenset):
            value = ", ".join(sorted(value))
        table.add_row(name, str(value))
    out.print(table)


def _rule_changes(pairs: tuple[str, ...], standing: Rules) -> dict[str, Any]:
    """`a=b` as the store keeps it; `rungs.INTENT=RUNG` changes one rung, lists are written with commas."""
    changes: dict[str, Any] = {}
    named = dict(pair.partition("=")[::2] for pair in pairs)
    pack = named.get("pack", standing.pack).strip().lower()
    ceilings = content.pack(pack).ceilings if pack in content.PACKS else {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise ValueError(f"{pair}: write NAME=VALUE")
        name, value = name.strip(), value.strip()
        if name.startswith("rungs."):
            rung_allowed(Intent(name.removeprefix("rungs.")), value, ceilings, pack)
            changes[name] = value
        elif name.startswith("groups_for."):
            groups = changes.setdefault("groups_for", dict(standing.groups_for))
            care = name.removeprefix("groups_for.").lower()
            if value:
                groups[care] = value
            else:
                groups.pop(care, None)
        else:
            changes[name] = _one_rule(name, value)
    return changes


def _one_rule(name: str, value: str) -> Any:
    """The value of one rule as the store keeps it."""
    if name in {"vip_tags", "vip_fields"}:
        return [item.strip() for item in value.split(",") if item.strip()]
    if name in {"reply_channels", "reply_languages"}:
        return _known([item.strip().lower() for item in value.split(",") if item.strip()], name)
    if name == "holidays":
        return _days(value)
    if name == "pack":
        return value.lower().removesuffix(NO_PACK)
    if isinstance(getattr(Rules(), name, None), bool):
        return SWITCH.get(value.lower(), value)
    return _sensible(name, value)


def rung_allowed(intent: Intent, rung: str, ceilings: Mapping[Intent, Rung], pack: str) -> None:
    """Raises ValueError for a rung on which this intent may never stand; a word that is no rung is named elsewhere."""
    if rung in set(Rung):
        ladder.allowed(intent, Rung(rung), ceilings, pack)


def _known(items: list[str], name: str) -> list[str]:
    """The items of a list; raises ValueError naming those that no ticket could have."""
    known, lacking = {
        "reply_channels": (CHANNELS, "no such channel"),
        "reply_languages": (tuple(content.phrases()["reply"]), "there is no wording for replies in"),
    }[name]
    unknown = [item for item in items if item not in known]
    if unknown:
        raise ValueError(f"{name}: {lacking} {', '.join(unknown)}; there are {', '.join(known)}")
    return items


def _sensible(name: str, value: str) -> str:
    """A value whose meaning can be relied on; raises ValueError for one that would take a guard away."""
    if name in {"skip_tag", "person_word"} and not value:
        raise ValueError(f"{name}: may not be empty")
    if name == "skip_tag" and len(value.split()) > 1:
        raise ValueError("skip_tag: a tag has no spaces")
    if name == "business_hours":
        _named(name, lambda: hours.week_of(value))
    if name == "time_zone":
        _named(name, lambda: hours.zone_of(value))
    if name == "confidence_floor" and 0 <= _number(value) < LEAST_CONFIDENCE:
        raise ValueError(
            f"confidence_floor: {value} would let the bot answer what it is not sure of; "
            f"write {LEAST_CONFIDENCE} or more"
        )
    return value


def _days(value: str) -> list[str]:
    """Days with commas between them; raises ValueError for one that is no day."""
    days = [day.strip() for day in value.split(",") if day.strip()]
    _named("holidays", lambda: hours.days_of(days))
    return days


def _named(name: str, understand: Callable[[], object]) -> None:
    """Understand a value; raises ValueError with the rule's name before what is wrong."""
    try:
        understand()
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _number(value: str) -> float:
    """The number, or one that is none, for the store to refuse by name."""
    try:
        return float(value)
    except ValueError:
        return math.nan


COMMANDS = (rules,)
