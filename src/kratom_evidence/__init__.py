"""Kratom case reports, judged by published rules, and the statements of an article tested against them.

Data flows one way: codebook -> dataset -> appraisal -> evidence -> claims -> reports; curation stands beside the
first two. Each subpackage imports only from those before it.
"""

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """The version, looked up when it is first asked for: a command that is stopped while it loads ends in silence."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("kratom-evidence")
    except PackageNotFoundError:  # run from a checkout that is not installed
        found = "0+unknown"
    globals()["__version__"] = found
    return found
