"""`flask app package`, and the app as `flask install --app` wants it.

It must not know how an app is uploaded or installed, nor show the value that its calls are signed with.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import click

from integration.assembly import Assembly
from integration.cli.console import REFUSED, err, out, parts, plain_failures
from integration.model import Refused, TryLater
from integration.settings import Need
from integration.zendesk import app_lint, app_package, setup

SHARED_BYTES = 32  # 256 bits, what HS256 signs with


@click.group()
def app() -> None:
    """The sidebar for Zendesk."""


@app.command("package")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    default=Path("attune-app.zip"),
    show_default=True,
    help="Where the zip is written.",
)
@plain_failures
def package(output: Path) -> None:
    """Write the app's zip, as `flask install --app` uploads it; the same files always give the same zip."""
    found = parts().need(Need.PUBLIC_URL)
    complaints = app_lint.complaints(app_package.files(found.public_url))
    for one in complaints:
        err.print(str(one), markup=False)
    if any(one.weight is app_lint.Weight.ERROR for one in complaints):
        sys.exit(REFUSED)
    made = app_package.package(found.public_url)
    try:
        output.write_bytes(made.content)
    except OSError as error:
        raise Refused(f"{output} cannot be written: {error.strerror}") from error
    out.print(f"{output}: version {made.version}, {len(made.content) / 1000:.0f} KB", markup=False)


def app_to_install(here: Assembly, public_url: str) -> setup.App:
    """The app for this server, with the value that is kept already, or with a new one."""
    try:
        shared = here.sidebar_secret()
    except TryLater:  # not installed yet, or sealed with another SECRET_KEY: nothing that could be kept
        shared = secrets.token_hex(SHARED_BYTES)
    return setup.App(package=app_package.package(public_url), shared_value=shared)


COMMANDS = (app,)
