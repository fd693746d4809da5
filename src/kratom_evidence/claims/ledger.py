"""The ledger data/claims.yaml: the article's statements, each with its tests, thresholds and reasons.

Adding a statement means adding an entry there. Every fault is named by its line, with the nearest allowed name.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kratom_evidence.claims.ledger_fields import CLAIMS_FILE, entries_of, fault, one_of, text_of, unknown_keys
from kratom_evidence.claims.parameters import ParameterError, build_test
from kratom_evidence.claims.registry import TEST_KINDS, ClaimTest
from kratom_evidence.claims.revision import Revision, read_revision
from kratom_evidence.claims.verdict import EvidenceKind, Verdict
from kratom_evidence.faults import ExplainedError, Fault
from kratom_evidence.plain_files import read_plain_file
from kratom_evidence.read_ahead import kept_or_read
from kratom_evidence.yaml_lines import LARGEST_FILE, Located, YamlError, parse_yaml

_ID = re.compile(r"C[0-9]{2,3}")
NOT_TESTABLE = "not_testable"
KINDS = (*(kind.value for kind in EvidenceKind), NOT_TESTABLE)
_ENTRY_KEYS = {
    "id", "section", "statement", "kind", "tests", "limits", "would_change", "not_testable_because",
    "could_be_tested_by", "revised",
}  # fmt: skip
_TEST_KEYS = {"test", "decides", "reason", "at_best", "at_best_because"}


@dataclass(frozen=True, kw_only=True)
class PlannedTest:
    """A test of a statement as planned in the ledger.

    `reason` gives the reason for the threshold. `ceiling` is the best verdict that this kind of evidence can give,
    with `ceiling_reason`. `line` is the line of the ledger.
    """

    name: str
    test: ClaimTest
    reason: str
    decides: bool
    line: int
    ceiling: Verdict | None = None
    ceiling_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement of the article and how it is tested. `revised` says how the rule was changed after first results."""

    id: str
    section: str
    statement: str
    kind: str
    tests: tuple[PlannedTest, ...]
    limits: tuple[str, ...]
    would_change: str
    not_testable_because: str | None
    could_be_tested_by: str | None
    line: int
    revised: tuple[Revision, ...] = ()

    def __hash__(self) -> int:
        # Equal statements have one id; tests may hold mappings, which have no hash.
        return hash(self.id)


def read_claims(data: Path) -> tuple[Claim, ...]:
    """The statements of data/claims.yaml, in the order of the file.

    Raises:
        ExplainedError: the ledger cannot be read or has faults; all of them are named.
    """
    return kept_or_read(read_ledger, data)


def read_ledger(data: Path) -> tuple[Claim, ...]:
    """The statements, read now. `read_claims` is the door; this is for reading ahead of it."""
    try:
        document = parse_yaml(read_plain_file(data / CLAIMS_FILE, LARGEST_FILE), CLAIMS_FILE)
    except FileNotFoundError:
        raise _refused([fault("F001", (None, None), "The file is missing.", "Restore it.")]) from None
    except OSError as error:
        why = f"The file cannot be read: {error.strerror}."
        raise _refused([fault("F001", (None, None), why, "Check what it is, and its permissions.")]) from None
    except YamlError as error:
        raise _refused([error.fault]) from None
    entries = document.parts.get("claims")
    if isinstance(document.value, Mapping) and entries is not None:
        faults_of_file: list[Fault] = []
        unknown_keys(document, {"claims"}, faults_of_file)
        if faults_of_file:
            raise _refused(faults_of_file)
    if entries is None or not isinstance(entries.value, list) or not entries.value:
        why = "The file has no list of claims."
        raise _refused([fault("F010", (document.line, "claims"), why, "Begin it with claims: and a list.")])
    faults: list[Fault] = []
    claims = [_claim(entry, faults) for entry in entries.parts.values()]
    for key, count in Counter(claim.id for claim in claims if claim).items():
        if count > 1:
            line = next(claim.line for claim in reversed(claims) if claim and claim.id == key)
            faults.append(fault("X201", (line, "id"), f"The id {key} stands {count} times.", "Give each its own."))
    if faults:
        raise _refused(faults)
    return tuple(claim for claim in claims if claim)


def _refused(faults: Iterable[Fault]) -> ExplainedError:
    return ExplainedError("The claims cannot be used.", faults)


