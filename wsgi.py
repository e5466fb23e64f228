"""Where gunicorn and the `flask` command find Attune; it must not hold anything but that."""

from integration.cli import application

app = application()
