"""How the rules about whole files and single cells are counted: one check for each rule and file to which it applies.

Their faults are found while a file is read, which is the work of the rooms codebook and dataset. What each code means
stands in the module `file_rule_list`.
"""

from collections.abc import Callable, Iterator

from kratom_evidence.codebook import Field, Table
from kratom_evidence.curation.file_rule_list import FILE_RULES
from kratom_evidence.curation.outcome import Check, check_outcome
from kratom_evidence.dataset import Readings, TableReading
from kratom_evidence.faults import Fault

# A cell with one of these is not read any further, so other rules about the cell did not see it.
SPOILT = frozenset({"C112", "C113", "C114", "C115", "C116", "C117", "C118", "F004", "F008"})
# What can be said about a file even when it has no header that could be read.
WITHOUT_HEADER = frozenset({"F001", "F002", "F004", "F011", "F014"})


def file_checks(readings: Readings) -> Iterator[Check]:
    """What became of each rule in each file that it applies to."""
    referred_to = readings.referred_to
    for table in readings.codebook.tables:
        for rule in FILE_RULES:
            if (
                rule.is_form
                or table.format not in rule.formats
                or (rule.code == "F013" and table.name not in referred_to)
            ):
                continue
            if table.format == "json":
                yield _bibliography_check(rule.code, table, readings.bibliography_faults)
            elif rule.concerns is None:
                yield _whole_file_check(rule.code, readings.tables[table.name])
            elif any(rule.concerns(field) for field in table.fields):
                yield _cell_check(rule.code, rule.concerns, readings, readings.tables[table.name])
        if table.format == "json":
            yield _bibliography_check("X201", table, readings.bibliography_faults)


def _bibliography_check(code: str, table: Table, faults: tuple[Fault, ...]) -> Check:
    codes = {fault.code for fault in faults if fault.file == table.path}
    blocked = code != "F001" and ("F001" in codes or (code != "F010" and "F010" in codes))
    obstacle = f"{table.path} could not be read in full" if blocked else None
    return check_outcome(code, table.path, failed=code in codes, obstacle=obstacle)


def _whole_file_check(code: str, reading: TableReading) -> Check:
    path = reading.table.path
    codes = {fault.code for fault in reading.faults}
    blocked = code != "F001" and ("F001" in codes or (code not in WITHOUT_HEADER and not reading.readable))
    return check_outcome(code, path, failed=code in codes, obstacle=f"{path} could not be read" if blocked else None)


def _cell_check(code: str, concerns: Callable[[Field], bool], readings: Readings, reading: TableReading) -> Check:
    columns = [field.name for field in reading.table.fields if concerns(field)]
    failed = any(fault.code == code for fault in reading.faults)
    obstacle = _obstacle(code, columns, readings, reading)
    return check_outcome(code, reading.table.path, failed=failed, obstacle=obstacle)


def _obstacle(code: str, columns: list[str], readings: Readings, reading: TableReading) -> str | None:
    """What kept a rule from looking at every cell of its columns."""
    path = reading.table.path
    if not reading.readable:
        return f"{path} could not be read"
    missing = [name for name in columns if name not in reading.columns]
    if missing:
        return f"{path} has no readable column {', '.join(missing)}"
    if not reading.complete:
        return f"rows of {path} could not be read"
    unknown = [name for name in columns if code == "C105" and (reading.table.name, name) in readings.unchecked]
    if unknown:
        return f"the allowed values of {', '.join(unknown)} could not be read"
    spoilt = sum(1 for fault in reading.faults if fault.code in SPOILT - {code} and fault.column in columns)
    if spoilt:
        return f"{spoilt} {'cell' if spoilt == 1 else 'cells'} of {path} could not be read"
    return None
