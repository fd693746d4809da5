"""How complete the reporting is: which publication states which field at all.

A field that is not stated may be unreported, or may stand in a part of the publication that was not read, or may not
apply to the patient: the data cannot tell these apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kratom_evidence.computed_once import computed_by_case
from kratom_evidence.dataset import REPORTED, Dataset, ReportingState, reporting_states


@dataclass(frozen=True, kw_only=True)
class CompletenessGrid:
    """What each case states.

    Attributes:
        states: case x field: `reported`, `none` (the publication says there were none) or `not_stated`. Cases from
            the most to the least complete, fields by group.
        groups: heading in the codebook -> its fields, both in the order of the columns of `states`.
        titles: field -> its title.
    """

    states: pd.DataFrame
    groups: Mapping[str, Sequence[str]]
    titles: Mapping[str, str]

    @property
    def said(self) -> pd.DataFrame:
        """Case x field: whether the publication says anything, be it that there were none."""
        return self.states.isin([state.value for state in REPORTED])


@computed_by_case
def _stated_fields(dataset: Dataset) -> pd.DataFrame:
    """Case x field; see `reporting_states`."""
    return reporting_states(dataset.cases, dataset.codebook)


def completeness_grid(dataset: Dataset) -> CompletenessGrid:
    """The grid of all cases and of all fields that describe the patient (see `reporting_states`)."""
    table = dataset.codebook.table("case_reports")
    states = _stated_fields(dataset)
    groups: dict[str, list[str]] = {}
    for name in states.columns:
        groups.setdefault(table.field(name).group or "Other", []).append(name)
    fields = [name for names in groups.values() for name in names]
    said = states.isin([state.value for state in REPORTED]).sum(axis=1)
    order = sorted(states.index, key=lambda case_id: (-said[case_id], case_id))
    return CompletenessGrid(
        states=states.loc[order, fields], groups=groups, titles={name: table.field(name).title for name in fields}
    )


def field_completeness(grid: CompletenessGrid) -> pd.DataFrame:
    """One row per field, in the order of the grid.

    Index `field` (title). Columns: group, reported, none, not_stated, said (reported or none), cases, share (said of
    all cases).
    """
    counts = {state.value: (grid.states == state.value).sum() for state in ReportingState}
    group_of = {name: group for group, names in grid.groups.items() for name in names}
    names = list(grid.states.columns)
    said = grid.said.sum()
    frame = pd.DataFrame(
        {"group": pd.Series(group_of, dtype="str"), **counts, "said": said, "cases": len(grid.states)}, index=names
    )
    frame["share"] = frame["said"] / frame["cases"]
    return frame.set_axis(pd.Index([grid.titles[name] for name in names], name="field"))


def case_completeness(grid: CompletenessGrid) -> pd.DataFrame:
    """One row per case, in the order of the grid, with the fields behind each cell of the grid in words.

    Index `case_id`. Columns: number (place in the grid, from 1), said, fields (how many there are), reported, none
    (titles of the fields in that state). A field in neither list is not stated.
    """
    states = grid.states
    return pd.DataFrame(
        {
            "number": range(1, len(states) + 1),
            "said": grid.said.sum(axis=1),
            "fields": states.shape[1],
            **{state.value: _titles_in(grid, state) for state in REPORTED},
        },
        index=states.index,
    )


def _titles_in(grid: CompletenessGrid, state: ReportingState) -> pd.Series:
    chosen = (grid.states == state.value).to_numpy()
    titles = [grid.titles[name] for name in grid.states.columns]
    entries = [tuple(title for title, here in zip(titles, row, strict=True) if here) for row in chosen]
    return pd.Series(entries, index=grid.states.index, dtype=object)
