"""`flask team`: who would be asked for what now, with what each one carries, and why somebody would not be asked.

It must not judge by itself: it draws what the policy says of each person and group.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import click
from rich.table import Table
from rich.text import Text

from integration import assembly
from integration.cli.console import out, parts, plain_failures
from integration.model import LANGUAGE_CARE, Agent, Care, Rules, Team
from integration.policy import routing
from integration.settings import Need


@click.command()
@plain_failures
def team() -> None:
    """Show who would be asked for what, and why not."""
    here, now = parts(), assembly.now()
    here.need(Need.ZENDESK)
    rules, desk = here.store.rules(), here.desk()
    found = here.roster.team(now)
    groups = routing.groups_by_care(found, rules, desk)
    out.print(_groups(groups, found))
    for group in groups if found.agents is not None else ():
        out.print(_people(found.agents or (), group, found, rules, now))
    for sentence in (*_mode(found, rules), *routing.troubles(found, rules, desk, now)):
        out.print(sentence, markup=False)


def _groups(groups: dict[int, tuple[str, ...]], found: Team) -> Table:
    table = Table("group", "id", "is asked for", box=None)
    for group, named in groups.items():
        table.add_row(Text(routing.group_name(found, group)), str(group), Text(", ".join(named)))
    return table


def _people(agents: Iterable[Agent], group: int, found: Team, rules: Rules, now: datetime) -> Table:
    title = f"Who is asked in {routing.group_name(found, group)}"
    table = Table("person", "speaks", "tags", "open", "last hour", "at work", "asked now", box=None, title=Text(title))
    for agent in (one for one in agents if group in one.groups):
        table.add_row(
            Text(agent.name),
            agent.language or "?",
            Text(", ".join(sorted(agent.tags)) or "-"),
            f"{agent.open_charged} of {rules.charged_per_person}",
            str(sum(1 for at in agent.taken if now - at <= routing.RUN)),
            {True: "yes", False: "no", None: "not known"}[agent.available],
            _asked(agent, group, rules, now),
        )
    return table


def _asked(agent: Agent, group: int, rules: Rules, now: datetime) -> Text:
    why = routing.why_not(agent, group, rules, now)
    until = routing.paused_until(agent, rules, now)
    if not why:
        return Text("yes", "green")
    return Text(f"no: {why}" + (f", until {until:%H:%M} UTC" if until and "pause" in why else ""), "yellow")


def _mode(found: Team, rules: Rules) -> Iterable[str]:
    if not rules.assign:
        yield "Charged tickets go to the group and nobody is named. To have a person named: flask rules assign=true"
    elif found.omnichannel:
        yield "Omnichannel routing is on: Zendesk chooses the person, Attune sets group, priority and tags."
    elif found.omnichannel is None:
        yield "Whether omnichannel routing is on could not be read, so nobody is named."
    if found.agents and all(agent.available is None for agent in found.agents):
        yield "The account does not say who is at work: everybody counts as available."
    if not found.load_known:
        yield "Open tickets could not be counted: what Attune gave in the last hours counts as still open."
    if not rules.groups_for:
        known = f"{', '.join(Care)} or {LANGUAGE_CARE}de"
        yield f"All go to the senior group. For a group of its own: flask rules groups_for.NAME=ID, with {known}"


COMMANDS = (team,)
