"""`python -m kratom_evidence`, and the command `kratom-evidence`."""

import gc
import signal
import sys


def start() -> None:
    """Run the command. Stopped by Ctrl-C while it loads, it ends at once and without a traceback."""
    interrupting = signal.getsignal(signal.SIGINT)
    # Python's own handler would raise in whatever module is being imported.
    if interrupting is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    _leave_out_slow_extras()
    from kratom_evidence.cli import main

    if interrupting is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupting)
    try:
        sys.exit(main())
    finally:
        # Python would search all that was made for garbage before it ends, which takes half a second after reports.
        gc.freeze()


def _leave_out_slow_extras() -> None:
    """Spare every command a second: jsonschema, which nbformat imports, would compile a grammar of addresses.

    It is an optional check of the format "iri", which no schema of notebooks has.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


if __name__ == "__main__":
    start()
