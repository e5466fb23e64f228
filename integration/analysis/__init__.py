"""Text in, Reading out: the names below are all that the rest of the product knows of how it is done.

It must not know the network, the clock or what is done with a reading.
"""

from integration.analysis.guard import guard
from integration.analysis.reader import cleaned, fault, load, read

__all__ = ["cleaned", "fault", "guard", "load", "read"]
