"""Knows the switch on the queue's page that starts and stops the stream of sample tickets.
It must not know how tickets are written: that is `sandbox.streaming`."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.desk.door import blueprint, here


@blueprint.post("/stream")
def switch_stream() -> ResponseReturnValue:
    """Start the stream with `every` seconds between two tickets, or stop it with `do=stop`."""
    stream = here().stream
    if request.form.get("do") == "stop":
        stream.stop()
        return redirect(url_for("desk.tickets"), 303)
    try:
        stream.start(request.form.get("every", 0, int))
    except ValueError as error:
        abort(400, f"The stream was not started: {error}.")
    return redirect(url_for("desk.tickets"), 303)
