"""Attune: reads Zendesk tickets for feeling and urgency, answers the routine, brings the rest to people.

The way of one ticket starts in `web.py` and reads aloud in `worker/attendant.py`.
"""

__version__ = "0.1.0"
