"""The languages of pages, and which of them a browser wants."""

LANGUAGES = ("de", "en")


def negotiate(accept: str) -> str | None:
    """The first of our languages by `Accept-Language` (RFC 9110 §12.5.4); None without a wish."""
    wishes: list[tuple[float, int, str]] = []
    for at, part in enumerate(accept.split(",")[:20]):
        tag, _, parameters = part.strip().lower().partition(";")
        language = tag.split("-")[0]
        weight = _weight(parameters)
        if language in LANGUAGES and weight > 0:
            wishes.append((-weight, at, language))
    return min(wishes)[2] if wishes else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
