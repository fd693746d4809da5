"""A long table to filter, search and sort: the ledger of statements and the table of all cases.

The table is complete without scripts; one small script, the same on every page, adds the controls that it describes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from kratom_evidence.reports.page import template_text


@dataclass(frozen=True, kw_only=True)
class ListingCell:
    """A cell as HTML.

    `sort_key` is what it is sorted by: None for its text, "" for what has no place in the order (not stated).
    """

    html: Markup
    sort_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListingColumn:
    """A column. `name` stands for it in the address of the page; a number is sorted by size, a text by the alphabet."""

    name: str
    heading: str
    is_number: bool = False


@dataclass(frozen=True, kw_only=True)
class ListingFilter:
    """A choice among values, in the order in which they are offered."""

    name: str
    label: str
    options: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ListingRow:
    """A row: one cell for each column, the first of which is its heading, and by filter the values that it has."""

    cells: tuple[ListingCell, ...]
    values: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The whole table. `noun` says what its rows are, in the plural; `css_class` sets the widths of its columns."""

    noun: str
    caption: str
    css_class: str
    columns: tuple[ListingColumn, ...]
    filters: tuple[ListingFilter, ...]
    rows: Sequence[ListingRow]

    def html(self) -> str:
        """The table element, with what the script needs to know in its data attributes.

        Raises:
            ValueError: a row has another number of cells than there are columns, or a value that no filter offers.
        """
        return _template().render(
            listing=self,
            filters=[asdict(offered) for offered in self.filters],
            cells=self._cells,
            places=self._places,
        )

    def _cells(self, row: ListingRow) -> Iterator[tuple[ListingColumn, ListingCell]]:
        return zip(self.columns, row.cells, strict=True)

    def _places(self, row: ListingRow) -> list[list[int]]:
        """For each filter the places of the row's values among the options."""
        return [[offered.options.index(value) for value in row.values[offered.name]] for offered in self.filters]


def listing_style(name: str) -> str:
    """The style of a page with a listing; `name` is the style sheet with the widths of its columns."""
    return template_text("listing.css") + template_text(name)


def listing_script() -> str:
    """The script that adds the controls."""
    return template_text("listing.js")


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template_text("listing_table.html.j2"))
