"""Knows how the desk shows Zendesk apps: their frames, the protocol's server side, and the proxy that signs for them.
It must not know any one app, Attune's least of all: what it shows was uploaded and installed through the API."""

from sandbox.hosting.pages import APPS_NAME, Hosting, blueprint, signed_in

__all__ = ["APPS_NAME", "Hosting", "blueprint", "signed_in"]
