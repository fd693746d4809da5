"""The codebook as read from data/datapackage.json: a Frictionless Data Package with Table Schemas.

Beyond the standard, a field may carry `unit`, `group` (its heading in the codebook), `list` (`three_state` or
`plain`), `itemForm` (`co_exposure`) with `itemCategories` (the allowed values of its parts), and `vocabulary` (the
resource and column that hold the allowed values).
"""

import json
import re
from collections import Counter
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
        return _codebook(json.loads(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise _unreadable("The file is missing.", "Restore it, for example with git checkout.") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(f"The file is not JSON in UTF-8: {error}.", "Mend the JSON at that place.") from None
    except OSError as error:
        raise _unreadable(f"The file cannot be read: {error.strerror}.", "Check its permissions.") from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _unreadable(
            f"The codebook lacks or mistypes {error}.", "Compare it with the version in the repository."
        ) from None


def _unreadable(why: str, mend: str) -> ExplainedError:
    return ExplainedError("The codebook cannot be read.", [Fault(code="F001", file=CODEBOOK_FILE, why=why, mend=mend)])


def _codebook(package: Mapping[str, Any]) -> Codebook:
    codebook = Codebook(
        version=str(package["version"]),
        title=str(package["title"]),
        tables=tuple(_table(resource) for resource in package["resources"]),
    )
    _check_names(codebook)
    return codebook


def _check_names(codebook: Codebook) -> None:
    """Names must be unique, and keys and vocabularies must name columns that exist."""
    _refuse_repeated([table.name for table in codebook.tables], "resource")
    for table in codebook.tables:
        _refuse_repeated([field.name for field in table.fields], f"field of {table.name}")
        for name in table.primary_key:
            if name not in table.by_name:
                raise ValueError(f"the primary key {name!r} of {table.name} (it has no such field)")
        for field in table.fields:
            if field.vocabulary is not None:
                _check_vocabulary(codebook, field.vocabulary)


def _refuse_repeated(names: Iterable[str], what: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"the {what} {name!r} (it stands {count} times)")


def _check_vocabulary(codebook: Codebook, vocabulary: tuple[str, str]) -> None:
    resource, name = vocabulary
    table = codebook.by_name.get(resource)
    known = table is not None and (name in table.by_name or (table.format == "json" and name == "id"))
    if not known:
        raise ValueError(f"the vocabulary {resource}/{name} (there is no such column)")


def _table(resource: Mapping[str, Any]) -> Table:
    schema = resource.get("schema", {})
    key = schema.get("primaryKey", ())
    if resource["format"] not in {"csv", "json", "yaml"}:
        raise ValueError(f"the format {resource['format']!r} of {resource['name']!r}")
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
    _check_choices(field)
    pattern = _regular_expression(constraints.get("pattern"), field["name"])
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
        minimum=_number(constraints.get("minimum"), field["name"]),
        maximum=_number(constraints.get("maximum"), field["name"]),
        pattern=pattern,
        max_length=_number(constraints.get("maxLength"), field["name"]),
    )


def _check_choices(field: Mapping[str, Any]) -> None:
    choices = (
        ("type", {"string", "integer", "number"}),
        ("list", {None, "three_state", "plain"}),
        ("itemForm", {None, "co_exposure"}),
    )
    for key, allowed in choices:
        if field.get(key) not in allowed:
            raise ValueError(f"the {key} {field.get(key)!r} of the field {field['name']!r}")
    if field.get("list") and field["type"] != "string":
        raise ValueError(f"the type of the list {field['name']!r} (a list is a string)")


def _regular_expression(pattern: Any, name: str) -> str | None:
    try:
        return None if pattern is None else re.compile(str(pattern)).pattern
    except re.error as error:
        raise ValueError(f"the pattern of the field {name!r} ({error})") from None


def _number(limit: Any, name: str) -> Any:
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | float)):
        raise ValueError(f"the limit {limit!r} of the field {name!r} (it must be a number)")
    return limit


def _categories(entries: Iterable[Mapping[str, Any]]) -> tuple[Category, ...]:
    return tuple(Category(value=entry["value"], label=entry["label"]) for entry in entries)
