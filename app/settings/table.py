"""The one list of all settings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.settings import checks
from collectors.guard import parse_allow
from models.domain.errors import MoocfeedError

PREFIX = "MOOCFEED_"


class ConfigError(MoocfeedError):
    """A setting that cannot be used: names the variable, its value and what is allowed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    name: str
    """Without the prefix."""
    default: str
    meaning: str
    allowed: str
    check: Callable[[str], Any]
    """Returns the value as it is used; raises `ValueError` where it cannot be."""
    secret: bool = False

    @property
    def variable(self) -> str:
        return PREFIX + self.name


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DATA_DIR",
        "var",
        "folder of the database, the secret key and the media cache",
        "a folder that this user may write",
        checks.folder,
    ),
    Setting(
        "DATABASE_URL",
        "",
        "SQLAlchemy URL of the database; empty: moocfeed.db in the data dir",
        "sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
        checks.database,
        secret=True,
    ),
    Setting(
        "PUBLIC_URL",
        "http://127.0.0.1:8000",
        "how the outside reaches the service: used in self links, embeds, callbacks",
        "an address of its own (https://feed.example), http:// or https://, without path, user, "
        "query and fragment",
        checks.public_url,
    ),
    Setting(
        "SECRET_KEY",
        "",
        "key of signatures, stored tokens and pseudonyms; empty: made at first start, kept in the "
        "data dir",
        "16 characters or more",
        checks.key,
        secret=True,
    ),
    Setting(
        "FETCH_ALLOW",
        "",
        "private addresses that may be fetched from, for tests, the demo, an intranet",
        "comma-separated CIDRs (10.0.0.0/8) or HOST:PORT",
        parse_allow,
    ),
    Setting(
        "TRUSTED_PROXIES",
        "127.0.0.1",
        "whose X-Forwarded-* headers count",
        "comma-separated addresses or CIDRs, or *",
        checks.proxies,
    ),
    Setting(
        "USER_AGENT_CONTACT",
        "",
        "contact in the User-Agent; empty: the public URL",
        "a web or e-mail address in ASCII characters, without parentheses",
        checks.contact,
    ),
    Setting(
        "FETCH_CONCURRENCY",
        "50",
        "requests under way at once, over all hosts",
        "a whole number from 1 to 1000",
        checks.count,
    ),
    Setting(
        "FETCH_PER_HOST",
        "1",
        "requests under way at once to one host",
        "a whole number from 1 to 1000",
        checks.count,
    ),
    Setting(
        "FRAME_ANCESTORS",
        "*",
        "who may frame /embed pages (a CSP source list)",
        "*, 'none', or addresses with spaces between them",
        checks.ancestors,
    ),
    Setting(
        "LOG_FORMAT",
        "",
        "console or json; empty: console on a terminal, else json",
        "console or json",
        checks.log_format,
    ),
)
