"""Is this a DOI, a PMID or a PMCID? Answered from the text alone, without asking anybody."""

import re
from dataclasses import dataclass
from typing import Literal

from kratom_evidence.faults import UsageError, shorten

Kind = Literal["doi", "pmid", "pmcid"]

# The form that Crossref recommends for current DOIs (https://www.crossref.org/blog/dois-and-matching-regular-expressions/),
# a little wider: no spaces, quotation marks or angle brackets in the suffix.
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]{1,200}")
_PMID = re.compile(r"[1-9][0-9]{0,7}")
_PMCID = re.compile(r"PMC[1-9][0-9]{0,8}")
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_PMID_PREFIX = re.compile(
    r"(?:https?://pubmed\.ncbi\.nlm\.nih\.gov/|https?://www\.ncbi\.nlm\.nih\.gov/pubmed/|pmid:?\s*)", re.IGNORECASE
)
_PMCID_PREFIX = re.compile(
    r"(?:https?://(?:www\.ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov)/articles/|pmcid:?\s*)", re.IGNORECASE
)
# What a sentence leaves behind a copied identifier.
_TRAILING = ".,;:)]}/"
NAMES = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID"}


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """A well-formed identifier in its plain form: 10.1000/xyz, 12925718 or PMC7643221."""

    kind: Kind
    value: str

    def same_as(self, other: str | None) -> bool:
        """Whether `other` names the same thing; a DOI does not tell capitals from small letters."""
        return other is not None and other.casefold() == self.value.casefold()

    def __str__(self) -> str:
        return f"{NAMES[self.kind]} {self.value}"


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a text is, in one sentence. `identifier` is None when it is none of the three."""

    sentence: str
    identifier: Identifier | None = None


def inspect_identifier(text: str) -> Inspection:
    """Say what a text is. A bare number is taken for a PMID; addresses of doi.org, PubMed and PMC are understood."""
    found = _doi(text) or _pmcid(text) or _pmid(text)
    shown = shorten(text.strip())
    if found is not None:
        return Inspection(sentence=f"{shown!r} is a well-formed {NAMES[found.kind]}.", identifier=found)
    if not text.strip():
        return Inspection(sentence="Nothing was given: write a DOI, a PMID or a PMCID.")
    if text.strip().startswith("10."):
        return Inspection(
            sentence=f"{shown!r} begins like a DOI, but a DOI has 4 to 9 digits after the point, a slash and a suffix "
            "without spaces, such as 10.1093/qjmed/hcg109."
        )
    if text.strip().isdigit():
        return Inspection(sentence=f"{shown!r} is no PMID: that has 1 to 8 digits and does not begin with 0.")
    return Inspection(
        sentence=f"{shown!r} is none of these: a DOI (10.1093/qjmed/hcg109), a PMID (12925718), a PMCID (PMC7643221)."
    )


def read_identifier(text: str) -> Identifier:
    """The identifier that a text is.

    Raises:
        UsageError: it is none; the sentence of `inspect_identifier` says why.
    """
    inspection = inspect_identifier(text)
    if inspection.identifier is None:
        raise UsageError(inspection.sentence)
    return inspection.identifier


def plain_doi(text: object) -> str | None:
    """The DOI in a service's answer, or None when the field holds anything else."""
    found = _doi(text) if isinstance(text, str) else None
    return None if found is None else found.value


def plain_pmid(text: object) -> str | None:
    """The PMID in a service's answer, which may be a number there, or None."""
    found = _pmid(str(text)) if isinstance(text, str | int) and not isinstance(text, bool) else None
    return None if found is None else found.value


def plain_pmcid(text: object) -> str | None:
    """The PMCID in a service's answer, or None."""
    found = _pmcid(text) if isinstance(text, str) else None
    return None if found is None else found.value


def _doi(text: str) -> Identifier | None:
    bare = _without(_DOI_PREFIX, text)
    # A DOI may end with a bracket that it has opened itself: 10.1016/S0140-6736(97)11096-0 ends with none to spare.
    bare = bare.rstrip(".,;:]}/")
    while bare.endswith(")") and bare.count(")") > bare.count("("):
        bare = bare[:-1].rstrip(".,;:")
    return Identifier(kind="doi", value=bare) if _DOI.fullmatch(bare) else None


def _pmid(text: str) -> Identifier | None:
    bare = _without(_PMID_PREFIX, text).rstrip(_TRAILING)
    return Identifier(kind="pmid", value=bare) if _PMID.fullmatch(bare) else None


def _pmcid(text: str) -> Identifier | None:
    bare = _without(_PMCID_PREFIX, text).rstrip(_TRAILING).upper()
    return Identifier(kind="pmcid", value=bare) if _PMCID.fullmatch(bare) else None


def _without(prefix: re.Pattern[str], text: str) -> str:
    bare = text.strip()
    match = prefix.match(bare)
    return bare if match is None else bare[match.end() :].strip()
