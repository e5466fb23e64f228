"""`flask lookups`: where facts for answers are looked up: list, add, try and remove.

It must not show a secret: headers are kept and shown with the names of variables in their place.
"""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext
from rich.table import Table
from rich.text import Text

from integration import lookup as edge
from integration.cli.console import REFUSED, out, parts, plain_failures
from integration.model import ROUTINE_INTENTS, Intent, Lookup
from integration.settings import NAMES

_INTENTS = click.Choice(sorted(intent.value for intent in ROUTINE_INTENTS - {Intent.THANKS}))


@click.group(invoke_without_command=True)
@click.pass_context
@with_appcontext
def lookups(context: click.Context) -> None:
    """Show where facts for answers are looked up, or add, try and remove such a place."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@click.command("list")
@plain_failures
def show() -> None:
    """Show every look-up."""
    here = parts()
    known = here.lookups()
    if not known:
        out.print("No look-ups: answers rest on what stands in their macros. `flask lookups add --help` says how.")
        return
    table = Table("intent", "asks", "fields", "belongs to", "headers", "not set", box=None)
    for one in known.values():
        fields = "\n".join(f"[[lookup.{name}]] = {path}" for name, path in one.fields.items())
        headers = "\n".join(f"{name}: {value}" for name, value in one.headers.items())
        unset = ", ".join(here.services.unset(one))
        row = (one.intent.value, one.url, fields, one.owner_field or "-", headers or "-", unset or "-")
        table.add_row(*map(Text, row))
    out.print(table)


@click.command()
@click.option("--intent", type=_INTENTS, required=True, help="The request whose answer needs the facts.")
@click.option("--url", required=True, help="With {order_number}, {requester_email} or {field_ID} in it.")
@click.option("--field", "fields", multiple=True, required=True, metavar="NAME=PATH", help="A fact: its dotted path.")
@click.option("--header", "headers", multiple=True, metavar="NAME: VALUE", help="A secret as ${NAME_OF_VARIABLE}.")
@click.option("--owner-field", default="", metavar="PATH", help="The e-mail address that must be the requester's.")
@plain_failures
def add(intent: str, url: str, fields: tuple[str, ...], headers: tuple[str, ...], owner_field: str) -> None:
    """Look facts up for one intent, in place of what was looked up for it before."""
    here = parts()
    wanted = Lookup(
        intent=Intent(intent),
        url=url.strip(),
        fields=_pairs(fields, "=", "--field"),
        headers=_pairs(headers, ":", "--header"),
        owner_field=owner_field.strip(),
    )
    if problems := edge.problems(wanted, loopback=here.on_loopback, reserved=frozenset(NAMES)):
        raise click.BadParameter("; ".join(problems), param_hint="lookups add")
    here.keep_lookups({**here.lookups(), wanted.intent: wanted})
    places = ", ".join(f"[[lookup.{name}]]" for name in wanted.fields)
    out.print(f"Kept. Write {places} into the answer macro, then `flask lookups try --intent {intent}`.", markup=False)
    if unset := here.services.unset(wanted):
        out.print(f"Not set in the environment yet: {', '.join(unset)}.", markup=False)


@click.command("try")
@click.option("--intent", type=_INTENTS, required=True)
@click.argument("slots", nargs=-1, metavar="[SLOT=VALUE]...")
@plain_failures
def try_out(intent: str, slots: tuple[str, ...]) -> None:
    """Show what comes back: `flask lookups try --intent order_status order_number=40031 requester_email=ada@…`."""
    here = parts()
    wanted = here.lookups().get(Intent(intent))
    if wanted is None:
        raise click.BadParameter(f"no look-up for {intent}: `flask lookups add` makes one", param_hint="--intent")
    given = _pairs(slots, "=", "SLOT")
    if unknown := sorted(set(given) - {*edge.slots(wanted), "requester_email"}):
        raise click.BadParameter(f"{unknown[0]} is not in the address", param_hint="SLOT")
    found = here.services.ask(wanted, given, given.get("requester_email", ""))
    table = Table("fact", "value", box=None)
    for name in wanted.fields:
        table.add_row(Text(f"[[lookup.{name}]]"), Text(found.facts.get(name, "missing")))
    out.print(table)
    if found.why:
        out.print(f"Missing, since: {found.why}.", markup=False)
        sys.exit(REFUSED)


@click.command()
@click.option("--intent", type=_INTENTS, required=True)
@plain_failures
def remove(intent: str) -> None:
    """Look nothing up for this intent any more; an answer that needs the facts is then only drafted."""
    here = parts()
    known = dict(here.lookups())
    there = known.pop(Intent(intent), None)
    here.keep_lookups(known)
    out.print(f"Removed: {intent}." if there else f"There was no look-up for {intent}.")


def _pairs(given: tuple[str, ...], between: str, what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        name, there, value = one.partition(between)
        if not there or not name.strip() or not value.strip():
            raise click.BadParameter(f"write NAME{between}VALUE, not {one!r}", param_hint=what)
        found[name.strip()] = value.strip()
    return found


for _command in (show, add, try_out, remove):
    lookups.add_command(_command)

COMMANDS = (lookups,)
