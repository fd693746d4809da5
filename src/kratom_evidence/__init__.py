"""Kratom case reports, judged by published rules, and the statements of an article tested against them.

Data flows one way: codebook -> dataset -> appraisal -> evidence -> claims -> reports; curation stands beside the
first two. Each subpackage imports only from those before it.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("kratom-evidence")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
