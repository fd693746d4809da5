"""`validate()`: all rules on all files of a data folder."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from kratom_evidence.codebook import CODEBOOK_FILE, Codebook
from kratom_evidence.curation.catalogue import RULES, rule_catalogue
from kratom_evidence.curation.earlier import Earlier
from kratom_evidence.curation.extraction_coverage import extraction_coverage
from kratom_evidence.curation.file_rules import file_checks
from kratom_evidence.curation.lost_points import CODE as LOST_POINT
from kratom_evidence.curation.lost_points import lost_points
from kratom_evidence.curation.outcome import Check, ValidationReport, check_outcome
from kratom_evidence.curation.rule import Rule, unread_cells, unreadable_input
from kratom_evidence.dataset import Readings, read_tables
from kratom_evidence.dataset.needed_codebook import unmet_needs
from kratom_evidence.faults import ExplainedError, Fault


def validate(
    data: Path, replaced: Mapping[str, bytes] | None = None, *, earlier: Earlier | None = None
) -> ValidationReport:
    """Apply every rule to every file that the codebook of this folder describes, except claims.yaml.

    `replaced` gives, by path within the folder, bytes to check in place of a table that is there. With `earlier`, the
    numbers are compared with those of an earlier version too.

    Never raises for anything that the files contain: a codebook that cannot be read is a fault too, and all other
    rules are then counted as skipped.
    """
    try:
        readings = read_tables(data, replaced)
    except ExplainedError as error:
        return _without_codebook(tuple(error.faults), () if earlier is None else (LOST_POINT,))
    unmet = unmet_needs(readings.codebook)
    checks = [check_outcome("F001", CODEBOOK_FILE, failed=bool(unmet), obstacle=None), *file_checks(readings)]
    faults = [*unmet, *readings.faults]
    for rule in RULES:
        for target in rule.targets_in(readings.codebook):
            check, found = _apply(rule, target, readings)
            checks.append(check)
            faults.extend(found)
    if earlier is not None:
        compared, lost = lost_points(readings, earlier)
        checks.extend(compared)
        faults.extend(lost)
    return ValidationReport(
        faults=_in_order(faults, readings.codebook, _headers(readings)),
        checks=tuple(checks),
        columns=_headers(readings),
        extraction=extraction_coverage(readings),
    )


def _without_codebook(faults: tuple[Fault, ...], more: tuple[str, ...]) -> ValidationReport:
    reason = "the codebook could not be read"
    skipped = [
        Check(code=code, file=CODEBOOK_FILE, outcome="skipped", reason=reason)
        for code in (*(rule.code for rule in rule_catalogue()), *more)
        if code != "F001"
    ]
    failed = Check(code="F001", file=CODEBOOK_FILE, outcome="failed")
    return ValidationReport(faults=faults, checks=(failed, *skipped), columns={})


def _apply(rule: Rule, target: str, readings: Readings) -> tuple[Check, tuple[Fault, ...]]:
    """What became of one rule in one file, and the faults that it found."""
    file = readings.codebook.table(target).path
    inputs = rule.inputs(readings.codebook, target)
    blocked = _first(unreadable_input(readings, name, columns) for name, columns in inputs.items())
    if blocked is None:
        obstacle = _first(unread_cells(readings, name, columns) for name, columns in inputs.items())
        blocked = obstacle if rule.needs_every_row else None
    if blocked is not None:
        return check_outcome(rule.code, file, failed=False, obstacle=blocked), ()
    found = tuple(rule.faults(readings, target))
    return check_outcome(rule.code, file, failed=bool(found), obstacle=obstacle), found


def _first(reasons: Iterable[str | None]) -> str | None:
    return next((reason for reason in reasons if reason is not None), None)


def _headers(readings: Readings) -> dict[str, tuple[str, ...]]:
    return {reading.table.path: reading.header for reading in readings.tables.values()}


def _in_order(faults: Iterable[Fault], codebook: Codebook, headers: dict[str, tuple[str, ...]]) -> tuple[Fault, ...]:
    """The faults by file (in the order of the codebook), row, column and code."""
    files = {table.path: position for position, table in enumerate(codebook.tables)}

    def order(fault: Fault) -> tuple[int, int, int, str]:
        header = headers.get(fault.file, ())
        column = header.index(fault.column) if fault.column in header else -1
        return files.get(fault.file, -1), fault.row or 0, column, fault.code

    return tuple(sorted(faults, key=order))
