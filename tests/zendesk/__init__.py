"""Tests of how Zendesk is spoken to."""
