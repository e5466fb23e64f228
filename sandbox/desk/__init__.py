"""Knows the rooms of the help desk's pages: the queue, a ticket, the customer's side, the sample stream.
It must not hold a page itself."""

from sandbox.desk import customer, queue, stream, ticket
from sandbox.desk.door import blueprint
from sandbox.desk.queue import PAGE_SIZE

__all__ = ["PAGE_SIZE", "blueprint", "customer", "queue", "stream", "ticket"]
