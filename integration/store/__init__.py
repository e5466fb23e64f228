"""The only SQL: what install made, what was done to which ticket and why, and a few small values.

It must not know Zendesk, read a ticket or decide anything; it keeps scores, ids and reasons, never a customer's words.
"""

from integration.store.database import Store
from integration.store.engine import migrate, write_ahead

__all__ = ["Store", "migrate", "write_ahead"]
