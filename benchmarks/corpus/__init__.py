"""Feeds to measure with: many platforms, invented words, the same bytes for the same seed."""
