"""In which order candidates are best screened: points for words that a case report of harm after kratom would have.

The points order the work and decide nothing: every candidate waits for a person. Only the title and the service's
types of publication are looked at, since not every service gives an abstract.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kratom_evidence.literature import Citation
from kratom_evidence.literature.citation import comparable_title


@dataclass(frozen=True, kw_only=True)
class RankingRule:
    """Points for a record whose title (or type of publication) has one of these words."""

    points: int
    reason: str
    pattern: re.Pattern[str]
    of_type: bool = False


def _words(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})")


RANKING = (
    RankingRule(
        points=3,
        reason="kratom in the title",
        pattern=_words("kratom", "mitragyn", "ketum", "7 hydroxymitragynine", "krypton"),
    ),
    RankingRule(
        points=3,
        reason="case report in the title",
        pattern=_words("case report", "case series", "cases? of", "case study", "a case", "letter to the editor"),
    ),
    RankingRule(points=3, reason="indexed as case report", pattern=_words("case report"), of_type=True),
    RankingRule(
        points=4, reason="serotonin syndrome in the title", pattern=_words("serotonin", "serotonergic")
    ),
    RankingRule(
        points=2,
        reason="harm in the title",
        pattern=_words(
            "toxic", "poison", "intoxicat", "overdos", "death", "fatal", "seizure", "injury", "hepat", "cholestas",
            "arrest", "withdrawal", "dependence", "psychosis", "syndrome", "arrhythm", "coma", "rhabdomyolysis",
            "adverse", "induced", "associated",
        ),
    ),
    RankingRule(
        points=1,
        reason="another substance in the title",
        pattern=_words("interaction", "combin", "concomitant", "co ingest", "coingest", "polysubstance", "antidepress"),
    ),
    RankingRule(
        points=-3,
        reason="laboratory or animal work in the title",
        pattern=_words(
            "in vitro", "in silico", "mice", "mouse", "rats?\\b", "zebrafish", "chromatograph", "synthesis",
            "pharmacokinetic",
        ),
    ),
    RankingRule(
        points=-2,
        reason="survey or review in the title",
        pattern=_words("survey", "systematic review", "scoping review", "prevalence", "policy", "narrative review"),
    ),
    RankingRule(points=-2, reason="indexed as review", pattern=_words("review", "systematic review"), of_type=True),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rank:
    """The points of a record and what they were given for, in the order of the rules."""

    score: int
    reasons: tuple[str, ...]


def rank(title: str | None, publication_types: Iterable[str] = ()) -> Rank:
    """The rank of a record."""
    heading = comparable_title(title or "")
    types = [comparable_title(words) for words in publication_types]
    met = [
        rule
        for rule in RANKING
        if (any(rule.pattern.match(words) for words in types) if rule.of_type else rule.pattern.search(heading))
    ]
    return Rank(
        score=sum(rule.points for rule in met),
        reasons=tuple(f"{rule.reason} ({rule.points:+d})" for rule in met),
    )


def rank_of(citations: Iterable[Citation]) -> Rank:
    """The rank of one publication as several services describe it."""
    described = list(citations)
    types = [words for citation in described for words in citation.publication_types]
    title = next((citation.title for citation in described if citation.title), None)
    return rank(title, types)
