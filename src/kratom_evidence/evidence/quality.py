"""How good the reports are: the items of Murad 2018 per case and counted, and completeness by year of publication."""

import pandas as pd

from kratom_evidence.appraisal import MURAD_ITEMS, completeness_by_year, murad_items
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_set import YEAR_NOT_SEEN, publication_years
from kratom_evidence.evidence.tally import tally


def murad_grid(dataset: Dataset) -> pd.DataFrame:
    """Case x item of `MURAD_ITEMS`, int8: 1 yes, -1 no, 0 not stated; the cases with the most yes first."""
    items = murad_items(dataset)
    yes, no = (items == Truth.YES).sum(axis=1), (items == Truth.NO).sum(axis=1)
    return items.loc[sorted(items.index, key=lambda case_id: (-yes[case_id], no[case_id], case_id))]


def murad_counts(dataset: Dataset) -> pd.DataFrame:
    """One row per item.

    Index `item` (its words). Columns: yes, no, not_stated (cases), says ("3 of 9 that say; 31 silent"), yes_ids and
    no_ids.
    """
    items = murad_items(dataset)
    rows = []
    for name, words in MURAD_ITEMS.items():
        counted = tally(items[name].to_numpy(dtype="int8"))
        rows.append(
            {
                "item": words,
                "yes": counted.yes,
                "no": counted.no,
                "not_stated": counted.unknown,
                "says": str(counted),
                "yes_ids": tuple(items.index[items[name] == Truth.YES]),
                "no_ids": tuple(items.index[items[name] == Truth.NO]),
            }
        )
    return pd.DataFrame(rows).set_index("item")


def completeness_years(dataset: Dataset) -> pd.DataFrame:
    """One row per year with a publication, in order, the cases whose year was not seen last.

    Index `year` (text). Columns: cases, share (reported fields of all fields, over the cases of the year), lowest and
    highest (share of a single case), case_ids.
    """
    table = completeness_by_year(dataset)
    labels = table["year"].astype("str").where(table["year"].notna(), YEAR_NOT_SEEN)
    years = publication_years(dataset)
    of_case = years.astype("str").where(years.notna(), YEAR_NOT_SEEN)
    ids = of_case.index.to_series().groupby(of_case.to_numpy()).agg(tuple)
    shares = table[["cases", "share", "lowest", "highest"]]
    return shares.assign(case_ids=[ids[label] for label in labels]).set_axis(pd.Index(labels, name="year"))
