"""What PubMed and Europe PMC have in common, since both hold the records of MEDLINE."""

from collections.abc import Iterable, Mapping
from datetime import date

from kratom_evidence.literature.http import ServiceError
from kratom_evidence.literature.identifiers import Identifier
from kratom_evidence.literature.notices import Notice, kind_and_direction, notice_kind, or_none_found

LANGUAGES: Mapping[str, str] = {
    "eng": "en",
    "ger": "de",
    "fre": "fr",
    "spa": "es",
    "cze": "cs",
    "jpn": "ja",
    "tha": "th",
    "may": "ms",
}


def notices_of(
    relations: Iterable[tuple[str | None, str | None]], types: Iterable[str], service: str, checked_on: date
) -> tuple[Notice, ...]:
    """The notices of a record, or a `none_found`.

    Args:
        relations: each in the service's words ("Retraction in") with the PMID of the other record.
        types: the record's own types; "Retracted Publication" is a notice too where no relation says so.
        service: the service that was asked.
        checked_on: the day.
    """
    notices = []
    for words, pmid in relations:
        relation = kind_and_direction(words)
        if relation is not None:
            kind, direction = relation
            notices.append(
                Notice(kind=kind, service=service, checked_on=checked_on, direction=direction, notice_pmid=pmid)
            )
    kinds = {notice.kind for notice in notices if notice.direction == "about_it"}
    for words in types:
        typed = notice_kind(words) if words.casefold().endswith("publication") else None
        if typed is not None and typed not in kinds:
            notices.append(Notice(kind=typed, service=service, checked_on=checked_on))
    return or_none_found(tuple(notices), service, checked_on)


def another_publication(name: str, identifier: Identifier) -> ServiceError:
    """The error of an answer that is about another publication than the one that was asked for."""
    return ServiceError(
        f"{name} was asked for {identifier} but answered about another publication. "
        "Check the identifier, or enter the citation by hand."
    )
