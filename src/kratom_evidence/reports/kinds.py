"""The kinds of reports. A new kind is a new entry of `KINDS`: a template notebook and the subjects it is made for."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kratom_evidence.evidence.definitions import OPTIONS
from kratom_evidence.faults import UsageError, shorten
from kratom_evidence.nearest import nearest_name
from kratom_evidence.reports.data_read import Evidence, Reads, everything, of_case, of_drug_class, of_substance
from kratom_evidence.reports.request import ALL_KINDS
from kratom_evidence.reports.slugs import slug, slugs


@dataclass(frozen=True, kw_only=True)
class ReportKind:
    """One kind of report.

    `name` is what the command line calls it, `noun` one of its subjects, `option` the option that selects subjects.
    `template` is the notebook below notebooks/reports, `parameter` the parameter that takes the subject. `choices`
    gives the allowed values of other parameters. `subjects` gives id -> title of everything there is a report of.
    `reads` tells which data the page of a subject reads. `file_name` makes the page's file name, without its ending,
    from a subject.
    """

    name: str
    noun: str
    option: str
    template: str
    parameter: str
    choices: Mapping[str, Collection[str]]
    subjects: Callable[[Evidence], Mapping[str, str]]
    reads: Reads
    file_name: Callable[[str], str] = str

    @property
    def folder(self) -> str:
        """The folder of its pages below the folder of reports."""
        return self.name


def _claims(evidence: Evidence) -> Mapping[str, str]:
    claims = (judgement.claim for judgement in evidence.judgements)
    return {claim.id: f"{claim.id}: {claim.statement}" for claim in claims}


def _cases(evidence: Evidence) -> Mapping[str, str]:
    return {str(case_id): f"Case {case_id}" for case_id in evidence.dataset.cases.index}


def _substances(evidence: Evidence) -> Mapping[str, str]:
    """The substances that a case lists. Their file names are checked to differ."""
    slugs(evidence.dataset.substances.index)
    return {str(name): str(name) for name in sorted(set(evidence.dataset.co_exposures["substance"]))}


def _drug_classes(evidence: Evidence) -> Mapping[str, str]:
    labels = evidence.dataset.codebook.table("substances").field("drug_class").labels
    return {str(name): labels[name] for name in sorted(set(evidence.dataset.co_exposures["drug_class"]))}


KINDS: Mapping[str, ReportKind] = MappingProxyType(
    {
        "claims": ReportKind(
            name="claims",
            noun="claim",
            option="--claim",
            template="claim.ipynb",
            parameter="claim_id",
            choices=OPTIONS,
            subjects=_claims,
            reads=everything,
        ),
        "cases": ReportKind(
            name="cases",
            noun="case",
            option="--case",
            template="case_report.ipynb",
            parameter="case_id",
            choices={},
            subjects=_cases,
            reads=of_case,
        ),
        "substances": ReportKind(
            name="substances",
            noun="co-exposure",
            option="--substance",
            template="substance.ipynb",
            parameter="substance",
            choices={},
            subjects=_substances,
            reads=of_substance,
            file_name=slug,
        ),
        "classes": ReportKind(
            name="classes",
            noun="class of co-exposures",
            option="--drug-class",
            template="substance.ipynb",
            parameter="drug_class",
            choices={},
            subjects=_drug_classes,
            reads=of_drug_class,
            file_name=slug,
        ),
    }
)


def kinds_named(name: str) -> tuple[ReportKind, ...]:
    """The kind of that name, or every kind for "all".

    Raises:
        UsageError: there is none; the nearest one is named.
    """
    return tuple(KINDS.values()) if name == ALL_KINDS else (kind_named(name),)


def kind_named(name: str) -> ReportKind:
    """The kind of that name.

    Raises:
        UsageError: there is none; the nearest one is named.
    """
    if name not in KINDS:
        known = _known("Kinds", [*KINDS, ALL_KINDS], name)
        raise UsageError(f"There are no reports of the kind {shorten(name)!r}. {known}")
    return KINDS[name]


def selected_subjects(kind: ReportKind, wanted: Iterable[str], subjects: Mapping[str, str]) -> dict[str, str]:
    """The wanted subjects, in the order of `subjects`; all of them when none is wanted.

    Raises:
        UsageError: one of them does not exist; the nearest one is named.
    """
    names = set(wanted)
    for name in sorted(names - set(subjects)):
        raise UsageError(
            f"There is no {kind.noun} {shorten(name)!r}. {_known(f'{kind.name.capitalize()}', subjects, name)}"
        )
    return {name: title for name, title in subjects.items() if name in names or not names}


def _known(what: str, names: Iterable[str], wrong: str) -> str:
    listed = list(names)
    nearest = nearest_name(wrong, listed)
    return f"{what}: {', '.join(listed)}.{f' Did you mean {nearest!r}?' if nearest else ''}"
