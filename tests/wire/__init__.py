"""Tests of how Zendesk's JSON is read and written."""
