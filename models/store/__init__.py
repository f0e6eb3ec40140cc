"""Query functions: a session in, frozen rows out. They never commit; the edge that opened the
session does (request dependency, pipeline step, command)."""
