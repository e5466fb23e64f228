"""Tests of what is decided, and of what a bot must never say."""
