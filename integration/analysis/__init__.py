"""Text in, Reading out: the names below are all that the rest of the product knows of how it is done.

It must not know the network, the clock or what is done with a reading.
"""

from integration.analysis.guard import guard
from integration.analysis.reader import fault, load, read

__all__ = ["fault", "guard", "load", "read"]
