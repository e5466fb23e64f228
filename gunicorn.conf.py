"""How gunicorn serves Attune; it knows numbers of the server only, and refuses to start half set up."""

import os

from integration.cli import check_settings, log_every_event

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = 2  # each answers a delivery in a few milliseconds; two so that one may be replaced
threads = 8  # a delivery waits for the database only
timeout = 30  # seconds; Zendesk itself gives up after 12
graceful_timeout = 20  # seconds to finish what was begun
accesslog = None  # one line per event comes from Attune itself: ids and counts, never words


def on_starting(server: object) -> None:  # noqa: ARG001 - gunicorn's signature
    """Report every problem of the settings before a single request is taken."""
    check_settings()


def post_worker_init(worker: object) -> None:  # noqa: ARG001 - gunicorn's signature
    """Log what is taken and what is refused."""
    log_every_event()
