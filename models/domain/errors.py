"""The errors the domain raises; each message is one sentence that names the thing and the mend.

MoocfeedError
├── NotFound    what was asked for is not there
├── Gone        it was there and has been withdrawn or erased
├── Conflict    it contradicts what is already kept
└── Invalid     the input breaks a rule; `field` says where
"""


class MoocfeedError(Exception):
    """Base of every error whose text may be shown to a person as it is."""


class NotFound(MoocfeedError):
    """What was asked for is not there."""


class Gone(MoocfeedError):
    """It was there, and has been withdrawn or erased.

    `merged_into` is the id of the post it turned out to be, where that is what became of it.
    """

    def __init__(self, message: str, merged_into: str | None = None) -> None:
        super().__init__(message)
        self.merged_into = merged_into


class Conflict(MoocfeedError):
    """It contradicts what is already kept."""


class Invalid(MoocfeedError):
    """The input breaks a rule.

    `field` names the place in the input, dotted from the outside in (`weeks[2].starts_on`),
    or is empty where the input is a single value.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
