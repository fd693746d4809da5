"""Validation of case_reports.csv beside pandera (lazily, so that it finds every fault) and frictionless.

Run in the project's folder: python -m benchmarks.validation_peers [--sizes N …] [--peer-python PATH]. The two are not
among the project's requirements: install them into an environment of their own, beside the project, with
pip install pandera frictionless, and name its Python with --peer-python, or run the whole benchmark with it.

The file is the same, and so are the equivalent rules, taken from the codebook for both: types, least and greatest
value, pattern and length, categories, required cells, unique keys, allowed values from other tables, and lists: to
both peers a list is a text of a pattern made of the word none or allowed entries, and a co-exposure a pattern too.
Entries that stand twice, characters that cannot be seen, what spreadsheets and encodings damage, quoting, and the rules
across cells and files are checked by ours alone; so are what was probably meant, and how to mend it. Times include
reading the file, and exclude imports and making the schema. "ours" are all rules about the cells of the file and the
uniqueness of its keys; "ours, all files" is everything that `kratom-evidence validate` does for all tables.
"""

import argparse
import csv
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.measuring import machine
from benchmarks.simulated_data import simulated_data
from kratom_evidence.codebook import Field, Table, read_codebook, read_csv_text
from kratom_evidence.curation import validate
from kratom_evidence.curation.rules_tables import X201
from kratom_evidence.dataset.reading import read_table, read_tables
from kratom_evidence.project import find_project

SIZES = (1_000, 10_000)
REPEATS = 3
TABLE = "case_reports"
_MOST_FAULTS = 1_000_000
OURS, OURS_ALL, PANDERA, FRICTIONLESS = "ours", "ours, all files", "pandera", "frictionless"
PEERS = (PANDERA, FRICTIONLESS)


def ours(data: Path) -> Callable[[], int]:
    """The faults of the cells of case_reports.csv, with all rules about single cells, and keys that stand twice."""
    readings = read_tables(data)
    table = readings.codebook.table(TABLE)

    def check() -> int:
        text = read_csv_text((data / table.path).read_bytes(), table.path)
        reading = read_table(table, text, readings.vocabularies)
        repeated = X201().faults(replace(readings, tables={TABLE: reading}), TABLE)
        return len(reading.faults) + len(list(repeated))

    return check


def ours_all(data: Path) -> Callable[[], int]:
    """The faults of all files."""
    return lambda: len(validate(data).faults)


def with_pandera(data: Path) -> Callable[[], int]:
    """The faults that pandera finds in one lazy run."""
    import pandas as pd
    import pandera.pandas as pa  # type: ignore[import-not-found, unused-ignore]
    from pandera.errors import SchemaErrors  # type: ignore[import-not-found, unused-ignore]

    table, allowed, patterns = _table_and_rules(data)
    schema = pa.DataFrameSchema(
        {column.name: _pandera_column(pa, column, allowed, patterns) for column in table.fields}
    )
    types = {column.name: _DTYPES[column.type] for column in table.fields}

    def check() -> int:
        # Read as text first: a cell that is no number must become a fault, not an exception.
        frame = pd.read_csv(data / table.path, dtype="str", keep_default_na=False, na_values=[""])
        for name, dtype in types.items():
            if dtype != "str":
                frame[name] = frame[name].astype(dtype)
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as error:
            return len(error.failure_cases)
        return 0

    return check


_DTYPES: Mapping[str, Any] = {"string": "str", "integer": "Int64", "number": "Float64"}


def _pandera_column(pa: Any, column: Field, allowed: Mapping[str, list[str]], patterns: Mapping[str, str]) -> Any:
    checks = []
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum))
    if column.name in patterns:
        checks.append(pa.Check.str_matches(rf"^(?:{patterns[column.name]})$"))
    if column.max_length is not None:
        checks.append(pa.Check.str_length(max_value=column.max_length))
    if column.name in allowed:
        checks.append(pa.Check.isin(allowed[column.name]))
    return pa.Column(_DTYPES[column.type], checks, nullable=not column.required, unique=column.unique)


def with_frictionless(data: Path) -> Callable[[], int]:
    """The faults that frictionless finds by the resource's Table Schema."""
    from frictionless import Resource, Schema, system  # type: ignore[import-not-found, unused-ignore]

    table, allowed, patterns = _table_and_rules(data)
    schema = Schema.from_descriptor(
        {
            "fields": [_frictionless_field(column, allowed, patterns) for column in table.fields],
            "primaryKey": list(table.primary_key),
            "missingValues": [""],
        }
    )

    def check() -> int:
        with system.use_context(trusted=True):
            resource = Resource(path=str(data / table.path), schema=schema)
            return int(resource.validate(limit_errors=_MOST_FAULTS).stats["errors"])

    return check


