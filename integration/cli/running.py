"""`flask migrate`, `worker`, `sandbox`, `up` and `dashboard`: what keeps running.

It must not do the work itself: the worker, the web process and the sandbox do.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from types import FrameType

import click
from rich.panel import Panel

from integration import assembly
from integration.cli import launch
from integration.cli.console import out, parts, plain_failures
from integration.settings import Need
from integration.worker import CATCH_UP_EVERY_S

# The sandbox's own OAuth client, and the seeded agent who takes its charged tickets.
SANDBOX_SENIOR = "bea@sandbox.example"
SANDBOX_HOURS = ("business_hours=Mon-Sun 08:00-20:00", "time_zone=Europe/Berlin", "callbacks_per_slot=2")
SANDBOX_CLIENT = {"ZENDESK_CLIENT_ID": "attune", "ZENDESK_CLIENT_SECRET": "attune-sandbox-secret"}


@click.command()
@plain_failures
def migrate() -> None:
    """Bring the database and the queue up to date; running it again changes nothing."""
    parts().migrate()
    out.print("The database is up to date.")


@click.command()
@click.option("--name", default=assembly.worker_name, help="A name that stays over restarts; default: this host's.")
@click.option(
    "--catch-up-every",
    default=CATCH_UP_EVERY_S,
    show_default=True,
    metavar="SECONDS",
    type=click.FloatRange(min=1),
    help="How often missed events are looked for. Zendesk allows ten looks a minute, to all of an account's apps.",
)
@plain_failures
def worker(name: str, catch_up_every: float) -> None:
    """Take events from the queue until told to stop."""
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    logging.getLogger("attune").setLevel(os.environ.get("LOG_LEVEL", "INFO").upper())
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    parts().work(name, stop, catch_up_every)


@click.command()
@click.option("--port", default=4000, show_default=True)
@plain_failures
def sandbox(port: int) -> None:
    """Start the sandbox: a Zendesk small enough for one process, with an agent desk at /desk."""
    launch.refuse_taken(port, "--port")
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(subprocess.call([*launch.sandbox("serve"), "--port", str(port)], cwd=assembly.ROOT))  # noqa: S603 - our own command, no shell


@click.command()
@click.option("--once", is_flag=True, help="Play the sample tickets, then end everything instead of staying up.")
@plain_failures
def up(once: bool) -> None:
    """Start everything: against the sandbox, or against your account where one is named in the settings."""
    own_account = bool(parts().settings.zendesk_url)
    port = launch.port("PORT", os.environ.get("PORT", "8000"))
    environ = {**os.environ, "PORT": str(port)}
    launch.refuse_taken(port, "PORT")
    for told in (signal.SIGTERM, signal.SIGHUP):  # told to end, or left by its terminal, it ends its children too
        signal.signal(told, signal.default_int_handler)
    with launch.crew(environ, assembly.ROOT) as crew, contextlib.suppress(KeyboardInterrupt):
        if not own_account:
            _start_sandbox(crew, environ, port)
        else:
            parts().need(Need.ZENDESK, Need.PUBLIC_URL)
        crew.environ = environ
        launch.run([sys.executable, "-m", "flask", "migrate"], environ, assembly.ROOT, out)
        crew.start("worker", launch.worker())
        crew.start("web", launch.gunicorn())
        crew.wait_for("web", lambda: launch.answers(f"http://127.0.0.1:{port}/health"))
        for command in _setting_up(own_account):
            launch.run([sys.executable, "-m", "flask", *command], environ, assembly.ROOT, out)
        crew.wait_for("worker", lambda: launch.well(f"http://127.0.0.1:{port}/health"))
        if not own_account:
            launch.run([*launch.sandbox("play"), "--url", environ["ZENDESK_URL"]], environ, assembly.ROOT, out)
        _say_where_to_look(environ, port)
        if not once:
            name = crew.watch()
            raise launch.LaunchError(f"{name} ended by itself; its log is {crew.logs / name}.log")


def _start_sandbox(crew: launch.Crew, environ: dict[str, str], port: int) -> None:
    sandbox_port = launch.port("SANDBOX_PORT", os.environ.get("SANDBOX_PORT", "4000"))
    launch.refuse_taken(sandbox_port, "SANDBOX_PORT")
    address = f"http://127.0.0.1:{sandbox_port}"
    environ.update(SANDBOX_CLIENT, ZENDESK_URL=address, PUBLIC_URL=f"http://127.0.0.1:{port}")
    out.print(f"No Zendesk account in the settings: starting the sandbox at [link]{address}[/link]")
    crew.start("sandbox", [*launch.sandbox("serve"), "--port", str(sandbox_port)])
    crew.wait_for("sandbox", lambda: launch.answers(address))


def _setting_up(own_account: bool) -> list[list[str]]:
    """On the sandbox everything is to be seen at once: a made-up shop's facts, a senior agent, every answer sent."""
    if own_account:
        return [["install"]]
    return [
        [
            "install",
            "--yes",
            "--app",
            "--facts",
            str(assembly.ROOT / "sandbox" / "facts.toml"),
            "--senior-member",
            SANDBOX_SENIOR,
        ],
        ["rules", "default_rung=send", "rungs.order_status=send", *SANDBOX_HOURS],
    ]


def _say_where_to_look(environ: dict[str, str], port: int) -> None:
    desk = environ["ZENDESK_URL"] + ("/desk" if "127.0.0.1" in environ["ZENDESK_URL"] else "/agent")
    lines = [
        f"The desk:    {desk}",
        *([f"Customers:   {desk}/customer"] if desk.endswith("/desk") else []),
        f"Dashboard:   {environ['PUBLIC_URL'].rstrip('/')}/dashboard/",
        f"             {_which_password(parts())}",
        f"Health:      http://127.0.0.1:{port}/health",
        f"Logs:        {assembly.ROOT / 'var' / 'log'}",
        "Why a ticket was read so:  flask explain TICKET_ID",
        "End everything with Ctrl-C.",
    ]
    out.print(Panel("\n".join(lines), title="Attune is up", expand=False))
    if link := _way_out(environ):
        out.print(f"A customer's way to a person:  {link}", soft_wrap=True)


def _way_out(environ: dict[str, str]) -> str:
    """The customer's page of the newest ticket that was answered, so that it can be looked at."""
    here = assembly.Assembly(environ)
    try:
        answered = here.store.last_answered()
        return here.link_to(*answered) if answered else ""
    finally:
        here.close()


@click.command()
@click.option("--look", is_flag=True, help="A link for somebody who may look, and switch nothing.")
@plain_failures
def dashboard(look: bool) -> None:
    """Print the dashboard's address, and a link that opens it once, within two minutes, without the password."""
    here = parts()
    here.need(Need.PUBLIC_URL)
    out.print(f"The dashboard: {here.settings.public_url}/dashboard/", soft_wrap=True)
    out.print(f"Open it once, within two minutes: {here.entry_url(may_switch=not look)}", soft_wrap=True, markup=False)
    out.print(f"Later: {_which_password(here)}", markup=False)


def _which_password(here: assembly.Assembly) -> str:
    """Where the password stands; it is not repeated, since terminals are kept and shared."""
    if here.settings.admin_password:
        return "with the password of the setting ADMIN_PASSWORD"
    assembly.generated_password(here.settings.var)
    return f"with the password in {here.settings.var / assembly.PASSWORD_FILE}"


COMMANDS = (migrate, worker, sandbox, up, dashboard)
