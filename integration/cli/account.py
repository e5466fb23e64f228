"""`flask install`, `uninstall` and `doctor`: shows what will be done in the account, asks, and does it.

It must not decide what install does: that is a plan, made and carried out by `zendesk.setup`.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import click
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from integration import content
from integration.assembly import Assembly
from integration.cli.app import app_to_install
from integration.cli.console import REFUSED, err, out, parts, plain_failures
from integration.cli.rules import NO_PACK
from integration.model import Rules, lower
from integration.settings import Need
from integration.zendesk import setup
from integration.zendesk.comparison import InstallPlan, Step

COLOURS = {"create": "green", "update": "yellow", "adopt": "cyan", "remove": "red", "forget": "dim", "keep": "dim"}
LEVELS = {"ok": "green", "warning": "yellow", "problem": "red"}


@click.command()
@click.option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help="A fact of your company for the answers.")
@click.option(
    "--facts", "facts_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A TOML file."
)
@click.option("--senior-group", help="The group for charged tickets; made if it is not there. Default: Senior Support.")
@click.option("--senior-member", "members", multiple=True, metavar="EMAIL", help="Put this agent into that group.")
@click.option(
    "--macro-language",
    "languages",
    multiple=True,
    type=click.Choice(content.LANGUAGES, case_sensitive=False),
    help="Empathy macros in this language beside English; en alone: only English. Stays until named anew.",
)
@click.option(
    "--macro-group",
    "groups",
    multiple=True,
    metavar="GROUP",
    help='Only this group sees the empathy macros; "" for everybody. Stays until named anew.',
)
@click.option(
    "--pack",
    type=click.Choice([*content.PACKS, NO_PACK], case_sensitive=False),
    help="Your line of business: holds back what is for people there. Stays until named anew.",
)
@click.option("--app", "with_app", is_flag=True, help="Put the app beside every ticket; later runs keep it so.")
@click.option("--take-over", is_flag=True, help="Make ours what another Attune, at another PUBLIC_URL, has here.")
@plain_failures
def install(
    dry_run: bool,
    yes: bool,
    facts: tuple[str, ...],
    facts_file: Path | None,
    senior_group: str | None,
    members: tuple[str, ...],
    languages: tuple[str, ...],
    groups: tuple[str, ...],
    pack: str | None,
    with_app: bool,
    take_over: bool,
) -> None:
    """Put into the account what Attune needs; running it again changes nothing."""
    here = parts()
    found = here.need(Need.ZENDESK, Need.PUBLIC_URL)
    known = {**json.loads(here.store.get("facts") or "{}"), **_facts(facts, facts_file)}
    app = app_to_install(here, found.public_url) if with_app or setup.has_app(here.store.rows()) else None
    plan = setup.plan(
        here.session,
        here.store.rows(),
        public_url=found.public_url,
        facts=known,
        senior_group=senior_group,
        senior_members=members,
        take_over=take_over,
        macro_languages=languages or None,
        macro_groups=[group for group in groups if group.strip()] if groups else None,
        app=app,
    )
    _show(plan, "install", found.zendesk_url)
    new_pack = _new_pack(here.store.rules(), pack)
    if dry_run:
        return
    if not plan.changes and (new_pack is None or yes or click.confirm("Do it?")):
        _choose(here, new_pack)
        _keep_shared(here, app)
        _keep(here, known, setup.carry_out(plan, here.session, here.store).secret)
        return
    if plan.changes and (yes or click.confirm("Do it?")):
        _choose(here, new_pack)
        _keep_shared(here, app)
        _finish(here, plan, known)


@click.command()
@click.option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--keep-fields", is_flag=True, help="Leave the ticket fields: deleting one wipes its values everywhere.")
@plain_failures
def uninstall(dry_run: bool, yes: bool, keep_fields: bool) -> None:
    """Remove exactly what install made."""
    here = parts()
    found = here.need(Need.ZENDESK)
    plan = setup.plan_removal(here.session, here.store.rows(), keep_fields=keep_fields)
    _show(plan, "uninstall", found.zendesk_url)
    if not dry_run and plan.changes and (yes or click.confirm("Do it?")):
        _finish(here, plan, None)


@click.command()
@plain_failures
def doctor() -> None:
    """Look at everything that can be wrong, and say what to do about each finding."""
    here = parts()
    table = Table("check", "", "finding", "what to do", box=None)
    worst = "ok"
    for finding in here.examine():
        table.add_row(finding.check, Text(finding.level, LEVELS[finding.level]), finding.what, finding.what_to_do)
        worst = max(worst, finding.level, key=list(LEVELS).index)
    out.print(table)
    sys.exit(REFUSED if worst == "problem" else 0)


def _show(plan: InstallPlan, verb: str, account: str) -> None:
    changes = plan.changes
    if plan.remark:
        out.print(plan.remark, markup=False)
    if not changes:
        out.print(f"Nothing to {verb} at {account}: everything is as it should be ({len(plan.steps)} things).")
        return
    table = Table("", "what", "title", "because", box=None, title=f"To {verb} at {account}")
    for step in changes:
        table.add_row(Text(step.verb, COLOURS[step.verb]), step.kind, Text(step.title), Text(step.because))
    out.print(table)
    kept = len(plan.steps) - len(changes)
    if kept:
        out.print(f"{kept} more stay as they are.")


def _new_pack(standing: Rules, named: str | None) -> str | None:
    """The pack that is to stand from now on, shown with what it holds back; None where nothing changes."""
    name = standing.pack if named is None else named.lower().removesuffix(NO_PACK)
    if name == standing.pack:
        return None
    if not name:
        out.print(f"The pack {standing.pack} goes: nothing is held back any more beyond the rungs.")
        return name
    found = content.pack(name)
    out.print(f"Pack {name} ({found.title}): {found.because}.", markup=False)
    held = {
        intent: rung
        for intent, rung in found.ceilings.items()
        if standing.rung(intent) is not lower(standing.rung(intent), rung)
    }
    for intent, rung in held.items():
        out.print(f"  {intent}: {standing.rung(intent)} → {rung}", markup=False)
    return name


def _keep_shared(here: Assembly, app: setup.App | None) -> None:
    """Before it is written into the account: if that breaks off, the next run writes the same value again."""
    if app is not None:
        here.keep_sidebar_secret(app.shared_value)


def _choose(here: Assembly, pack: str | None) -> None:
    if pack is not None:
        here.store.change_rules({"pack": pack})


def _finish(here: Assembly, plan: InstallPlan, facts: dict[str, str] | None) -> None:
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Zendesk", total=len(plan.steps))

        def tell(step: Step) -> None:
            progress.update(task, advance=1, description=step.title)

        report = setup.carry_out(plan, here.session, here.store, tell)
    if facts is not None:
        _keep(here, facts, report.secret)
    out.print(f"Done: {len(report.done)} of {len(plan.steps)} steps.")
    for step, why in report.refused:
        err.print(f"[red]not done[/red]: {step.verb} {step.kind} ", end="")
        err.print(f"{step.title}: {why}", markup=False)
    if report.refused:
        sys.exit(REFUSED)


def _keep(here: Assembly, facts: dict[str, str], secret: str) -> None:
    """What install learned, for the next run and for the door."""
    here.store.set("facts", json.dumps(facts))
    if secret:
        here.keep_webhook_secret(secret)


def _facts(pairs: Iterable[str], file: Path | None) -> dict[str, str]:
    found = {}
    if file:
        try:
            found = {name: str(value) for name, value in tomllib.loads(file.read_text("utf-8")).items()}
        except tomllib.TOMLDecodeError as error:
            raise click.BadParameter(f"{file} is not TOML: {error}") from error
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise click.BadParameter(f"--fact {pair}: write NAME=VALUE")
        found[name.strip()] = value.strip()
    unknown = sorted(found.keys() - content.facts().keys())
    if unknown:
        raise click.BadParameter(f"no answer needs {', '.join(unknown)}; there are {', '.join(content.facts())}")
    return found


COMMANDS = (install, uninstall, doctor)
