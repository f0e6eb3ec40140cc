"""The command line: `moocfeed COMMAND`.

Data goes to standard output, progress and logs to standard error. Exit codes: 0 ok, 1 failure,
2 usage, 3 some sources failed, 4 configuration.
"""

import asyncio
import errno
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

FAILURE, PARTIAL, CONFIGURATION = 1, 3, 4
STOPPED = "moocfeed: stopped; what was collected is kept, the rest stays due"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
INTERRUPTED = 130
"""typer's exit code after Ctrl+C, which is none of ours."""
YOUNG_OBJECTS = 5000
"""After so many new ones Python looks for reference cycles. By default it is 700, as if memory were
that short: a tenth of the start, and of a collector's time, goes into looking in vain.
"""


def main() -> None:
    """The console script."""
    gc.set_threshold(YOUNG_OBJECTS)
    _open_what_is_closed()
    # An exception may not leave an import half done: Ctrl+C ends the process here.
    before = signal.signal(signal.SIGINT, _stop_at_once)
    from app.cli.commands import cli

    signal.signal(signal.SIGINT, before)
    try:
        _run(cli)
    except KeyboardInterrupt:
        _end(STOPPED, FAILURE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FAILURE)
    except OSError as error:
        if error.errno not in FULL:
            raise
        _drop_output()
        _end(
            f"moocfeed: nothing more can be written ({error.strerror}):"
            " make room where the output goes, or in the data dir",
            FAILURE,
        )
    finally:
        gc.freeze()  # at its end Python looks through all there is for cycles: a tenth of a second


def _run(cli: Callable[..., None]) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from app.settings import ConfigError
    from models.domain.errors import MoocfeedError
    from models.store.schema import explain

    try:
        cli(prog_name="moocfeed")
    except ConfigError as error:
        _end(f"moocfeed: {error}", CONFIGURATION)
    except MoocfeedError as error:
        _end(f"moocfeed: {error}", FAILURE)
    except SQLAlchemyError as error:
        _end(f"moocfeed: {explain(error)}", FAILURE)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        raise KeyboardInterrupt from None


def _open_what_is_closed() -> None:
    """Standard streams that the caller closed (`>&-`): what is opened first, a database, would take
    their numbers.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = open(os.devnull, mode)  # noqa: SIM115 - for as long as the process lives
            if nowhere.fileno() != number:
                os.dup2(nowhere.fileno(), number)
            setattr(sys, name, nowhere)


def _drop_output() -> None:
    """What could not be written would be tried again when the process ends, and fail again."""
    with suppress(OSError):
        sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _stop_at_once(*_: object) -> None:
    os.write(2, f"{STOPPED}\n".encode())
    os._exit(FAILURE)


def _end(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(code)
