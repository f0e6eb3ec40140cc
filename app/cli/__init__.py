"""The command line: `moocfeed COMMAND`.

Data goes to standard output, progress and logs to standard error. Exit codes: 0 ok, 1 failure,
2 usage, 3 some sources failed, 4 configuration.
"""

import asyncio
import sys

from sqlalchemy.exc import SQLAlchemyError

from app.cli.main import cli
from app.settings import ConfigError
from models.domain.errors import MoocfeedError

FAILURE, PARTIAL, CONFIGURATION = 1, 3, 4


def main() -> None:
    """The console script."""
    try:
        cli(prog_name="moocfeed")
    except ConfigError as error:
        _end(str(error), CONFIGURATION)
    except MoocfeedError as error:
        _end(str(error), FAILURE)
    except SQLAlchemyError as error:
        from models.store.schema import explain

        _end(explain(error), FAILURE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FAILURE)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _end("stopped; what was collected is kept, the rest stays due", FAILURE)


def _end(message: str, code: int) -> None:
    print(f"moocfeed: {message}", file=sys.stderr)
    sys.exit(code)
