"""Text in, Reading out: `read` is all that the rest of the product knows of how feelings are found.

It must not know the network, the clock or what is done with a reading.
"""

from integration.analysis.reader import read

__all__ = ["read"]
