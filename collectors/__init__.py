"""Fetching from sources: one kind a module, one way out, one pipeline."""
