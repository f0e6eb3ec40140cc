"""Settings: environment variables, also read from `.env`, checked before anything starts.

`SETTINGS` is the one list of them; the README and `moocfeed settings` are held against it by a
test.
"""

from app.settings.loading import Settings, load
from app.settings.table import PREFIX, SETTINGS, ConfigError, Setting

__all__ = ["PREFIX", "SETTINGS", "ConfigError", "Setting", "Settings", "load"]
