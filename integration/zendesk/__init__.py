"""The only voice that speaks to Zendesk: the session, and what is said about tickets and the account over it.

It must not read or judge tickets, nor keep anything in a database.
"""

from integration.zendesk.limits import MemoryPause, Pause, RateState
from integration.zendesk.oauth import ClientCredentials, Credentials, ReadyToken, credentials_from
from integration.zendesk.session import Declined, Session, base_address
from integration.zendesk.tickets import Tickets
from integration.zendesk.watch import Watch

__all__ = [
    "ClientCredentials",
    "Credentials",
    "Declined",
    "MemoryPause",
    "Pause",
    "RateState",
    "ReadyToken",
    "Session",
    "Tickets",
    "Watch",
    "base_address",
    "credentials_from",
]
