"""The symptoms that a statement names: in the cases labelled serotonin syndrome, beside published series."""

from collections.abc import Sequence

import pandas as pd

from kratom_evidence.claims.ledger import Claim
from kratom_evidence.claims.wording import percent
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.named_signs import ARTICLE_SEVERE, ARTICLE_SYMPTOMS, NamedSign
from kratom_evidence.evidence.signs import reference_frequencies, sign_frequencies


def symptoms_of(claim: Claim) -> tuple[NamedSign, ...]:
    """The article's symptoms that a test of the statement names, in the article's order."""
    names = {
        name
        for planned in claim.tests
        for parameter in ("signs", "parts")
        for name in getattr(planned.test, parameter, {})
    }
    known = (*ARTICLE_SYMPTOMS, *ARTICLE_SEVERE)
    return tuple(sign for sign in known if any(sign.label.startswith(name) for name in names))


def symptom_table(dataset: Dataset, symptoms: Sequence[NamedSign]) -> pd.DataFrame:
    """One row per symptom, indexed by `sign`.

    Columns: present, absent, not_stated (counts of labelled cases), present_ids, published (what published series
    counted, each with its citation key; missing where none was seen).
    """
    reported = sign_frequencies(dataset, symptoms)[["present", "absent", "not_stated", "present_ids"]]
    shares: dict[str, list[str]] = {}
    for row in reference_frequencies(dataset, symptoms).to_dict("records"):
        total = "" if pd.isna(row["n"]) else f" of {row['n']}"
        shares.setdefault(row["sign"], []).append(f"{percent(row['share'])}{total} ({row['citekey']})")
    published = {sign.label: tuple(shares[sign.label]) if sign.label in shares else None for sign in symptoms}
    return reported.assign(published=pd.Series(published, dtype=object))
