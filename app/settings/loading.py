"""Reading the settings of a process, and what they amount to."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from sqlalchemy import URL

from app.settings import keyfile
from app.settings.masking import MASK, masked, without_passwords
from app.settings.table import PREFIX, SETTINGS, ConfigError, Setting
from collectors.guard import AllowList


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
        if given := str(self.values["DATABASE_URL"]):
            return given
        file = URL.create("sqlite", database=str(self.data_dir / "moocfeed.db"))
        return file.render_as_string()

    @property
    def public_url(self) -> str:
        return str(self.values["PUBLIC_URL"])

    @property
    def has_public_url(self) -> bool:
        """Whether the outside knows this service by an address: the default is everybody's own."""
        default = next(one.default for one in SETTINGS if one.name == "PUBLIC_URL")
        return self.public_url != default

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
        """`console` or `json`."""
        return str(self.values["LOG_FORMAT"] or ("console" if sys.stderr.isatty() else "json"))

    @cached_property
    def secret_key(self) -> bytes:
        """The given key, or the one kept in the data dir, which is made where there is none."""
        if given := str(self.values["SECRET_KEY"]):
            return given.encode()
        try:
            return keyfile.kept(self.data_dir)
        except OSError as error:
            raise ConfigError(
                f"{PREFIX}DATA_DIR is {str(self.data_dir)!r}, where the secret key cannot be kept"
                f" ({error.strerror}): give a folder that this user may write"
            ) from None

    def environ(self) -> Mapping[str, str]:
        """The variables that give a child process the same settings, wherever they came from."""
        found = {setting.variable: self.texts[setting.name] for setting in SETTINGS}
        return found | {PREFIX + "DATA_DIR": str(self.data_dir)}

    def shown(self, setting: Setting) -> str:
        """What the setting amounts to, as it may be printed."""
        if setting.name == "SECRET_KEY":
            return MASK if self.texts["SECRET_KEY"] or self._has_kept_key() else ""
        effective = {
            "DATA_DIR": str(self.data_dir),
            "DATABASE_URL": without_passwords(self.database_url),
            "PUBLIC_URL": self.public_url,
            "USER_AGENT_CONTACT": self.user_agent_contact,
            "LOG_FORMAT": self.log_format,
        }
        return effective.get(setting.name, self.texts[setting.name])

    def origin(self, setting: Setting) -> str:
        """`environment`, `.env`, `default`; of a secret key that was made, `data dir`."""
        given = self.origins[setting.name]
        kept = setting.name == "SECRET_KEY" and not self.texts["SECRET_KEY"]
        return "data dir" if kept and self._has_kept_key() else given

    def _has_kept_key(self) -> bool:
        return keyfile.path_in(self.data_dir).exists()


def load(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """Reads and checks all settings; the environment wins over `.env`. Raises `ConfigError`."""
    environ = os.environ if environ is None else environ
    kept = _read_dotenv(dotenv or Path(".env"))
    values: dict[str, Any] = {}
    texts: dict[str, str] = {}
    origins: dict[str, str] = {}
    for setting in SETTINGS:
        text, origin = _given(setting, environ, kept)
        values[setting.name] = _checked(setting, text)
        texts[setting.name] = text
        origins[setting.name] = origin
    return Settings(values, texts, origins)


def _read_dotenv(path: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(path)
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text: save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}): let this user read it, or move it away"
        ) from None


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
        shown = masked(text, secret=setting.secret)
        raise ConfigError(
            f"{setting.variable} is {shown}: what is allowed is {setting.allowed}"
        ) from None
