"""The codebook as read from data/datapackage.json: a Frictionless Data Package with Table Schemas.

Beyond the standard, a field may carry `unit`, `group` (its heading in the codebook), `list` (`three_state` or
`plain`), `itemForm` (`co_exposure`) with `itemCategories` (the allowed values of its parts), and `vocabulary` (the resource and column that hold the allowed values).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from kratom_evidence.faults import ExplainedError, Fault

FieldType = Literal["string", "integer", "number"]
ListKind = Literal["three_state", "plain"]
CODEBOOK_FILE = "datapackage.json"


@dataclass(frozen=True, kw_only=True)
class Category:
    """An allowed value and what it means."""

    value: str
    label: str


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


def read_codebook(data: Path) -> Codebook:
    """Read data/datapackage.json.

    Raises:
        ExplainedError: the file is missing, is not JSON, or lacks something that every codebook has.
    """
    path = data / CODEBOOK_FILE
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
        return _codebook(package)
    except FileNotFoundError:
        raise _unreadable("The file is missing.", "Restore it, for example with git checkout.") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(f"The file is not JSON: {error}.", "Mend the JSON at that place.") from None
    except OSError as error:
        raise _unreadable(f"The file cannot be read: {error.strerror}.", "Check its permissions.") from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _unreadable(
            f"The codebook lacks or mistypes {error}.", "Compare it with the version in the repository."
        ) from None


def _unreadable(why: str, mend: str) -> ExplainedError:
    return ExplainedError(
        "The codebook cannot be read.", [Fault(code="F001", file=CODEBOOK_FILE, why=why, mend=mend)]
    )


def _codebook(package: Mapping[str, Any]) -> Codebook:
    return Codebook(
        version=str(package["version"]),
        title=str(package["title"]),
        tables=tuple(_table(resource) for resource in package["resources"]),
    )


def _table(resource: Mapping[str, Any]) -> Table:
    schema = resource.get("schema", {})
    key = schema.get("primaryKey", ())
    return Table(
        name=resource["name"],
        path=_inside_package(resource["path"]),
        title=resource["title"],
        description=resource["description"],
        format=resource["format"],
        fields=tuple(_field(field) for field in schema.get("fields", ())),
        primary_key=(key,) if isinstance(key, str) else tuple(key),
    )


def _inside_package(path: str) -> str:
    """The path, refused unless it is a plain relative path: a codebook must not lead out of the data folder."""
    parts = path.split("/")
    if not parts or any(part in {"", ".", ".."} for part in parts) or "\\" in path or ":" in path:
        raise ValueError(f"the path {path!r} (it must lie inside the data folder)")
    return path


def _field(field: Mapping[str, Any]) -> Field:
    constraints = field.get("constraints", {})
    vocabulary = field.get("vocabulary")
    if field["type"] not in {"string", "integer", "number"}:
        raise ValueError(f"the type {field['type']!r} of the field {field['name']!r}")
    return Field(
        name=field["name"],
        title=field["title"],
        description=field["description"],
        type=field["type"],
        unit=field.get("unit"),
        group=field.get("group"),
        list_kind=field.get("list"),
        item_form=field.get("itemForm"),
        item_categories={part: _categories(entries) for part, entries in field.get("itemCategories", {}).items()},
        vocabulary=(vocabulary["resource"], vocabulary["field"]) if vocabulary else None,
        categories=_categories(field.get("categories", ())),
        required=bool(constraints.get("required", False)),
        unique=bool(constraints.get("unique", False)),
        minimum=constraints.get("minimum"),
        maximum=constraints.get("maximum"),
        pattern=constraints.get("pattern"),
        max_length=constraints.get("maxLength"),
    )


def _categories(entries: Iterable[Mapping[str, Any]]) -> tuple[Category, ...]:
    return tuple(Category(value=entry["value"], label=entry["label"]) for entry in entries)
