"""From settings to services: the one place where things are put together."""

from dataclasses import dataclass
from importlib.metadata import version

from sqlalchemy import make_url

from app.settings import ConfigError, Settings
from collectors.http import FetchPolicy
from models.store.engine import Database, open_database

VERSION = version("moocfeed")


@dataclass(frozen=True, slots=True)
class Services:
    """What commands, jobs and requests work with."""

    settings: Settings
    database: Database


def build(settings: Settings) -> Services:
    """Opens what is needed; connects to nothing yet."""
    return Services(settings, open_database(_prepared(settings), key=lambda: settings.secret_key))


def _prepared(settings: Settings) -> str:
    """The database's URL; the folder of a SQLite file is made."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"MOOCFEED_DATA_DIR is {str(settings.data_dir)!r}, which cannot be made"
                f" ({error.strerror}): give a folder that this user may write"
            ) from None
    return settings.database_url


def fetch_policy(settings: Settings) -> FetchPolicy:
    """What holds for all requests of this process."""
    return FetchPolicy(
        user_agent=f"moocfeed/{VERSION} (+{settings.user_agent_contact})",
        allow=settings.fetch_allow,
        concurrency=settings.fetch_concurrency,
    )
