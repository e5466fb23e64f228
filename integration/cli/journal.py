"""`flask undo`, `forget` and `replay`: takes back what was written, removes what is held of a person, tries again.

It must not decide what goes back or what goes away: the parts do; it asks, shows and counts.
"""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta

import click
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from integration import worker
from integration.assembly import Assembly, now
from integration.cli.console import TRY_AGAIN, err, out, parts, plain_failures
from integration.model import AttuneError, Refused, TryLater, Written
from integration.settings import Need
from integration.wire import moment

_AGO = re.compile(r"(\d{1,5})\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@click.command()
@click.option("--ticket", "ticket_id", type=int, metavar="ID", help="What was written on this ticket.")
@click.option("--since", metavar="WHEN", help="What was written since then: 30m, 2h, 3d or a time.")
@click.option("--all", "everything", is_flag=True, help="Everything that is in the journal.")
@click.option("--dry-run", is_flag=True, help="Show what would be put back, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plain_failures
def undo(ticket_id: int | None, since: str | None, everything: bool, dry_run: bool, yes: bool) -> None:
    """Put back what stood on tickets before Attune wrote there, where nobody changed it since."""
    if sum((ticket_id is not None, since is not None, everything)) != 1:
        raise click.UsageError("say which: --ticket ID, --since WHEN or --all")
    here = parts()
    here.need(Need.ZENDESK)
    writes = here.store.archive.writes(since=_moment(since, now()) if since else None, ticket_id=ticket_id)
    if not writes:
        out.print("Nothing to undo: Attune wrote nothing there, or it was undone already.")
        return
    tickets = worker.by_ticket(writes)
    if not dry_run and not yes and sys.stdin.isatty():
        click.confirm(f"Undo {len(writes)} updates on {len(tickets)} tickets?", abort=True)
    failed = _undo_each(here, list(tickets.values()), dry_run)
    if failed:
        sys.exit(TRY_AGAIN)


def _undo_each(here: Assembly, tickets: list[list[Written]], dry_run: bool) -> int:
    """Undo or plan one ticket after the other, and show them; gives back on how many it could not be done now."""
    table = Table("ticket", "put back", "stays as it is", box=None, title="To undo" if dry_run else "Undone")
    done = stopped = failed = 0
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        for writes in progress.track(tickets, description="Tickets"):
            try:
                found = here.undoer.plan(writes) if dry_run else here.undoer.undo(writes)
            except TryLater as later:
                failed += 1
                table.add_row(str(writes[0].ticket_id), Text("not now", style="yellow"), Text(str(later)))
                continue
            done, stopped = done + found.done, stopped + bool(found.undoing.stop)
            table.add_row(str(found.undoing.ticket_id), _put_back(found), Text("; ".join(_stays(found))))
    out.print(table)
    if not dry_run:
        out.print(f"{done} of {len(tickets)} tickets undone, {stopped} cannot be changed, {failed} to be tried again.")
    return failed


def _put_back(found: worker.Undone) -> Text:
    undoing = found.undoing
    if undoing.stop:
        return Text("nothing", style="yellow")
    said = [f"{_plain(name)}: {_shown(value)}" for name, value in undoing.values.items()]
    if undoing.tags is not None:
        said.append(
            "tags: "
            + " ".join([*(f"−{tag}" for tag in sorted(undoing.off)), *(f"+{tag}" for tag in sorted(undoing.on))])
        )
    return Text("; ".join(said) or "nothing: all is as it was")


def _stays(found: worker.Undone) -> tuple[str, ...]:
    stop = (found.undoing.stop,) if found.undoing.stop else ()
    return (*stop, *found.undoing.kept, *found.remarks)


def _plain(name: str) -> str:
    return name.removeprefix("fields.").removesuffix("_id")


def _shown(value: object) -> str:
    return "empty" if value is None else str(value)


def _moment(given: str, at: datetime) -> datetime:
    """`2h` before `at`, or the time itself; a time without a zone is taken as UTC."""
    ago = _AGO.fullmatch(given.strip().lower())
    if ago:
        return at - timedelta(**{_UNITS[ago.group(2)]: int(ago.group(1))})
    found = moment(given)
    if found is None:
        raise click.BadParameter(f"{given} is neither 30m, 2h, 3d, 1w nor a time such as 2026-03-02T09:30")
    return found


@click.command()
@click.option("--requester", required=True, metavar="ID|EMAIL", help="The person, as Zendesk knows them.")
@click.option("--dry-run", is_flag=True, help="Count what would go, and remove nothing.")
@plain_failures
def forget(requester: str, dry_run: bool) -> None:
    """Remove everything that Attune's own database holds of a person."""
    here = parts()
    person = _person(here, requester.strip())
    tickets, unseen = _tickets_of(here, person)
    held = here.store.archive.held(person, tickets)
    if not (held.deliveries or held.tickets):
        raise Refused(f"nothing is held of user {person}, and Zendesk shows no tickets of theirs: check the id")
    went = waiting = 0
    if not dry_run:
        went, waiting = here.remove_events(held.deliveries)
        here.store.archive.forget(held)
    verb = "Would go" if dry_run else "Gone"
    queue = f"{len(held.deliveries)} events of the queue at most" if dry_run else f"{went} finished events of the queue"
    rows = f"{held.outcomes} outcomes, {held.corrections} corrections, {held.bookings} booked times"
    out.print(
        f"{verb}: {rows}, {held.echoes} marks of what came back, {held.wishes} wishes, "
        f"{held.courses} courses, {queue}.",
        highlight=False,
    )
    if waiting:
        out.print(f"{waiting} events of this person are still in hand: run it again in a minute.")
    if unseen:
        err.print(f"Zendesk did not show this person's tickets: outcomes that name nobody may be left ({unseen}).")
    out.print(_what_remains(person))


def _person(here: Assembly, given: str) -> int:
    if given.isascii() and given.isdigit() and len(given) < 19:
        return int(given)
    if "@" not in given:
        raise click.BadParameter("write the user's id in Zendesk, or their e-mail address")
    here.need(Need.ZENDESK)
    return here.restorer.person(given)


def _tickets_of(here: Assembly, person: int) -> tuple[frozenset[int], str]:
    """Their tickets in Zendesk, so that outcomes without a name are found; without them, why."""
    try:
        here.need(Need.ZENDESK)
        return here.restorer.requested(person), ""
    except AttuneError as failure:
        return frozenset(), str(failure)


def _what_remains(person: int) -> str:
    return (
        "What Attune wrote on this person's tickets can no longer be undone by `flask undo`.\n"
        "In Zendesk remain: their tickets with Attune's fields, tags, notes and replies. To remove them: blacken words "
        "with the redaction tool, or delete the tickets, or delete the user for good "
        f"(People, or DELETE /api/v2/users/{person} and then DELETE /api/v2/deleted_users/{person}).\n"
        "If they write again, their message is read like any other."
    )


@click.command()
@click.option(
    "--delivery", "delivery_id", metavar="ID", help="One event, by its delivery's id, as the worker's log has it."
)
@click.option("--failed", "all_failed", is_flag=True, help="Every event that failed and that nothing later made good.")
@click.option("--since", metavar="WHEN", help="With --failed: only those since then, such as 2h or 3d.")
@click.option("--dry-run", is_flag=True, help="Show them, and enqueue nothing.")
@plain_failures
def replay(delivery_id: str | None, all_failed: bool, since: str | None, dry_run: bool) -> None:
    """Take up again what failed, such as events that came while the credentials were wrong."""
    if (delivery_id is None) != all_failed:
        raise click.UsageError("say which: --delivery ID or --failed")
    archive = parts().store.archive
    if delivery_id is not None:
        one = archive.event(delivery_id)
        if one is None or not worker.is_failure(one.because):
            why = f"its outcome was no failure: {one.because}" if one else "there is no finished event of this name"
            raise Refused(f"{delivery_id}: {why}")
        chosen, left = [one], 0
    else:
        found = archive.failed(worker.FAILURES, _moment(since, now()) if since else None)
        chosen = [one for one in found if worker.GONE not in one.because]
        left = len(found) - len(chosen)
    table = Table("ticket", "failed at", "because", "new delivery", box=None)
    for one in chosen:
        event = worker.again(one.event, archive.named(worker.original(one.event.delivery_id)))
        if not dry_run:
            parts().enqueue(event)
        table.add_row(str(event.ticket_id), f"{one.at:%Y-%m-%d %H:%M}", Text(one.because), Text(event.delivery_id))
    if chosen:
        out.print(table)
    out.print(f"{len(chosen)} events {'would be' if dry_run else 'are'} taken up again.")
    if left:
        out.print(f"{left} left out: their tickets are not there. --delivery takes one up all the same.")


COMMANDS = (undo, forget, replay)
