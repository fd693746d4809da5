"""The codebook of data/datapackage.json, a Frictionless Data Package with Table Schemas; `package_document` reads it.

Beyond the standard, a field may carry `unit`, `group` (its heading in the codebook), `list` (`three_state` or
`plain`), `itemForm` (`co_exposure`) with `itemCategories` (the allowed values of its parts), and `vocabulary` (the
resource and column that hold the allowed values). A category that is a unit may carry `minimum` and `maximum`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Literal

FieldType = Literal["string", "integer", "number"]
ListKind = Literal["three_state", "plain"]


@dataclass(frozen=True, kw_only=True)
class Category:
    """An allowed value and what it means. The limits of a unit are those of the numbers that are given in it."""

    value: str
    label: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column: its meaning, its type and what its cells may hold."""

    name: str
    title: str
    description: str
    type: FieldType = "string"
    unit: str | None = None
    group: str | None = None
    list_kind: ListKind | None = None
    item_form: Literal["co_exposure"] | None = None
    item_categories: Mapping[str, tuple[Category, ...]] = dataclass_field(default_factory=dict)
    vocabulary: tuple[str, str] | None = None
    categories: tuple[Category, ...] = ()
    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    max_length: int | None = None

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Category value -> label."""
        return {category.value: category.label for category in self.categories}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file of the data package. `fields` is empty for the files that are not tables (JSON, YAML)."""

    name: str
    path: str
    title: str
    description: str
    format: str
    fields: tuple[Field, ...] = ()
    primary_key: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        return self.by_name[name]


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """Every file of the data package, in the order of the codebook."""

    version: str
    title: str
    tables: tuple[Table, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Table]:
        return {table.name: table for table in self.tables}

    def table(self, name: str) -> Table:
        """The table of that name; KeyError when there is none."""
        return self.by_name[name]

    def column_names(self, name: str) -> tuple[str, ...]:
        """The columns of a table; none when the codebook does not have it."""
        return tuple(self.by_name[name].by_name) if name in self.by_name else ()
