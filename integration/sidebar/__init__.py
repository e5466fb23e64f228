"""The door for the Zendesk app: what an agent sees and says beside a ticket, as JSON.

It must not read a ticket, decide, or call Zendesk: it checks who calls, understands what they send, and hands it on.
"""

from integration.sidebar.routes import HEADERS, LARGEST_BODY_BYTES, Behind, Onlooker, blueprint

__all__ = ["HEADERS", "LARGEST_BODY_BYTES", "Behind", "Onlooker", "blueprint"]
