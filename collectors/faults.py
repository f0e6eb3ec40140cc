"""Faults of this program's own, met while a source was asked: logged whole, told in a sentence."""

import logging

from collectors.contract import CollectError
from models.store.absence import is_away

log = logging.getLogger(__name__)


def of_our_own(error: Exception, source_id: str, place: str) -> CollectError:
    """What the source's outcome says of an exception that nobody expected; `place` is what failed.

    Raises the exception itself where only the database is away: the source is asked again then.
    """
    if is_away(error):
        raise error
    log.error("source %s: a fault of our own", source_id, exc_info=error)
    return CollectError("internal", f"moocfeed failed on {place}", mend="the log has the details")
