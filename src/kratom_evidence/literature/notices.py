"""Retractions, corrections and the like of a publication, in the words of one vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Direction = Literal["about_it", "issued_by_it", "not_applicable"]

CHECKED_WITHOUT_NOTICE = "none_found"
NOTICE_KINDS: Mapping[str, str] = {
    "retraction": "Retracted",
    "partial_retraction": "Retracted in part",
    "withdrawal": "Withdrawn or removed",
    "expression_of_concern": "Expression of concern",
    "correction": "Corrected",
    "reinstatement": "Reinstated",
    "other_update": "Updated in another way",
    CHECKED_WITHOUT_NOTICE: "No notice found",
}
# Types of Crossref's update metadata (Crossmark and Retraction Watch), with the words that PubMed and Europe PMC use.
_KINDS = {
    "retraction": "retraction",
    "retracted publication": "retraction",
    "retracted and republished": "retraction",
    "partial retraction": "partial_retraction",
    "withdrawal": "withdrawal",
    "withdrawn publication": "withdrawal",
    "removal": "withdrawal",
    "expression of concern": "expression_of_concern",
    "concern": "expression_of_concern",
    "correction": "correction",
    "corrected and republished": "correction",
    "corrigendum": "correction",
    "erratum": "correction",
    "err": "correction",
    "reinstatement": "reinstatement",
    "addendum": "other_update",
    "clarification": "other_update",
    "new version": "other_update",
    "new edition": "other_update",
    "update": "other_update",
}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What one service says about one publication.

    `kind` is a key of NOTICE_KINDS; `none_found` means that the service knows the publication and no notice about it.
    `direction` is `about_it` for a notice about the publication, and `issued_by_it` where the publication itself is
    such a notice. `date` is as exact as the service gives it (2019, 2019-07, 2019-07-26).
    """

    kind: str
    service: str
    checked_on: date
    direction: Direction = "about_it"
    notice_doi: str | None = None
    notice_pmid: str | None = None
    date: str | None = None


def notice_kind(words: str | None) -> str | None:
    """The kind behind a service's words, or None for what is no notice at all (a comment, a preprint, a reply)."""
    if words is None:
        return None
    return _KINDS.get(" ".join(words.casefold().replace("_", " ").replace("-", " ").split()))


def kind_and_direction(words: str | None) -> tuple[str, Direction] | None:
    """PubMed's relations: "Retraction in" points to a notice about it, "Retraction of" to what it is a notice about."""
    head, _, last = (words or "").strip().rpartition(" ")
    for ending, direction in (("in", "about_it"), ("of", "issued_by_it"), ("from", "issued_by_it")):
        if last.casefold() == ending:
            kind = notice_kind(head)
            return None if kind is None else (kind, direction)  # type: ignore[return-value]
    return None


def or_none_found(notices: tuple[Notice, ...], service: str, checked_on: date) -> tuple[Notice, ...]:
    """The notices, each once; or the statement that the service was asked and knows of none."""
    once = tuple(dict.fromkeys(notices))
    nothing = Notice(kind=CHECKED_WITHOUT_NOTICE, service=service, checked_on=checked_on, direction="not_applicable")
    return once or (nothing,)
