"""The command `kratom-evidence`. One module a subcommand; each offers `add_parser` and `run`.

Exit status: 0 fine, 1 a fault of the data, the reports or the system that was explained, 2 wrong usage. Results go to
standard output, everything else to standard error.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from kratom_evidence import __version__
from kratom_evidence.cli import add, agreement, diff, export, report, validate, verify, watch
from kratom_evidence.faults import ExplainedError, UsageError

SUBCOMMANDS = (validate, report, verify, export, add, agreement, diff, watch)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="kratom-evidence",
        description="Published kratom case reports, and what they show about the statements of an article.",
    )
    top.add_argument("--version", action="version", version=f"kratom-evidence {__version__}")
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for subcommand in SUBCOMMANDS:
        subcommand.add_parser(subparsers)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        options = parser().parse_args(arguments)
        status: int = options.run(options)
        print(end="", flush=True)
    except UsageError as error:
        print(f"kratom-evidence: {error}", file=sys.stderr)
        return 2
    except ExplainedError as error:
        print(f"kratom-evidence: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of a pipe (head, less) has seen enough.
        _write_no_more()
        return 0
    except OSError as error:
        # The output goes to a full disk or was closed, or there is no room for temporary files.
        _write_no_more()
        place = f" ({error.filename})" if error.filename else ""
        reason = error.strerror or type(error).__name__
        print(f"kratom-evidence: the system refused{place}: {reason}. Mend that and try again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("kratom-evidence: interrupted.", file=sys.stderr)
        return 130
    return status


def _write_no_more() -> None:
    """Nothing more can be written to standard output, not even what is left at exit."""
    # There may be no such stream at all, or one of Python's own.
    with suppress(AttributeError, OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
