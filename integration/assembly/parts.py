"""The only place that joins the parts: settings in, working parts out, each built when it is first asked for.

It must not decide, translate or hold a rule of the product; anything longer than wiring belongs in a part.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from dbos import DBOSClient
from flask import Flask

from integration import content, dashboard, lookup, pages, sidebar, web, worker
from integration import settings as settings_module
from integration.assembly import doors, figures, house, shown
from integration.assembly.keys import Seal, alone, generated_key, private
from integration.model import Desk, Intent, Lookup, Panel, Ticket, TicketEvent, TryLater
from integration.settings import Need, Settings
from integration.store import Store, migrate, write_ahead
from integration.worker import Answering, Attendant, Courses, Ladder, Onlooker, Removals, Roster, Undoer
from integration.zendesk import (
    HelpCenter,
    Reopened,
    Restorer,
    Session,
    TeamReader,
    Tickets,
    Watch,
    credentials_from,
    doctor,
    setup,
)
from integration.zendesk.findings import Finding

ROOT = Path(__file__).resolve().parent.parent.parent
# The names under which the store keeps the look-ups, and the two sealed secrets: the webhook's and the app's.
LOOKUPS = "lookups"
WEBHOOK_SECRET = "webhook secret"  # noqa: S105 - a name, not the secret
SIDEBAR_SECRET = "sidebar secret"  # noqa: S105 - a name, not the secret
# How long a caller waits where install has yet to be run; our choice, what Zendesk repeats a delivery after at most.
NOT_INSTALLED = timedelta(seconds=30)


def now() -> datetime:
    """The only clock: aware, UTC."""
    return datetime.now(UTC)


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """The web application; its parts open nothing until a request or a command needs them."""
    app = Flask("attune", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # else it leads on to an address with whatever host the request names
    app.after_request(web.harden)
    app.register_error_handler(Exception, web.fault)
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
    app.register_blueprint(pages.blueprint(parts.behind_the_page))
    app.register_blueprint(dashboard.blueprint(shown.behind(parts, now)))
    app.register_blueprint(sidebar.blueprint(parts.behind_the_sidebar))
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
        archive = self.store.archive
        return Attendant(
            zendesk=self.tickets,
            memory=self.store,
            desk=self.desk,
            clock=now,
            answering=self.answering,
            decide=self.roster.decide,
            link=self.link,
            undone=archive.undone,
            removals=Removals(archive=archive, clock=now),
            ladder=self.ladder(self.tickets),
            courses=Courses(self.store.insight),
            judgements=self.store.judgements,
        )

    @cached_property
    def answering(self) -> Answering:
        """What puts answers together."""
        return Answering(
            zendesk=self.tickets,
            lookups=self.lookups,
            services=self.services,
            help_center=HelpCenter(self.session, clock=now),
            reopened=Reopened(self.session, self.desk),
        )

    @cached_property
    def services(self) -> lookup.Lookups:
        """The company's own services, as look-ups ask them; on this machine only where the account is a sandbox."""
        return lookup.Lookups(self._environ, loopback=self.on_loopback)

    @property
    def on_loopback(self) -> bool:
        """Whether the account is a sandbox on this machine."""
        return (urlsplit(self.settings.zendesk_url).hostname or "") in settings_module.LOOPBACK

    def lookups(self) -> Mapping[Intent, Lookup]:
        """Where facts for answers are looked up, by intent."""
        return lookup.read(self.store.get(LOOKUPS))

    def keep_lookups(self, lookups: Mapping[Intent, Lookup]) -> None:
        """Keep all look-ups, in place of those that stood."""
        self.store.set(LOOKUPS, lookup.written(lookups))

    @cached_property
    def roster(self) -> Roster:
        """Who could take a ticket, and what they carry."""
        return Roster(TeamReader(self.session, lambda: self._self_id, clock=now), self.store)

    def ladder(self, tickets: Tickets | None = None) -> Ladder:
        """How far each intent may go, and what takes it back; without an account it can be looked at only."""
        return Ladder(zendesk=tickets, book=self.store.autonomy, keep=self.store, clock=now)

    def panel(self, since: datetime, until: datetime) -> Panel:
        """The figures of the tickets that began in since ≤ t < until."""
        return figures.panel(self, since, until, now())

    @cached_property
    def seal(self) -> Seal:
        """Keeps secrets in the database unreadable without SECRET_KEY."""
        return Seal(self.settings.secret_key or generated_key(self.settings.var))

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
        with alone(self.settings.var / f"worker-{queue}-{name}.lock", name):
            archive = self.store.archive
            watch = Watch(self.session, gone=lambda ids: archive.gone(ids, now()))
            worker.run(self.attendant, watch, self.settings.queue_url, name, stop, catch_up_every_s, archive)

    def examine(self) -> tuple[Finding, ...]:
        """Look at everything that can be wrong, in the account and here."""
        found = doctor.examine(
            self.session,
            self.store.rows(),
            public_url=self.settings.public_url,
            stored_secret=self._known_secret(self.webhook_secret),
            shared_value=self._known_secret(self.sidebar_secret),
            clock=now,
            others=house.checks(self, now),
        )
        shown.keep_findings(self, found, now())
        return found

    @staticmethod
    def _known_secret(secret: Callable[[], str]) -> str:
        try:
            return secret()
        except TryLater:
            return ""

    @cached_property
    def restorer(self) -> Restorer:
        """What puts tickets back when our writes are undone."""
        return Restorer(self.session, self.desk)

    @cached_property
    def undoer(self) -> Undoer:
        """Undoes what we wrote."""
        return Undoer(
            restorer=self.restorer,
            journal=self.store.archive,
            self_id=lambda: self._self_id,
            clock=now,
            wait=time.sleep,
        )

    def waiting(self) -> int:
        """How many events wait in the queue."""
        return self.queued()[0]

    def queued(self) -> tuple[int, datetime | None]:
        """How many events wait in the queue, and since when the first of them does; raises TryLater."""
        try:
            queued = self._queue.list_queued_workflows(queue_name=worker.QUEUE, load_input=False)
        except Exception as error:  # away, or without tables: whoever asks is told what to do, not what broke
            raise TryLater(f"the queue cannot be read ({type(error).__name__}): run `flask migrate`") from error
        return len(queued), shown.oldest_of(queued)

    def remove_events(self, deliveries: Iterable[str]) -> tuple[int, int]:
        """Remove finished events from the queue; gives back how many went, and how many are still in hand."""
        return worker.remove(self._queue, deliveries)

    def close(self) -> None:
        """Give back every connection that was opened."""
        for name, leave in (("_queue", "destroy"), ("store", "close"), ("session", "close"), ("services", "close")):
            part = self.__dict__.pop(name, None)
            if part is not None:
                getattr(part, leave)()

    # --- the dashboard ---

    def entry_url(self, *, may_switch: bool = False) -> str:
        """An address that opens the dashboard once; to look only, unless whoever asks sits at the server."""
        return shown.entry_url(self, now(), may_switch=may_switch)

    # --- the way to a person ---

    @property
    def behind_the_page(self) -> pages.Behind:
        """What the customer's page is made of."""
        return doors.behind_the_page(self, now)

    def link(self, ticket: Ticket, language: str) -> str:
        """The address of the page for the newest message's answer; empty where nobody could reach it."""
        return self.link_to(ticket.id, ticket.newest.id, language) if ticket.newest else ""

    def link_to(self, ticket_id: int, message_id: int, language: str = content.ENGLISH) -> str:
        """The address of the page for one answered message; empty without PUBLIC_URL."""
        return doors.link(self, ticket_id, message_id, language, now())

    # --- the sidebar ---

    @property
    def behind_the_sidebar(self) -> sidebar.Behind:
        """What the app's door is made of."""
        return doors.behind_the_sidebar(self, now)

    @cached_property
    def onlooker(self) -> Onlooker:
        """What looks at tickets for agents."""
        return doors.onlooker(self, now)

    # --- for the web door ---

    def webhook_secret(self) -> str:
        """The webhook's signing secret: the given one, else the one that install read.

        Raises TryLater where there is none yet: the door stays shut, and Zendesk is asked to come again.
        """
        if self.settings.webhook_secret:
            return self.settings.webhook_secret
        sealed = self.store.get(WEBHOOK_SECRET)
        if not sealed:
            raise TryLater("Attune is not installed in this account yet: run `flask install`", NOT_INSTALLED)
        return self.seal.open(sealed)

    def keep_webhook_secret(self, secret: str) -> None:
        """Keep the secret that install read."""
        self.store.set(WEBHOOK_SECRET, self.seal.close(secret))

    # --- for the app ---

    def sidebar_secret(self) -> str:
        """What the app's calls are signed with; raises TryLater where the app is not installed yet."""
        sealed = self.store.get(SIDEBAR_SECRET)
        if not sealed:
            raise TryLater("the app is not installed in this account yet: run `flask install --app`", NOT_INSTALLED)
        return self.seal.open(sealed)

    def keep_sidebar_secret(self, secret: str) -> None:
        """Keep what `flask install --app` wrote into the app's settings."""
        self.store.set(SIDEBAR_SECRET, self.seal.close(secret))

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
