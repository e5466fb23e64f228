"""`python -m sandbox serve` keeps a desk running, `play` writes sample tickets into one, `sdk` fetches what apps need.

It must not hold anything but the commands.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path

from sandbox.app import serve
from sandbox.hosting import sdk
from sandbox.player import play
from sandbox.settings import SandboxSettings

HERE = Path(__file__).parent


def main() -> int:
    """Run the named command."""
    parser = argparse.ArgumentParser(prog="python -m sandbox")
    commands = parser.add_subparsers(dest="command", required=True)
    server = commands.add_parser("serve")
    server.add_argument("--port", type=int, default=4000)
    server.add_argument("--database", type=Path, default=HERE.parent / "var" / "sandbox.sqlite")
    server.add_argument("--export-delay", type=int, default=60, metavar="SECONDS", help="the export's held-back time")
    player = commands.add_parser("play")
    player.add_argument("--url", default="http://127.0.0.1:4000")
    player.add_argument("--tickets", type=Path, default=HERE / "samples.jsonl")
    bringer = commands.add_parser("sdk", help="fetch Zendesk's app SDK, so that the desk can show apps")
    bringer.add_argument("--folder", type=Path, default=sdk.FOLDER)
    given = parser.parse_args()
    if given.command == "sdk":
        return _bring_sdk(given.folder)
    if given.command == "play":
        client = (os.environ.get("ZENDESK_CLIENT_ID", ""), os.environ.get("ZENDESK_CLIENT_SECRET", ""))
        return play(given.url, given.tickets, client)
    given.database.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(KeyboardInterrupt):
        serve(replace(SandboxSettings(), db_path=given.database, export_delay_s=given.export_delay), given.port)
    return 0


def _bring_sdk(folder: Path) -> int:
    try:
        sdk.bring(folder)
    except sdk.Unavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
