"""Databases with very many posts."""
