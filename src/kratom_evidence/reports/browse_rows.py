"""The rows of the browse page: how each column of a case is written, sorted and filtered."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd
from markupsafe import Markup

from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_set import SS_LABELS
from kratom_evidence.evidence.criteria_met import STATUS_WORDS
from kratom_evidence.presentation import NOT_STATED, Link
from kratom_evidence.reports.found_pages import FoundPage
from kratom_evidence.reports.kinds import KINDS
from kratom_evidence.reports.listing import ListingCell, ListingColumn, ListingFilter, ListingRow

NONE = "none"
LABELLED = "diagnosed or suspected"
# The value of ss_assessment that says nothing.
_SILENT = "not_mentioned"
# Stands before every name in the order of the alphabet.
_NONE_FIRST = "0"
_CRITERIA = ("hunter", "sternbach", "radomski")
COLUMNS = (
    ListingColumn(name="case", heading="Case"),
    ListingColumn(name="publication", heading="Publication"),
    ListingColumn(name="year", heading="Year", is_number=True),
    ListingColumn(name="age", heading="Age in years", is_number=True),
    ListingColumn(name="sex", heading="Sex"),
    ListingColumn(name="event", heading="Event"),
    ListingColumn(name="taken", heading="Taken besides kratom"),
    ListingColumn(name="ss", heading="Serotonin syndrome (authors)", is_number=True),
    ListingColumn(name="hunter", heading="Hunter", is_number=True),
    ListingColumn(name="sternbach", heading="Sternbach", is_number=True),
    ListingColumn(name="radomski", heading="Radomski", is_number=True),
    ListingColumn(name="read", heading="What was read", is_number=True),
    ListingColumn(name="type", heading="Type of source"),
)
_STATUSES = tuple(STATUS_WORDS.values())
_UNDETERMINED = STATUS_WORDS[Truth.UNKNOWN]
# Kind of page -> subject -> its pages.
Pages = Mapping[str, Mapping[str, tuple[FoundPage, ...]]]
# A row of `browse_table`.
Case: TypeAlias = Mapping[Hashable, Any]


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Value of the codebook -> words, in the order of the codebook."""

    ss_assessment: Mapping[str, str]
    source_access: Mapping[str, str]

    @classmethod
    def of(cls, dataset: Dataset) -> "Vocabulary":
        fields = dataset.codebook.table("case_reports").by_name
        return cls(
            **{
                name: {v: v.replace("_", " ") for v in fields[name].labels}
                for name in ("ss_assessment", "source_access")
            }
        )


def browse_filters(rows: Iterable[ListingRow], vocabulary: Vocabulary) -> tuple[ListingFilter, ...]:
    """Every state that matters is offered, even when no case has it; of names those that occur."""
    listed = list(rows)
    criteria = tuple(ListingFilter(name=name, label=name.capitalize(), options=_STATUSES) for name in _CRITERIA)
    return (
        ListingFilter(name="event", label="Event", options=_names(listed, "event")),
        ListingFilter(name="taken", label="Taken besides kratom", options=_names(listed, "taken", NONE, NOT_STATED)),
        ListingFilter(name="class", label="Drug class", options=_names(listed, "class", NONE, NOT_STATED)),
        ListingFilter(
            name="ss",
            label="Serotonin syndrome (authors)",
            options=(LABELLED, *vocabulary.ss_assessment.values()),
        ),
        *criteria,
        ListingFilter(name="read", label="What was read", options=tuple(vocabulary.source_access.values())),
        ListingFilter(name="type", label="Type of source", options=_names(listed, "type", NOT_STATED)),
    )


def _names(rows: Iterable[ListingRow], name: str, *last: str) -> tuple[str, ...]:
    found = {value for row in rows for value in row.values[name]} - set(last)
    return (*sorted(found, key=str.casefold), *last)


