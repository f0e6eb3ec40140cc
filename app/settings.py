"""Settings: environment variables, also read from `.env`, checked before anything starts.

`SETTINGS` is the one list of them; the README and `moocfeed settings` are held against it by a
test.
"""

import contextlib
import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from collectors.guard import AllowList, parse_allow
from models.domain.errors import MoocfeedError

PREFIX = "MOOCFEED_"
KEY_FILE = "secret.key"


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


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError(value)
    return value


def _folder(value: str) -> Path:
    if not value:
        raise ValueError(value)
    path = Path(value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(value)
    return path


def _database(value: str) -> str:
    if not value:
        return value
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError(value) from None
    if url.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise ValueError(value)
    return value


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(value)
    _ = parts.port  # raises where it is no number
    return value.rstrip("/")


def _count(value: str) -> int:
    number = int(value)
    if not 1 <= number <= 1000:
        raise ValueError(value)
    return number


def _proxies(value: str) -> str:
    for item in filter(None, (part.strip() for part in value.split(","))):
        if item != "*":
            ipaddress.ip_network(item, strict=False)
    return value


def _log_format(value: str) -> str:
    if value not in {"", "console", "json"}:
        raise ValueError(value)
    return value


def _ancestors(value: str) -> str:
    if not value or re.search(r"[;,\r\n]", value):
        raise ValueError(value)
    return value


def _key(value: str) -> str:
    if value and len(value) < 16:
        raise ValueError(value)
    return value


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DATA_DIR",
        "var",
        "folder of the database, the secret key and the media cache",
        "a folder that this user may write",
        _folder,
    ),
    Setting(
        "DATABASE_URL",
        "",
        "SQLAlchemy URL of the database; empty: moocfeed.db in the data dir",
        "sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
        _database,
        secret=True,
    ),
    Setting(
        "PUBLIC_URL",
        "http://127.0.0.1:8000",
        "how the outside reaches the service: used in self links, embeds, callbacks",
        "an address that begins with http:// or https://, without query",
        _public_url,
    ),
    Setting(
        "SECRET_KEY",
        "",
        "key of signatures, stored tokens and pseudonyms; empty: made at first start, kept in the "
        "data dir",
        "16 characters or more",
        _key,
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
        _proxies,
    ),
    Setting(
        "USER_AGENT_CONTACT",
        "",
        "contact in the User-Agent; empty: the public URL",
        "an address or e-mail address in one line",
        _one_line,
    ),
    Setting(
        "FETCH_CONCURRENCY",
        "50",
        "requests under way at once, over all hosts",
        "a whole number from 1 to 1000",
        _count,
    ),
    Setting(
        "FETCH_PER_HOST",
        "1",
        "requests under way at once to one host",
        "a whole number from 1 to 1000",
        _count,
    ),
    Setting(
        "FRAME_ANCESTORS",
        "*",
        "who may frame /embed pages (a CSP source list)",
        "*, 'none', or addresses with spaces between them",
        _ancestors,
    ),
    Setting(
        "LOG_FORMAT",
        "",
        "console or json; empty: console on a terminal, else json",
        "console or json",
        _log_format,
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one process, checked. `origins` says where each came from."""

    values: Mapping[str, Any]
    texts: Mapping[str, str]
    origins: Mapping[str, str]

    @property
    def data_dir(self) -> Path:
        return Path(self.values["DATA_DIR"])

    @property
    def database_url(self) -> str:
        return self.values["DATABASE_URL"] or f"sqlite:///{self.data_dir / 'moocfeed.db'}"

    @property
    def public_url(self) -> str:
        return str(self.values["PUBLIC_URL"])

    @property
    def fetch_allow(self) -> AllowList:
        allow: AllowList = self.values["FETCH_ALLOW"]
        return allow

    @property
    def trusted_proxies(self) -> str:
        return str(self.values["TRUSTED_PROXIES"])

    @property
    def user_agent_contact(self) -> str:
        return str(self.values["USER_AGENT_CONTACT"] or self.public_url)

    @property
    def fetch_concurrency(self) -> int:
        return int(self.values["FETCH_CONCURRENCY"])

    @property
    def fetch_per_host(self) -> int:
        return int(self.values["FETCH_PER_HOST"])

    @property
    def frame_ancestors(self) -> str:
        return str(self.values["FRAME_ANCESTORS"])

    @property
    def log_format(self) -> str:
        return str(self.values["LOG_FORMAT"])

    @cached_property
    def secret_key(self) -> bytes:
        """The given key, or the one kept in the data dir, which is made where there is none."""
        given = str(self.values["SECRET_KEY"])
        return given.encode() if given else _kept_key(self.data_dir)

    def environ(self) -> Mapping[str, str]:
        """The variables that give a child process the same settings, wherever they came from."""
        found = {setting.variable: self.texts[setting.name] for setting in SETTINGS}
        return found | {PREFIX + "DATA_DIR": str(self.data_dir)}

    def shown(self, setting: Setting) -> str:
        """The value as it may be printed."""
        if setting.name == "DATABASE_URL":
            return _without_password(self.database_url)
        text = self.texts[setting.name]
        return "********" if setting.secret and text else text


def load(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """Reads and checks all settings; the environment wins over `.env`. Raises `ConfigError`."""
    environ = os.environ if environ is None else environ
    kept = dotenv_values(dotenv or Path(".env"))
    values: dict[str, Any] = {}
    texts: dict[str, str] = {}
    origins: dict[str, str] = {}
    for setting in SETTINGS:
        text, origin = _given(setting, environ, kept)
        values[setting.name] = _checked(setting, text)
        texts[setting.name] = text
        origins[setting.name] = origin
    return Settings(values, texts, origins)


def _given(
    setting: Setting, environ: Mapping[str, str], kept: Mapping[str, str | None]
) -> tuple[str, str]:
    if setting.variable in environ:
        return environ[setting.variable].strip(), "environment"
    if (text := kept.get(setting.variable)) is not None:
        return text.strip(), ".env"
    return setting.default, "default"


def _checked(setting: Setting, text: str) -> Any:
    try:
        return setting.check(text)
    except ValueError:
        shown = _masked(setting, text)
        raise ConfigError(
            f"{setting.variable} is {shown}: what is allowed is {setting.allowed}"
        ) from None


def _masked(setting: Setting, text: str) -> str:
    if not setting.secret:
        return repr(text)
    return repr(_without_password(text)) if "://" in text else "'********'"


def _without_password(url: str) -> str:
    return re.sub(r"(?<=://)([^/@:]*):[^/]*@", r"\1:********@", url)


def _kept_key(folder: Path) -> bytes:
    path = folder / KEY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_key(path)
        return path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(
            f"{PREFIX}DATA_DIR is {str(folder)!r}, where the secret key cannot be kept"
            f" ({error.strerror}): give a folder that this user may write"
        ) from None


def _make_key(path: Path) -> None:
    """Written in full under another name first: whoever starts at the same moment reads all."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
