"""Validation of case_reports.csv beside pandera (lazily, so that it finds every fault) and frictionless.

Run in the project's folder: python -m benchmarks.validation_peers [--sizes N …] [--peer-python PATH]. The two are not
among the project's requirements: install them, and the project with its requirements, into an environment of their own
beside the project, and name its Python with --peer-python, or run the whole benchmark with it.

The file is the same, read from the disk each time, and so are the rules, taken from the codebook for all:

* "ours" and "pandera": types, least and greatest value, pattern and length, categories, required cells, unique keys,
  allowed values from other tables; lists in their three states, to pandera a text of a pattern made of the word none
  or allowed entries, and co-exposures likewise; that no cell is overlong, holds characters that cannot be seen, bears
  marks of a spreadsheet or of a wrong encoding, or holds an entry twice; and the rules about several cells of one row.
  Where pandera has no words for a rule, it is given a function (see `peer_rules`).
* "pandera, built in": the same without what is given as functions. The rest is checked by ours alone.
* "frictionless": likewise what its Table Schema can say, and no functions; it would only become slower by them.
* "ours, all files": everything that `kratom-evidence validate` does, for all tables and bibliographies.

Checked by ours alone, in all rows: the quoting of the file and the length of its rows. Ours alone says why a value is
wrong, what was probably meant and how to mend it. pandera is given the frame that it needs: the file is read by pandas
as text, and columns of numbers are converted. To ours belongs the same: reading the bytes as text and converting.

Times include reading the file, and exclude imports, reading the codebook and the vocabularies, and making the schema.
Each way runs in a process of its own. The ratio is one of processor time, which another program on the machine disturbs
less than the time on the wall. "with faults" is what each finds in a copy with some faults put in; numbers differ,
because a key that stands twice is one fault to ours and two to the others, and a row that breaks a rule given as a
function is counted by pandera once for each cell that it holds.
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
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks.measuring import machine
from benchmarks.peer_rules import row_rules, sound_text
from benchmarks.simulated_data import simulated_data
from kratom_evidence.codebook import Field, Table, read_codebook, read_csv_text
from kratom_evidence.codebook.cells import is_open
from kratom_evidence.collector import collector_paused
from kratom_evidence.curation import rules_cases, validate
from kratom_evidence.curation.rules_files import X203
from kratom_evidence.curation.rules_tables import X201, all_implied
from kratom_evidence.dataset.reading import read_table, read_tables
from kratom_evidence.project import find_project

SIZES = (1_000, 10_000)
REPEATS = 3
TABLE = "case_reports"
_MOST_FAULTS = 1_000_000
OURS, OURS_ALL, PANDERA, FRICTIONLESS = "ours", "ours, all files", "pandera", "frictionless"
PANDERA_BUILT_IN = "pandera, built in"
PEERS = (PANDERA, PANDERA_BUILT_IN, FRICTIONLESS)
# Beside those about single cells.
RULES = (X201(), X203(), *rules_cases.RULES)


def ours(data: Path) -> Callable[[], int]:
    """The faults of the cells of case_reports.csv, contradictions within its rows, and keys that stand twice."""
    readings = read_tables(data)
    table = readings.codebook.table(TABLE)

    def check() -> int:
        with collector_paused():  # as when the data are read
            text = read_csv_text((data / table.path).read_bytes(), table.path)
            reading = read_table(table, text, readings.vocabularies)
        now = replace(readings, tables={**readings.tables, TABLE: reading})
        return len(reading.faults) + sum(1 for rule in RULES for _ in rule.faults(now, TABLE))

    return check


def ours_all(data: Path) -> Callable[[], int]:
    """The faults of all files."""
    return lambda: len(validate(data).faults)


def with_pandera(data: Path, *, functions: bool = True) -> Callable[[], int]:
    """The faults that pandera finds in one lazy run, with or without the rules that are given as functions."""
    import pandas as pd
    import pandera.pandas as pa  # type: ignore[import-not-found, unused-ignore]
    from pandera.errors import SchemaErrors  # type: ignore[import-not-found, unused-ignore]

    table, allowed, patterns = _table_and_rules(data)
    columns = {column.name: _pandera_column(pa, column, allowed, patterns) for column in table.fields}
    rules = []
    if functions:
        for column in table.fields:
            # A cell that must be a listed value or keep to a pattern cannot be spoilt or damaged without breaking that.
            if is_open(column) or column.list_kind is not None:
                columns[column.name].checks.append(pa.Check(sound_text(column), element_wise=True))
        rules = [pa.Check(rule, name=code) for code, rule in row_rules(_implied(data)).items()]
    schema = pa.DataFrameSchema(columns, checks=rules)
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


def _implied(data: Path) -> Mapping[str, frozenset[str]]:
    findings = read_tables(data).tables["findings"].columns
    listed = zip(findings["finding"], findings["implies"], strict=True)
    return all_implied({str(finding): tuple(map(str, implies or ())) for finding, implies in listed})  # type: ignore[arg-type]


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
    PANDERA_BUILT_IN: lambda data: with_pandera(data, functions=False),
    FRICTIONLESS: with_frictionless,
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """The least wall and processor time of some runs, and the faults found."""

    seconds: float
    cpu_seconds: float
    faults: int


def timed(way: str, data: Path, python: str, repeats: int) -> Found:
    """The way on these data, in a fresh process.

    Raises:
        SystemExit: the way failed, for example because the peer is not installed; with what it said.
    """
    command = [python, "-m", "benchmarks.validation_peers", "--repeats", str(repeats), "--only", way, str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        hint = f"\nInstall it for {python}; see the top of this module." if "ModuleNotFoundError" in done.stderr else ""
        raise SystemExit(f"{way} ended with {done.returncode}:\n{done.stderr[-1_000:]}{hint}")
    return Found(**json.loads(done.stdout))


def faulty_copy(data: Path, folder: Path) -> Path:
    """A copy with eleven faults to show that all are looking; of four, Table Schema and pandera have no words."""
    shutil.copytree(data, folder)
    table = read_codebook(folder).table(TABLE)
    text = read_csv_text((folder / table.path).read_bytes(), table.path)
    rows = [dict(zip(text.header, cells, strict=True)) for _, cells in text.rows]
    rows[0]["age_years"], rows[1]["sex"], rows[2]["country"] = "130", "mle", "deu"
    rows[3]["source_access"], rows[4]["findings_present"], rows[5]["co_exposures"] = "", "sneeze", "tea [maybe]"
    rows[7]["case_id"] = rows[6]["case_id"]
    rows[8]["notes"], rows[9]["notes"], rows[10]["treatments"] = "a\u200bb", "=A1+1", "naloxone; naloxone"
    rows[11] |= {"sbp_max_mmhg": "80", "dbp_max_mmhg": "120"}
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
        print(json.dumps(asdict(_fastest(WAYS[way](Path(data)), options.repeats))))
        return 0
    print(machine())
    header = f"{'seconds':>9}{'processor':>11}{'times ours':>12}{'faults':>8}{'with faults':>13}"
    print(f"{'cases':>8}  {'validated by':<18}{header}")
    for cases in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            simulated_data(find_project().data, data, cases)
            faulty = faulty_copy(data, Path(folder) / "faulty")
            reference = None
            for way in options.ways:
                python = options.peer_python if way in PEERS else sys.executable
                found = timed(way, data, python, options.repeats)
                seen = timed(way, faulty, python, repeats=1).faults
                reference = reference or found.cpu_seconds
                times = f"{found.seconds:>9.3f}{found.cpu_seconds:>11.3f}{found.cpu_seconds / reference:>12.2f}"
                print(f"{cases:>8,}  {way:<18}{times}{found.faults:>8}{seen:>13}", flush=True)
    return 0


def _fastest(check: Callable[[], int], repeats: int) -> Found:
    seconds, cpu_seconds, faults = [], [], 0
    for _ in range(repeats):
        started, cpu_started = perf_counter(), process_time()
        faults = check()
        seconds.append(perf_counter() - started)
        cpu_seconds.append(process_time() - cpu_started)
    return Found(seconds=min(seconds), cpu_seconds=min(cpu_seconds), faults=faults)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, metavar="N", help="cases")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS), help="the first is what others are to")
    parser.add_argument("--repeats", type=int, default=REPEATS, metavar="N", help="runs; the quickest counts")
    parser.add_argument("--peer-python", default=sys.executable, metavar="PATH", help="the Python that has the peers")
    parser.add_argument("--only", nargs=2, metavar=("WAY", "DATA"), help="one way in this process; figures as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run())