def browse_row(case_id: str, case: Case, vocabulary: Vocabulary, pages: Pages) -> ListingRow:
    """The row of a case, with links to those of its pages that are there."""
    ss_words = vocabulary.ss_assessment[case["ss_assessment"]]
    kind = _words(case["kind"])
    return ListingRow(
        cells=(
            ListingCell(html=_link(case_id, "cases", pages)),
            _publication(case),
            _number(case["year"]),
            _age(case),
            _text(case["sex"]),
            _text(case["event"]),
            _taken(case["co_exposures"], pages),
            _ranked(case["ss_assessment"], vocabulary.ss_assessment, silent=_SILENT),
            *(_criterion(case, system) for system in _CRITERIA),
            _ranked(case["source_access"], vocabulary.source_access),
            _text(kind),
        ),
        values={
            "event": (case["event"],),
            "taken": _values(None if case["co_exposures"] is None else [name for name, _ in case["co_exposures"]]),
            "class": _values(case["drug_classes"]),
            "ss": (ss_words, *([LABELLED] if case["ss_assessment"] in SS_LABELS else [])),
            **{system: (case[f"{system}_strict"],) for system in _CRITERIA},
            "read": (vocabulary.source_access[case["source_access"]],),
            "type": (kind or NOT_STATED,),
        },
    )


def _words(value: Any) -> str | None:
    return value.replace("_", " ") if isinstance(value, str) else None


def _values(entries: Iterable[str] | None) -> tuple[str, ...]:
    """What a list is filtered by: its different entries, or that there were none, or that nothing is said."""
    return (NOT_STATED,) if entries is None else tuple(dict.fromkeys(entries)) or (NONE,)


def _not_stated() -> ListingCell:
    return ListingCell(html=Markup('<em class="not-stated">{}</em>').format(NOT_STATED), sort_key="")


def _text(value: Any) -> ListingCell:
    return ListingCell(html=Markup.escape(value)) if isinstance(value, str) else _not_stated()


def _number(value: Any) -> ListingCell:
    return _not_stated() if pd.isna(value) else ListingCell(html=Markup.escape(str(int(value))))


def _age(case: Case) -> ListingCell:
    """An age that is given in words only is shown, but has no place among the numbers."""
    years, words = _number(case["age_years"]), case["age_text"]
    in_words = years.sort_key == "" and isinstance(words, str)
    return ListingCell(html=Markup.escape(words), sort_key="") if in_words else years


def _publication(case: Case) -> ListingCell:
    """Sorted by the authors; a publication whose authors were not seen has no place in the order."""
    words, address = case["publication"], case["link"]
    html = Link(text=words, href=address).html() if isinstance(address, str) else Markup.escape(words)
    return ListingCell(html=Markup(html), sort_key=None if isinstance(case["authors"], str) else "")


def _link(subject: str, kind: str, pages: Pages) -> Markup:
    found = [page for page in pages[kind].get(KINDS[kind].file_name(subject), ()) if not page.variant]
    return Markup(Link(text=subject, href=found[0].address).html()) if found else Markup.escape(subject)


def _taken(entries: tuple[tuple[str, str], ...] | None, pages: Pages) -> ListingCell:
    if entries is None:
        return _not_stated()
    if not entries:
        return ListingCell(html=Markup.escape(NONE), sort_key=_NONE_FIRST)
    written = [
        _link(name, "substances", pages) + (Markup(" ({})").format(time) if time else Markup())
        for name, time in entries
    ]
    return ListingCell(html=Markup("; ").join(written))


def _ranked(value: str, words: Mapping[str, str], silent: str | None = None) -> ListingCell:
    """Sorted by its place in the codebook; `silent` is the value that says nothing, so it has no place."""
    return ListingCell(html=Markup.escape(words[value]), sort_key="" if value == silent else str([*words].index(value)))


def _criterion(case: Case, system: str) -> ListingCell:
    """Met before not met; what is undetermined has no place in the order."""
    strict, lenient = case[f"{system}_strict"], case.get(f"{system}_lenient")
    html = Markup.escape(strict)
    if lenient not in (None, strict):
        html += Markup(' <span class="beside">(lenient: {})</span>').format(lenient)
    return ListingCell(html=html, sort_key="" if strict == _UNDETERMINED else str(_STATUSES.index(strict)))
