"""Where the hub is."""

from app.settings import Settings

PATH = "/websub/hub"


def hub_address(settings: Settings) -> str | None:
    """The hub's address; None where nobody outside could reach it."""
    return f"{settings.public_url}{PATH}" if settings.has_public_url else None
