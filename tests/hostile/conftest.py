"""The browser of the tests with hostile texts."""

from tests.browser.conftest import browser

__all__ = ["browser"]