def _frictionless_field(column: Field, allowed: Mapping[str, list[str]], patterns: Mapping[str, str]) -> dict[str, Any]:
    """The field as Table Schema has it: without what the codebook adds, with the allowed values as `enum`."""
    limits = {
        "required": column.required or None,
        "unique": column.unique or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "pattern": patterns.get(column.name),
        "maxLength": column.max_length,
        "enum": allowed.get(column.name),
    }
    given = {name: value for name, value in limits.items() if value is not None}
    return {"name": column.name, "type": column.type, "constraints": given}


def _table_and_rules(data: Path) -> tuple[Table, dict[str, list[str]], dict[str, str]]:
    """The table; the allowed values of each column of single values that has some; the patterns of texts and lists."""
    readings = read_tables(data)
    table = readings.codebook.table(TABLE)
    allowed: dict[str, list[str]] = {}
    patterns = {column.name: column.pattern for column in table.fields if column.pattern}
    for column in table.fields:
        vocabulary = readings.vocabularies(column)
        names = sorted(vocabulary.names if vocabulary else column.labels)
        if names and column.list_kind is None:
            allowed[column.name] = names
        elif names:
            patterns[column.name] = _list_pattern(column, names)
    return table, allowed, patterns


def _list_pattern(column: Field, names: Sequence[str]) -> str:
    entry = _one_of(names)
    if column.item_form:
        evidence, timing = (
            _one_of([category.value for category in column.item_categories[part]]) for part in ("evidence", "timing")
        )
        entry = rf"{entry} \[{evidence}, {timing}(?:: [^\[\]]*)?\]"
    return f"none|{entry}(?:; {entry})*"


def _one_of(names: Sequence[str]) -> str:
    # The longest first: a name must not be taken for a shorter one with which it begins.
    return f"(?:{'|'.join(re.escape(name) for name in sorted(names, key=len, reverse=True))})"


WAYS: Mapping[str, Callable[[Path], Callable[[], int]]] = {
    OURS: ours,
    OURS_ALL: ours_all,
    PANDERA: with_pandera,
    FRICTIONLESS: with_frictionless,
}


def timed(way: str, data: Path, python: str) -> tuple[float, int]:
    """The least seconds of some runs in a fresh process, and the faults found.

    Raises:
        SystemExit: the way failed, for example because the peer is not installed; with what it said.
    """
    command = [python, "-m", "benchmarks.validation_peers", "--only", way, str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        hint = f"\nInstall it with: {python} -m pip install {way}" if "ModuleNotFoundError" in done.stderr else ""
        raise SystemExit(f"{way} ended with {done.returncode}:\n{done.stderr[-1_000:]}{hint}")
    found = json.loads(done.stdout)
    return found["seconds"], found["faults"]


def faulty_copy(data: Path, folder: Path) -> Path:
    """A copy with one fault of each equivalent kind, to show that all are looking."""
    shutil.copytree(data, folder)
    table = read_codebook(folder).table(TABLE)
    text = read_csv_text((folder / table.path).read_bytes(), table.path)
    rows = [dict(zip(text.header, cells, strict=True)) for _, cells in text.rows]
    rows[0]["age_years"], rows[1]["sex"], rows[2]["country"] = "130", "mle", "deu"
    rows[3]["source_access"], rows[4]["findings_present"], rows[5]["co_exposures"] = "", "sneeze", "tea [maybe]"
    rows[7]["case_id"] = rows[6]["case_id"]
    with (folder / table.path).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, text.header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def run(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = _options(arguments)
    if options.only:
        way, data = options.only
        print(json.dumps(_fastest(WAYS[way](Path(data)))))
        return 0
    print(machine())
    print(f"{'cases':>8}  {'validated by':<18}{'seconds':>9}{'times ours':>12}{'faults':>8}{'with 7 put in':>15}")
    for cases in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            simulated_data(find_project().data, data, cases)
            faulty = faulty_copy(data, Path(folder) / "faulty")
            reference = None
            for way in options.ways:
                python = options.peer_python if way in PEERS else sys.executable
                seconds, faults = timed(way, data, python)
                _, seen = timed(way, faulty, python)
                reference = reference or seconds
                ratio = seconds / reference
                print(f"{cases:>8,}  {way:<18}{seconds:>9.3f}{ratio:>12.2f}{faults:>8}{seen:>15}", flush=True)
    return 0


def _fastest(check: Callable[[], int]) -> dict[str, float]:
    seconds, faults = [], 0
    for _ in range(REPEATS):
        started = perf_counter()
        faults = check()
        seconds.append(perf_counter() - started)
    return {"seconds": min(seconds), "faults": faults}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, metavar="N", help="cases")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS), help="the first is what others are to")
    parser.add_argument("--peer-python", default=sys.executable, metavar="PATH", help="the Python that has the peers")
    parser.add_argument("--only", nargs=2, metavar=("WAY", "DATA"), help="one way in this process; figures as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run())
