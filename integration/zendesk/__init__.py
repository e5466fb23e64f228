"""The only voice that speaks to Zendesk: the session, and what is said about tickets and the account over it.

It must not read or judge tickets, nor keep anything in a database.
"""

from integration.zendesk.help_center import HelpCenter
from integration.zendesk.limits import MemoryPause, Pause, RateState
from integration.zendesk.oauth import ClientCredentials, Credentials, ReadyToken, credentials_from
from integration.zendesk.reopened import Reopened
from integration.zendesk.restore import Restorer
from integration.zendesk.session import Declined, Session, base_address
from integration.zendesk.staff import StaffReader
from integration.zendesk.team import TeamReader
from integration.zendesk.tickets import Tickets
from integration.zendesk.watch import Watch

__all__ = [
    "ClientCredentials",
    "Credentials",
    "Declined",
    "HelpCenter",
    "MemoryPause",
    "Pause",
    "RateState",
    "ReadyToken",
    "Reopened",
    "Restorer",
    "Session",
    "StaffReader",
    "TeamReader",
    "Tickets",
    "Watch",
    "base_address",
    "credentials_from",
]
