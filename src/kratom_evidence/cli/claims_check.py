"""The checks of claims.yaml, added to those of the other files: the ledger itself, and the names that it refers to."""

from pathlib import Path

from kratom_evidence.curation import Check, RuleDescription, ValidationReport, check_outcome
from kratom_evidence.faults import ExplainedError, Fault

CLAIMS_FILE = "claims.yaml"
CLAIMS_RULES = (
    RuleDescription(
        code="X301",
        title="Every statement in claims.yaml is complete and its tests are well-formed.",
        explanation="Each fault is named by its line, under the code of the rule that it breaks.",
    ),
    RuleDescription(
        code="X302",
        title="Every name in claims.yaml stands in the data.",
        explanation="Findings, substances, figures and the like must be written as in their tables.",
    ),
)


def with_claims(report: ValidationReport, data: Path) -> ValidationReport:
    """The report with two more checks. The names can be compared only when everything else is in order."""
    from kratom_evidence.claims import read_claims, reference_faults
    from kratom_evidence.dataset import load

    try:
        claims = read_claims(data)
    except ExplainedError as error:
        checks = (_check("X301", failed=True), _check("X302", reason=f"{CLAIMS_FILE} has faults"))
        return report.with_more(checks, _faults(error))
    if report.faults:
        return report.with_more((_check("X301"), _check("X302", reason="the data have faults")), ())
    faults = reference_faults(claims, load(data))
    return report.with_more((_check("X301"), _check("X302", failed=bool(faults))), faults)


def _check(code: str, *, failed: bool = False, reason: str | None = None) -> Check:
    return check_outcome(code, CLAIMS_FILE, failed=failed, obstacle=reason)


def _faults(error: ExplainedError) -> tuple[Fault, ...]:
    whole = Fault(code="X301", file=CLAIMS_FILE, why=str(error), mend="Correct the file.")
    return tuple(error.faults) or (whole,)
