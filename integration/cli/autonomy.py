"""`flask autonomy`: how far each intent may go by itself, what it has earned, who moved it last; and the one switch.

It must not judge: the figures are the store's, the judgement the policy's.
"""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from integration import policy
from integration.assembly import Assembly, now
from integration.cli.console import out, parts, plain_failures
from integration.cli.rules import rung_allowed
from integration.model import ROUTINE_INTENTS, Figures, Intent, Mover, Rules, Rung, Step, interval
from integration.policy.ladder import Rate

COLOURS = {Rung.SEND: "green", Rung.SHARE: "green", Rung.DRAFT: "yellow"}
# Longest reason of an admin's, in characters: what fits into a line of the table.
LONGEST_REASON = 200


@click.group(invoke_without_command=True)
@plain_failures
def autonomy() -> None:
    """Show how far each intent may go by itself, with what came of it, and what it would take to climb."""
    if click.get_current_context().invoked_subcommand is None:
        _show(parts())


@autonomy.command("set")
@click.argument("intent", type=click.Choice([intent.value for intent in Intent]), metavar="INTENT")
@click.argument("rung", type=click.Choice([rung.value for rung in Rung]), metavar="RUNG")
@click.option("--because", default="", help="Why, for whoever looks at it later.")
@plain_failures
def set_rung(intent: str, rung: str, because: str) -> None:
    """Put INTENT on RUNG: observe, tag, draft, share or send."""
    store = parts().store
    try:
        rung_allowed(Intent(intent), rung, store.rules().ceilings, store.rules().pack)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    reason = " ".join(because.split())[:LONGEST_REASON] or "set by hand"
    rules = store.change_rules({f"rungs.{intent}": rung}, now(), reason)
    out.print(f"{intent} is on the rung {rules.rung(Intent(intent))}.")
    if Rung(rung) in policy.ladder.SPEAKING and not rules.sending:
        out.print("All sending is stopped: `flask autonomy start` lets it go on.")


@autonomy.command()
@plain_failures
def stop() -> None:
    """Stop every automated reply at once, those that wait in the queue included."""
    parts().store.change_rules({"sending": False}, now())
    out.print("Stopped. No automated reply goes out until `flask autonomy start`; answers are drafted for people.")


@autonomy.command()
@plain_failures
def start() -> None:
    """Let automated replies go out again, for the intents whose rung allows it."""
    rules = parts().store.change_rules({"sending": True}, now())
    sending = sorted(intent for intent in ROUTINE_INTENTS if rules.rung(intent) in policy.ladder.SPEAKING)
    out.print(f"Started. Answered by itself: {', '.join(sending) or 'nothing yet; see `flask autonomy`'}.")


def _show(here: Assembly) -> None:
    rules, steps = here.store.rules(), here.store.autonomy.steps()
    ladder = here.ladder()
    table = Table(
        *("intent", "rung", "since", "by", "sent", "drafted"),
        *("asked on", "reopened", "bad ratings", "corrected", "to climb"),
        box=None,
    )
    for intent in (intent for intent in Intent if intent in ROUTINE_INTENTS):
        last = steps.get(intent)
        table.add_row(*_row(intent, rules, last, ladder.figures(intent, rules, last)))
    out.print(table)
    out.print(
        f"Counted over {rules.window_days} days, or since the intent was last moved. In brackets: where the true share "
        "lies in 95 of 100 cases. An intent falls when even the lower end is above its bound.",
        markup=False,
    )
    for intent, last in sorted(steps.items()):
        why = f"{last.at:%Y-%m-%d %H:%M} {intent}: {last.was} → {last.is_now} by {_mover(last)}: {last.because}"
        out.print(why, markup=False, highlight=False)
    if rules.pack:
        out.print(f"Pack {rules.pack}: {_pack_words(rules)}", markup=False)
    if not rules.sending:
        out.print(Text("All sending is stopped: `flask autonomy start` lets it go on.", style="yellow"))


def _row(intent: Intent, rules: Rules, last: Step | None, figures: Figures) -> list[Text]:
    rung = rules.rung(intent)
    asked, reopened, corrected, bad = policy.ladder.rates(figures, rules)
    climb = policy.ladder.climb(intent, figures, rules)
    to_climb = f"{climb.to}: {climb.because}" if climb.to else climb.because
    words = (
        intent.value,
        rung.value,
        f"{last.at:%Y-%m-%d}" if last else "-",
        _mover(last) if last else "-",
        str(figures.sent),
        str(figures.drafted),
        *map(_share, (asked, reopened, bad)),
        _share(corrected) if figures.sent or not figures.drafted else _plain(figures.drafts_corrected, figures.drafted),
        to_climb,
    )
    cells = [Text(word) for word in words]
    cells[1].stylize(COLOURS.get(rung, ""))
    if climb.earned:
        cells[-1].stylize("green")
    return cells


def _share(rate: Rate) -> str:
    return _plain(rate.count, rate.of)


def _plain(count: int, of: int) -> str:
    if not of:
        return "-"
    low, high = interval(count, of)
    return f"{count} [{low:.0%}–{high:.0%}]"


def _mover(step: Step) -> str:
    return "Attune" if step.by is Mover.LADDER else "an admin"


def _pack_words(rules: Rules) -> str:
    held = [f"{intent} {rung}" for intent, rung in rules.ceilings.items() if rung is not Rung.SEND]
    return "at most " + ", ".join(word for word in held if word.split()[0] in ROUTINE_INTENTS)


COMMANDS = (autonomy,)
