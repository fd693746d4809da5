"""Giving an older version of the data the columns of a newer one, so that the same programs can judge both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kratom_evidence.codebook import Field, Table, Value
from kratom_evidence.dataset import Readings, TableReading


@dataclass(frozen=True, kw_only=True)
class Aligned:
    """Readings that have every column of the other version, and the columns (file, column) that were put in."""

    readings: Readings
    put_in: tuple[tuple[str, str], ...]


def with_columns_of(readings: Readings, other: Readings) -> Aligned:
    """The readings with the columns that only the other version has, in which nothing is stated.

    What a version has no column for was not recorded in it; that is what "not stated" means.
    """
    missing = {
        name: fields
        for name, table in readings.codebook.by_name.items()
        if name in readings.tables and (fields := _missing(table, other.codebook.by_name.get(name)))
    }
    tables = {
        name: _extended(reading, missing[name]) if name in missing else reading
        for name, reading in readings.tables.items()
    }
    codebook = replace(
        readings.codebook,
        tables=tuple(tables[table.name].table if table.name in tables else table for table in readings.codebook.tables),
    )
    return Aligned(
        readings=replace(readings, codebook=codebook, tables=tables),
        put_in=_places(missing, readings),
    )


def _missing(table: Table, other: Table | None) -> tuple[Field, ...]:
    return () if other is None else tuple(field for field in other.fields if field.name not in table.by_name)


def _extended(reading: TableReading, fields: tuple[Field, ...]) -> TableReading:
    rows = len(reading.row_numbers)
    silent: Mapping[str, list[Value]] = {
        field.name: [() if field.list_kind == "plain" else None] * rows for field in fields
    }
    return replace(
        reading,
        table=replace(reading.table, fields=(*reading.table.fields, *fields)),
        columns={**reading.columns, **silent},
    )


def _places(missing: Mapping[str, tuple[Field, ...]], readings: Readings) -> tuple[tuple[str, str], ...]:
    return tuple(
        (readings.codebook.table(name).path, field.name) for name, fields in missing.items() for field in fields
    )
