"""What holds for every report: the limits of case reports, with the counts behind them."""

import pandas as pd

from kratom_evidence.claims.wording import counted

SELECTION = (
    "Case reports are chosen for publication: they are the severe and the unusual. They show that something was seen, "
    "not how often it happens, and no incidence can be computed from them."
)
SILENCE = "Not stated is not absent. A sign, a drug or a test that is not mentioned may have been there"
FOUND = "A count of what was found and read is not a count of what exists."


def general_limits(cases: pd.DataFrame) -> tuple[str, ...]:
    """The limits that every report states, for the cases that it is about (column `source_access`)."""
    in_full = int((cases["source_access"] == "full_text").sum())
    read = f"of {counted(len(cases), 'case')} the full text was read for {in_full if in_full else 'none'}"
    return SELECTION, f"{SILENCE}: {read}.", FOUND
