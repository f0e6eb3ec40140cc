"""Logging in: counted, checked with the same work for everybody, and a new session."""

import logging
from datetime import datetime
from math import ceil

from app.wiring import Services
from models.domain import emails, passwords
from models.domain.access import new_session_secret
from models.domain.errors import Invalid
from models.store import sessions, tries, users
from models.store.users import Account

log = logging.getLogger(__name__)


class TooManyTries(Exception):
    """`seconds` until one may try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"for {seconds} seconds")
        self.seconds = seconds


def log_in(
    services: Services, *, email: str, password: str, host: str, old: str | None, now: datetime
) -> str | None:
    """The secret of a new session; None: it was not right, and why is nobody's business.

    `old` is the secret of a session that the browser has: it ends. Raises `TooManyTries`.
    """
    name = _name(email)
    with services.database.writing() as session:
        free = tries.begin(session, name, host, now)
    if free is not None:
        log.warning("too many tries to log in: refused for a while")
        raise TooManyTries(max(1, ceil((free - now).total_seconds())))
    with services.database.reading() as session:
        account = users.find(session, name)
    is_right = passwords.is_right(account.password if account else None, password)
    if account is None or account.disabled_at is not None or not is_right:
        return None
    renewed = passwords.hashed(password) if passwords.is_outdated(account.password) else None
    return _begin(services, account, renewed, host=host, old=old, now=now)


def _begin(
    services: Services,
    account: Account,
    renewed: str | None,
    *,
    host: str,
    old: str | None,
    now: datetime,
) -> str | None:
    """None where the account was changed while its password was looked at."""
    user, secret = account.user, new_session_secret()
    with services.database.writing() as session:
        found = users.locked(session, user.email)
        if found is None or (found.password, found.disabled_at) != (account.password, None):
            return None
        if renewed is not None:
            users.renew_hash(session, user.id, account.password, renewed)
        if old is not None:
            sessions.end(session, old)
        sessions.begin(session, user.id, secret, now)
        tries.succeeded(session, user.email, host, now)
    log.info("user %s logged in", user.id)
    return secret


def log_out(services: Services, secret: str) -> None:
    """The session is over, if there is one."""
    with services.database.writing() as session:
        sessions.end(session, secret)


def _name(email: str) -> str:
    """The name tries are counted under; what is no address is nobody's."""
    try:
        return emails.fold(email)
    except Invalid:
        return email.strip()
