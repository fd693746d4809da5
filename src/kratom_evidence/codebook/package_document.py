"""Reading data/datapackage.json. What is misspelled or of a wrong type there is refused, so that no rule is lost."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, overload

from kratom_evidence.codebook.patterns import pattern_problem
from kratom_evidence.codebook.schema import Category, Codebook, Field, Table
from kratom_evidence.faults import ExplainedError, Fault, shorten
from kratom_evidence.nearest import nearest_name
from kratom_evidence.plain_files import MEGABYTE, parse_json, read_plain_file

CODEBOOK_FILE = "datapackage.json"
LARGEST_CODEBOOK = 20 * MEGABYTE
_RESTORE = "Restore it, for example with git checkout."
_FIELD_KEYS = (
    "name", "title", "description", "type", "unit", "group", "list", "itemForm", "itemCategories", "vocabulary",
    "categories", "constraints",
)  # fmt: skip
_CONSTRAINTS = ("required", "unique", "minimum", "maximum", "pattern", "maxLength")
_SCHEMA_KEYS = ("fields", "primaryKey", "missingValues")
_PATH_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/")
_LONGEST_PATH = 200


def read_codebook(data: Path) -> Codebook:
    """Read data/datapackage.json.

    Raises:
        ExplainedError: the file is missing, is not JSON, or lacks, misspells or mistypes something.
    """
    try:
        document = parse_json(read_plain_file(data / CODEBOOK_FILE, LARGEST_CODEBOOK))
    except FileNotFoundError:
        raise _unreadable("The file is missing.", _RESTORE) from None
    except OSError as error:
        raise _unreadable(
            f"The file cannot be read: {error.strerror}.", "Check what it is, and its permissions."
        ) from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"The file is not JSON in UTF-8: {error}.", "Mend the JSON at that place.") from None
    try:
        return _codebook(_Entry(value=document, place=""))
    except _CodebookError as error:
        raise ExplainedError("The codebook cannot be read.", [error.fault]) from None


def _unreadable(why: str, mend: str) -> ExplainedError:
    return ExplainedError("The codebook cannot be read.", [Fault(code="F001", file=CODEBOOK_FILE, why=why, mend=mend)])


class _CodebookError(Exception):
    """Something in the codebook is not as it must be; `fault` says where and why."""

    def __init__(self, place: str, why: str, mend: str, *, value: Any = None, nearest: str | None = None) -> None:
        super().__init__(why)
        found = None if value is None else shorten(str(value))
        self.fault = Fault(
            code="F001", file=CODEBOOK_FILE, column=place or None, why=why, mend=mend, value=found, nearest=nearest
        )


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """An object of the document and its place in it, in words."""

    value: Any
    place: str

    def __post_init__(self) -> None:
        if not isinstance(self.value, dict):
            raise _CodebookError(self.place, "It must be an object.", "Write it as { … }.", value=self.value)

    def wrong(self, key: str, why: str, mend: str = "Correct it.", nearest: str | None = None) -> _CodebookError:
        value = self.value.get(key)
        return _CodebookError(self._at(key), why, mend, value=value, nearest=nearest)

    def _at(self, key: str) -> str:
        return f"{self.place}: {shorten(key)}" if self.place else shorten(key)

    @overload
    def text(self, key: str, *, needed: Literal[True] = True) -> str: ...

    @overload
    def text(self, key: str, *, needed: Literal[False]) -> str | None: ...

    def text(self, key: str, *, needed: bool = True) -> str | None:
        value = self.value.get(key)
        if value is None and key not in self.value and not needed:
            return None
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise self.wrong(key, "A printable text must stand here.", "Write it between quotation marks.")
        return value

    def chosen(self, key: str, allowed: tuple[str, ...], *, needed: bool = False) -> Any:
        """A text out of `allowed`; None when it may be left out and is."""
        value = self.text(key) if needed else self.text(key, needed=False)
        if value is not None and value not in allowed:
            raise self.wrong(key, f"It must be one of {', '.join(allowed)}.", nearest=nearest_name(value, allowed))
        return value

    def flag(self, key: str) -> bool:
        value = self.value.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "It must be true or false, without quotation marks.")
        return value

    def number(self, key: str) -> Any:
        value = self.value.get(key)
        if key in self.value and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self.wrong(key, "It must be a number.")
        return value

    def inner(self, key: str) -> "_Entry":
        return _Entry(value=self.value.get(key, {}), place=self._at(key))

    def entries(self, key: str) -> Iterator["_Entry"]:
        value = self.value.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "It must be a list.", "Write it as [ … ].")
        for number, entry in enumerate(value, start=1):
            yield _Entry(value=entry, place=f"{self._at(key)}, entry {number}")

    def nothing_but(self, allowed: Iterable[str]) -> None:
        """What is not known would not be applied, and nobody would notice."""
        for key in self.value:
            if key not in allowed:
                why = f"Nothing here is called so. Used are: {', '.join(allowed)}."
                raise self.wrong(key, why, "Correct the name, or remove it.", nearest_name(key, allowed))


def _codebook(package: _Entry) -> Codebook:
    codebook = Codebook(
        version=package.text("version"),
        title=package.text("title"),
        tables=tuple(_table(resource) for resource in package.entries("resources")),
    )
    _check_names(codebook)
    return codebook


def _check_names(codebook: Codebook) -> None:
    """Names must be unique, and keys and vocabularies must name columns that exist."""
    _refuse_repeated([table.name for table in codebook.tables], "resources", "resource")
    _refuse_repeated([table.path for table in codebook.tables], "resources", "path")
    for table in codebook.tables:
        _refuse_repeated([field.name for field in table.fields], table.name, "field")
        for name in table.primary_key:
            if name not in table.by_name:
                why = "The primary key names no field of the table."
                raise _CodebookError(f"{table.name}: primaryKey", why, "Correct it.", value=name)
        for field in table.fields:
            if field.vocabulary is not None:
                _check_vocabulary(codebook, field.vocabulary, f"{table.name}, {field.name}: vocabulary")


def _refuse_repeated(names: Iterable[str], place: str, what: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise _CodebookError(place, f"The {what} {name!r} stands {count} times.", "Keep one of them.")


def _check_vocabulary(codebook: Codebook, vocabulary: tuple[str, str], place: str) -> None:
    resource, name = vocabulary
    table = codebook.by_name.get(resource)
    known = table is not None and (name in table.by_name or (table.format == "json" and name == "id"))
    if not known:
        raise _CodebookError(place, "There is no such column.", "Correct it.", value=f"{resource}/{name}")


def _table(resource: _Entry) -> Table:
    name = resource.text("name")
    resource = _Entry(value=resource.value, place=name)
    schema = resource.inner("schema")
    schema.nothing_but(_SCHEMA_KEYS)
    if schema.value.get("missingValues", [""]) != [""]:
        raise schema.wrong("missingValues", "Only the empty cell stands for not stated.", 'Write [""].')
    return Table(
        name=name,
        path=_path(resource),
        title=resource.text("title"),
        description=resource.text("description"),
        format=resource.chosen("format", ("csv", "json", "yaml"), needed=True),
        fields=tuple(_field(field, name) for field in schema.entries("fields")),
        primary_key=_primary_key(schema),
    )


def _primary_key(schema: _Entry) -> tuple[str, ...]:
    key = schema.value.get("primaryKey", [])
    names = [key] if isinstance(key, str) else key
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise schema.wrong("primaryKey", "It must be the name of a field, or a list of names.")
    return tuple(names)


def _path(resource: _Entry) -> str:
    """A plain relative path: a codebook must not lead out of the data folder."""
    path = resource.text("path")
    parts = path.split("/")
    plain = set(path) <= _PATH_LETTERS and len(path) <= _LONGEST_PATH
    if not plain or any(part in {"", ".", ".."} for part in parts):
        raise resource.wrong("path", "It must lie inside the data folder, in plain letters, digits, - _ and dots.")
    return path


def _field(field: _Entry, table: str) -> Field:
    name = field.text("name")
    field = _Entry(value=field.value, place=f"{table}, {name}")
    field.nothing_but(_FIELD_KEYS)
    limits = field.inner("constraints")
    limits.nothing_but(_CONSTRAINTS)
    kind = field.chosen("type", ("string", "integer", "number"), needed=True)
    listed = field.chosen("list", ("three_state", "plain"))
    if listed and kind != "string":
        raise field.wrong("type", "A list is a string.")
    item_categories = field.inner("itemCategories")
    return Field(
        name=name,
        title=field.text("title"),
        description=field.text("description"),
        type=kind,
        unit=field.text("unit", needed=False),
        group=field.text("group", needed=False),
        list_kind=listed,
        item_form=field.chosen("itemForm", ("co_exposure",)),
        item_categories={part: _categories(item_categories, part) for part in item_categories.value},
        vocabulary=_vocabulary(field),
        categories=_categories(field, "categories"),
        required=limits.flag("required"),
        unique=limits.flag("unique"),
        minimum=limits.number("minimum"),
        maximum=limits.number("maximum"),
        pattern=_pattern(limits),
        max_length=limits.number("maxLength"),
    )


def _vocabulary(field: _Entry) -> tuple[str, str] | None:
    if "vocabulary" not in field.value:
        return None
    vocabulary = field.inner("vocabulary")
    return vocabulary.text("resource"), vocabulary.text("field")


def _pattern(limits: _Entry) -> str | None:
    pattern = limits.text("pattern", needed=False)
    problem = None if pattern is None else pattern_problem(pattern)
    if problem is not None:
        raise limits.wrong("pattern", f"The pattern cannot be used: {problem}.", "Write a simpler one.")
    return pattern


def _categories(entry: _Entry, key: str) -> tuple[Category, ...]:
    found: dict[str, Category] = {}
    for category in entry.entries(key):
        value = category.text("value")
        if value in found:
            raise category.wrong("value", "The category stands twice.", "Keep one of them.")
        found[value] = Category(
            value=value,
            label=category.text("label"),
            minimum=category.number("minimum"),
            maximum=category.number("maximum"),
        )
    return tuple(found.values())
