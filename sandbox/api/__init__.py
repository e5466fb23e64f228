"""Knows that this package speaks Zendesk's REST API, one file for each family of resources.
It must not know how documents are stored: that is `sandbox.state`."""
