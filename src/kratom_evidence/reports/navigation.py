"""The way through the site that each page shows: its main places, and which of them the page belongs to."""

from dataclasses import dataclass
from posixpath import dirname, relpath

INDEX_ADDRESS = "index.html"
# Label, address below the folder of reports, and the folder of the pages that belong to the place.
_PLACES = (
    ("Overview", INDEX_ADDRESS, None),
    ("Statements", "claims/index.html", "claims"),
    ("Cases", f"{INDEX_ADDRESS}#the-cases", "cases"),
    ("Substances", f"{INDEX_ADDRESS}#what-was-taken-besides-kratom", "substances"),
    ("Drug classes", f"{INDEX_ADDRESS}#drug-classes", "classes"),
    ("Browse the cases", "browse.html", None),
    ("Screening", "screening.html", None),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """An entry of the site's navigation. `current` is the value of aria-current: "page", "true" or "" for neither."""

    label: str
    href: str
    current: str


def navigation(address: str) -> tuple[Place, ...]:
    """The places as seen from the page at `address` below the folder of reports."""
    return tuple(
        Place(label=label, href=address_from(address, target), current=_current(address, target, folder))
        for label, target, folder in _PLACES
    )


def address_from(page: str, target: str) -> str:
    """The address of `target`, both below the folder of reports, as a link on `page` gives it."""
    return relpath(target, dirname(page) or ".")


def _current(address: str, target: str, folder: str | None) -> str:
    if address == target:
        return "page"
    return "true" if folder is not None and dirname(address) == folder else ""
