"""Knows that this package is a Zendesk small enough for one process: its API, triggers, webhooks and agent desk.
It must not know the product that is tried out against it: nothing here imports `integration`."""
