"""The only place that joins the parts: settings in, working parts out, each built when it is first asked for.

It must not decide, translate or hold a rule of the product; anything longer than wiring belongs in a part.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import os
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from dbos import DBOSClient
from flask import Flask

from integration import analysis, web, worker
from integration import settings as settings_module
from integration.model import Desk, Refused, TicketEvent, TryLater
from integration.settings import Need, Settings
from integration.store import Store, migrate, write_ahead
from integration.worker import Attendant
from integration.zendesk import Session, Tickets, Watch, credentials_from, doctor, setup
from integration.zendesk.findings import Finding, ok, problem, warning

ROOT = Path(__file__).resolve().parent.parent
# The name under which the store keeps the sealed webhook secret.
WEBHOOK_SECRET = "webhook secret"  # noqa: S105 - a name, not the secret


def now() -> datetime:
    """The only clock: aware, UTC."""
    return datetime.now(UTC)


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """The web application; its parts open nothing until a request or a command needs them."""
    app = Flask("attune", static_folder=None, template_folder=None)
    parts = Assembly(os.environ if environ is None else environ)
    app.extensions["attune"] = parts
    app.register_blueprint(
        web.blueprint(
            secret=parts.webhook_secret,
            enqueue=parts.enqueue,
            health=lambda: parts.store,
            clock=now,
        )
    )
    return app


class Assembly:
    """Every part, once per process."""

    def __init__(self, environ: Mapping[str, str], root: Path = ROOT) -> None:
        self._environ = environ
        self._root = root

    def need(self, *needs: Need) -> Settings:
        """The settings, with these needs met; raises SettingsError with all problems at once."""
        return settings_module.load(self._environ, self._root, needs)

    @cached_property
    def settings(self) -> Settings:
        """The settings as they are, whatever is missing."""
        return self.need()

    @cached_property
    def store(self) -> Store:
        """The database."""
        return Store(self.settings.database_url)

    @cached_property
    def session(self) -> Session:
        """The one session with the account, shared by all threads."""
        found = self.need(Need.ZENDESK)
        credentials = credentials_from(found.client_id, found.client_secret, found.access_token)
        return Session(found.zendesk_url, credentials, pause=self.store.pause, clock=now)

    @cached_property
    def tickets(self) -> Tickets:
        """What is said to Zendesk about one ticket."""
        return Tickets(self.session, self.desk, clock=now)

    def desk(self) -> Desk:
        """What install put into the account, and who we are there."""
        return setup.desk(self.store.rows(), self._self_id)

    @cached_property
    def _self_id(self) -> int:
        """Our own user's id: a token's identity is never guessed. Raises TryLater until Zendesk has told."""
        return Watch(self.session).self_id()

    @cached_property
    def attendant(self) -> Attendant:
        """The product: attends to one event after the other."""
        return Attendant(zendesk=self.tickets, memory=self.store, desk=self.desk, clock=now)

    @cached_property
    def seal(self) -> Seal:
        """Keeps secrets in the database unreadable without SECRET_KEY."""
        return Seal(self.settings.secret_key or _generated_key(self.settings.var))

    def migrate(self) -> None:
        """Bring our tables and the queue's up to date."""
        private(self.settings.var)
        migrate(self.settings.database_url)
        write_ahead(self.settings.queue_url)
        worker.migrate(self.settings.queue_url)

    def work(self, name: str, stop: threading.Event, catch_up_every_s: float = worker.CATCH_UP_EVERY_S) -> None:
        """Be a worker until `stop` is set. Raises Refused where another one on this host has the name."""
        self.store.check()
        queue = hashlib.sha256(self.settings.queue_url.encode()).hexdigest()[:8]
        with _alone(self.settings.var / f"worker-{queue}-{name}.lock", name):
            worker.run(self.attendant, Watch(self.session), self.settings.queue_url, name, stop, catch_up_every_s)

    def examine(self) -> tuple[Finding, ...]:
        """Look at everything that can be wrong, in the account and here."""
        return doctor.examine(
            self.session,
            self.store.rows(),
            public_url=self.settings.public_url,
            stored_secret=self._known_secret(),
            clock=now,
            others=(
                ("database", self._database_finding),
                ("queue", self._queue_finding),
                ("worker", self._worker_finding),
                ("reader", _reader_finding),
            ),
        )

    def _known_secret(self) -> str:
        try:
            return self.webhook_secret()
        except TryLater:
            return ""

    def _database_finding(self) -> Finding:
        self.store.check()
        return ok("database", f"answers ({self.settings.database_url.split(':', 1)[0]})")

    def _queue_finding(self) -> Finding:
        waiting = len(self._queue.list_queued_workflows(queue_name=worker.QUEUE, load_input=False))
        if waiting > worker.TOO_MANY_WAITING:
            todo = "start another `flask worker`, and see whether the rate budget is spent"
            return warning("queue", f"{waiting} events wait", todo)
        return ok("queue", f"{waiting} events wait")

    def _worker_finding(self) -> Finding:
        names = sorted(self.store.alive(now() - worker.DEAD_AFTER))
        if not names:
            return problem("worker", "no worker was heard of lately", "start `flask worker`")
        return ok("worker", ", ".join(names))

    def close(self) -> None:
        """Give back every connection that was opened."""
        for name, leave in (("_queue", "destroy"), ("store", "close"), ("session", "close")):
            part = self.__dict__.pop(name, None)
            if part is not None:
                getattr(part, leave)()

    # --- for the web door ---

    def webhook_secret(self) -> str:
        """The webhook's signing secret: the given one, else the one that install read.

        Raises TryLater where there is none yet: the door stays shut, and Zendesk is asked to come again.
        """
        if self.settings.webhook_secret:
            return self.settings.webhook_secret
        sealed = self.store.get(WEBHOOK_SECRET)
        if not sealed:
            raise TryLater("Attune is not installed in this account yet: run `flask install`", timedelta(seconds=30))
        return self.seal.open(sealed)

    def keep_webhook_secret(self, secret: str) -> None:
        """Keep the secret that install read."""
        self.store.set(WEBHOOK_SECRET, self.seal.close(secret))

    def enqueue(self, event: TicketEvent) -> None:
        """Put an event into the queue; raises TryLater where the queue cannot take it."""
        try:
            self._queue.enqueue(worker.enqueue_options(event), worker.event_values(event))
        except Exception as error:  # whatever ails the queue, the sender keeps the event and comes again
            self.__dict__.pop("_queue", None)
            raise TryLater(f"the queue cannot be reached ({type(error).__name__})", timedelta(seconds=10)) from error

    @cached_property
    def _queue(self) -> DBOSClient:
        return worker.client(self.settings.queue_url)


