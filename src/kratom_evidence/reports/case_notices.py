"""Retractions and corrections of the publication of a case, in words."""

from typing import Any

from kratom_evidence.dataset import Dataset
from kratom_evidence.presentation import Link

_NONE_FOUND = "none_found"
_ISSUED_BY_IT = "issued_by_it"


def notices_in_words(dataset: Dataset, citekey: str) -> list[Any]:
    """A paragraph for each notice, or one that says that none was found, or that nobody has looked.

    Never checked is not the same as without a notice.
    """
    rows = dataset.notices[dataset.notices["citekey"] == citekey]
    if rows.empty:
        return ["Retractions and corrections: not checked."]
    table = dataset.codebook.table("notices")
    kinds, services = table.field("kind").labels, table.field("source").labels
    found = rows[rows["kind"] != _NONE_FOUND]
    if found.empty:
        asked = ", ".join(f"{services[row['source']]} on {row['checked_on']}" for row in rows.to_dict("records"))
        return [f"Retractions and corrections: none known to {asked}."]
    return [_notice(row, kinds[row["kind"]], services[row["source"]]) for row in found.to_dict("records")]


def _notice(row: dict[Any, Any], kind: str, service: str) -> list[Any]:
    what = "This publication is itself such a notice" if row["direction"] == _ISSUED_BY_IT else "Notice"
    dated = f", {row['notice_date']}" if isinstance(row["notice_date"], str) else ""
    said = f"{kind}. {what}{dated}, says {service} on {row['checked_on']}"
    if isinstance(row["notice_doi"], str):
        address = f"https://doi.org/{row['notice_doi']}"
    elif isinstance(row["notice_pmid"], str):
        address = f"https://pubmed.ncbi.nlm.nih.gov/{row['notice_pmid']}/"
    else:
        return [f"{said}."]
    return [f"{said}: ", Link(text=address.removeprefix("https://"), href=address), "."]