def _claim(entry: Located, faults: list[Fault]) -> Claim | None:
    before = len(faults)
    if not isinstance(entry.value, Mapping):
        faults.append(fault("F010", (entry.line, None), "A claim must be a set of named values.", "See the others."))
        return None
    unknown_keys(entry, _ENTRY_KEYS, faults)
    texts = {
        key: text_of(entry, key, faults, required=key in {"id", "section", "statement", "would_change"})
        for key in ("id", "section", "statement", "would_change", "not_testable_because", "could_be_tested_by")
    }
    if texts["id"] and not _ID.fullmatch(texts["id"]):
        line = entry.parts["id"].line
        faults.append(fault("C108", (line, "id"), "An id is C and two digits.", "Write C01.", value=texts["id"]))
    kind = one_of(entry, "kind", KINDS, faults)
    tests = entries_of(entry, "tests", _planned_test, faults, first="test")
    if kind == NOT_TESTABLE:
        for key in ("not_testable_because", "could_be_tested_by"):
            if not texts[key]:
                why = "A statement that is not testable needs the reason, and the kind of study that could test it."
                faults.append(fault("C101", (entry.line, key), why, f"Add {key}."))
        if any(test.decides for test in tests):
            why = "A statement that is not testable cannot have a test that decides."
            faults.append(fault("X301", (entry.line, "tests"), why, "Write decides: false, or change kind."))
    elif kind is not None and [test.test.evidence_kind for test in tests if test.decides] != [EvidenceKind(kind)]:
        why = "Exactly one test must decide, and it must use the kind of evidence that the claim names."
        faults.append(fault("X301", (entry.line, "tests"), why, "Write decides: true for that one test."))
    revised = entries_of(entry, "revised", read_revision, faults, first="date")
    if len(faults) > before:
        return None
    return Claim(
        id=texts["id"] or "",
        section=texts["section"] or "",
        statement=texts["statement"] or "",
        kind=kind or "",
        tests=tests,
        limits=_limits(entry, faults),
        would_change=texts["would_change"] or "",
        not_testable_because=texts["not_testable_because"],
        could_be_tested_by=texts["could_be_tested_by"],
        line=entry.line,
        revised=revised,
    )


def _limits(entry: Located, faults: list[Fault]) -> tuple[str, ...]:
    part = entry.parts.get("limits")
    if part is None:
        return ()
    if not isinstance(part.value, list) or not all(isinstance(item, str) for item in part.value):
        faults.append(fault("C108", (part.line, "limits"), "limits must be a list of texts.", "Write - text."))
        return ()
    return tuple(" ".join(str(item).split()) for item in part.value)


def _planned_test(entry: Located, faults: list[Fault]) -> PlannedTest | None:
    before = len(faults)
    if not isinstance(entry.value, Mapping):
        faults.append(fault("F010", (entry.line, "tests"), "A test must be a set of named values.", "See the others."))
        return None
    name = one_of(entry, "test", TEST_KINDS, faults)
    reason = text_of(entry, "reason", faults, required=True)
    ceiling = one_of(entry, "at_best", [v.value for v in Verdict], faults) if "at_best" in entry.parts else None
    ceiling_reason = text_of(entry, "at_best_because", faults, required=ceiling is not None)
    decides = entry.parts["decides"].value if "decides" in entry.parts else False
    if not isinstance(decides, bool):
        line = entry.parts["decides"].line
        faults.append(fault("C108", (line, "decides"), "decides must be true or false.", "Write one of them."))
    if name is None:
        return None
    parameters = {str(key): part for key, part in entry.parts.items() if key not in _TEST_KEYS}
    try:
        test = build_test(TEST_KINDS[name], parameters)
    except ParameterError as error:
        for problem in error.problems:
            line = problem.line or entry.line
            faults.append(
                fault(
                    problem.code,
                    (line, problem.name),
                    problem.why,
                    problem.mend,
                    value=problem.value,
                    nearest=problem.nearest,
                )
            )
        return None
    if len(faults) > before:
        return None
    return PlannedTest(
        name=name,
        test=test,
        reason=reason or "",
        decides=bool(decides),
        line=entry.line,
        ceiling=Verdict(ceiling) if ceiling else None,
        ceiling_reason=ceiling_reason,
    )
