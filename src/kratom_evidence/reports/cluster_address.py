"""The address of a Dask scheduler as a user gives it. Nothing is imported that takes time."""

from urllib.parse import urlsplit

from kratom_evidence.faults import UsageError

_PROTOCOLS = ("tcp", "tls")
_MEND = "Give the address that `dask scheduler` prints, such as tcp://127.0.0.1:8786."


def checked_address(text: str) -> str:
    """The address, when it has a protocol, a host and a port, and nothing else.

    Raises:
        UsageError: it has not.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"--scheduler {text}: {error}. {_MEND}") from None
    if parts.scheme not in _PROTOCOLS:
        raise UsageError(f"--scheduler {text}: the address must begin with tcp:// or tls://. {_MEND}")
    if not parts.hostname or not port:
        raise UsageError(f"--scheduler {text}: the address lacks a {'host' if port else 'port'}. {_MEND}")
    if parts.path or parts.query or parts.fragment or parts.username:
        raise UsageError(f"--scheduler {text}: nothing may stand beside host and port. {_MEND}")
    return text