class Seal:
    """Makes a secret unreadable without the key, and readable with it."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))

    def close(self, secret: str) -> str:
        """The secret, sealed."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret; raises TryLater where it was sealed with another key, so that nobody is let in or lost."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise TryLater(
                "SECRET_KEY changed since install: put the old one back, or run `flask install`", timedelta(seconds=30)
            ) from None


def worker_name() -> str:
    """This host's name: stays over restarts, differs between machines."""
    return socket.gethostname()


@contextlib.contextmanager
def _alone(lock: Path, name: str) -> Iterator[None]:
    """Hold a worker's name on this host; the system lets go of it however the worker ends.

    Two of one name would each take up what the other has in hand, as if left by a crash.
    """
    private(lock.parent)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(f"a worker named {name} runs here already: give this one another --name") from None
        yield


def private(folder: Path) -> None:
    """Make the folder for the embedded databases and the key, readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def _reader_finding() -> Finding:
    why = analysis.fault()
    return problem("reader", *why.rsplit("; ", 1)) if why else ok("reader", "the trained files are those of their card")


def _generated_key(var: Path) -> str:
    """The key of an installation that was given none: made once, readable by its owner only."""
    path = var / "secret-key"
    if not path.exists():
        private(var)
        with contextlib.suppress(FileExistsError), os.fdopen(os.open(path, _NEW_AND_PRIVATE, 0o600), "w") as key:
            key.write(secrets.token_hex(32))
    return path.read_text()


_NEW_AND_PRIVATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
