"""What the published rules make of one patient: signs and criteria, other explanations, causality, quality."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from kratom_evidence.appraisal.causality.naranjo import ITEMS
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence import case_sheet, case_signs
from kratom_evidence.presentation import (
    ReportFigure,
    ReportTable,
    ReportText,
    show_figure,
    show_list,
    show_table,
    show_text,
)

SIGN_HEADINGS = {
    "strict": "Strict reading",
    "lenient": "Lenient reading",
    "read_from": "Read from the findings",
}
CEILING_WORDS: Mapping[int, str] = {
    1: 'applies: an established serotonergic co-exposure was on board, so not above "possible"',
    -1: "does not apply: no established serotonergic co-exposure is among those stated",
    0: 'applies: a serotonergic co-exposure is not ruled out, so not above "possible"',
}
REPORTED_CAUSALITY: Mapping[str, str] = {
    "author_causality": "Causality by the authors",
    "naranjo_score_reported": "Naranjo score printed by the authors",
    "rucam_score_reported": "RUCAM score printed by the authors (not recomputed)",
}


@dataclass(frozen=True, kw_only=True)
class CaseJudged:
    """The judgements on one patient; `case` is the dataset of this case only."""

    case: Dataset

    @cached_property
    def sign_rows(self) -> pd.DataFrame:
        """The table of `case_signs.sign_table`."""
        return case_signs.sign_table(self.case)

    def signs_figure(self) -> ReportFigure:
        """The signs by set of criteria as a grid."""
        from kratom_evidence.evidence.figures.case_sheet import signs_alt, signs_drawing

        return show_figure(
            signs_drawing(self.sign_rows),
            alt=signs_alt(self.sign_rows),
            caption="Signs that the three sets of criteria ask for. White: not stated, neither present nor absent",
        )

    def signs(self) -> ReportTable:
        """The signs by set of criteria as a table."""
        return show_table(
            self.sign_rows.drop(columns="system"),
            caption="Signs by set of criteria: present, absent or not stated",
            headings=SIGN_HEADINGS,
            row_header="sign",
        )

    @cached_property
    def criteria_rows(self) -> pd.DataFrame:
        """The table of `case_signs.criteria_table`."""
        return case_signs.criteria_table(self.case)

    def criteria(self) -> ReportTable:
        """The answer of each set of criteria with the arms that decided."""
        return show_table(
            self.criteria_rows.drop(columns="would_settle"),
            caption="Criteria for serotonin toxicity, from the signs alone",
            headings={"signs_attainable": "Present or not stated"},
            row_header="criteria",
        )

    def would_settle(self) -> ReportText:
        """The smallest sets of signs that would settle what is undetermined."""
        open_rows = self.criteria_rows[self.criteria_rows["would_settle"].notna()].to_dict("records")
        if not open_rows:
            return show_text("Every set of criteria is settled by the signs that are stated.")
        return show_list(*(f"{row['criteria']} ({row['reading']}) – {row['would_settle']}." for row in open_rows))

    @cached_property
    def causality(self) -> Mapping[str, Any]:
        """The case's row of the causality table."""
        return case_sheet.causality_row(self.case)

    def causality_summary(self) -> ReportTable:
        """The computed categories next to what the authors wrote."""
        said = [case_sheet.value_in_words(self.case, name) for name in REPORTED_CAUSALITY]
        rows = [
            ("Naranjo for kratom (computed)", self.naranjo_in_words()),
            ("WHO-UMC for kratom (computed)", self.causality["who_umc"]),
            ("Ceiling set in advance", CEILING_WORDS[int(self.causality["ceiling"])]),
            *zip(REPORTED_CAUSALITY.values(), said, strict=True),
        ]
        table = pd.DataFrame(rows, columns=["measure", "result"], dtype=object)
        return show_table(table, caption="Causality, computed and reported", row_header="measure")

    def naranjo(self) -> ReportTable:
        """The ten items with where each answer comes from."""
        return show_table(
            case_sheet.naranjo_rows(self.case),
            caption=f"Naranjo scale for kratom, item by item: {self.naranjo_in_words()}",
            headings={"provenance": "Where it comes from"},
            row_header="question",
        )

    def naranjo_in_words(self) -> str:
        """The total with its band, the range that is attainable, and how many items were answered."""
        row = self.causality
        return (
            f"{row['naranjo_total']} ({row['naranjo_band']}; {row['naranjo_lowest']} to {row['naranjo_highest']} "
            f"attainable, {row['naranjo_answered']} of {len(ITEMS)} items answered)"
        )

    def interaction(self) -> ReportTable:
        """DIPS for each pair that it can be scored for."""
        claimed = self.case.cases["author_causality"].iloc[0] == "interaction"
        return show_table(
            case_sheet.dips_rows(self.case),
            caption="Drug Interaction Probability Scale (DIPS), one row a pair",
            headings={"lowest": "Lowest attainable", "highest": "Highest attainable", "band_note": "On the bands"},
            row_header="precipitant",
            empty="The authors claim an interaction, but no enzyme route is recorded, so DIPS has nothing to score."
            if claimed
            else "The authors do not claim an interaction in what was read, so DIPS is not scored.",
        )

    @cached_property
    def explanation_rows(self) -> pd.DataFrame:
        """The table of `case_sheet.explanations`."""
        return case_sheet.explanations(self.case)

    def explanations(self) -> ReportTable:
        """Explanations besides kratom, with the field that each answer comes from."""
        return show_table(
            self.explanation_rows,
            caption="Other explanations. Present means that the circumstance was there, not that it suffices",
            headings={"from_fields": "From the fields"},
            row_header="explanation",
        )

    def quality(self) -> ReportTable:
        """The items of Murad 2018."""
        return show_table(
            case_sheet.quality_rows(self.case),
            caption="Quality of the report (items of Murad 2018 that the data can answer; there is no summary score)",
            row_header="item",
        )
