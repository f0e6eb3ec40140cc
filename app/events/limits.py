"""How many streams a process may hold."""

import resource

MOST = 2000
"""Of some 15 kB each."""
ENOUGH = 65_536
"""File descriptors."""
RESERVED = 256
"""File descriptors for everything else: databases, logs, ordinary requests."""


def raise_descriptors() -> None:
    """Lets this process and its children open as many files as the system allows them.

    The usual 1,024 are for programs that use `select`; every stream is one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def capacity() -> int:
    """Streams that leave enough file descriptors for the rest."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST
    return max(1, min(MOST, soft - RESERVED))
