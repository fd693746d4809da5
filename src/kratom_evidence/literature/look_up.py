"""`LookUp`: the services behind one door. The first that knows the publication answers."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from kratom_evidence.literature.cache import AnswerCache, default_cache_folder
from kratom_evidence.literature.citation import Citation
from kratom_evidence.literature.http import Access, Clock, Limits, ServiceError, SystemClock
from kratom_evidence.literature.identifiers import Identifier, read_identifier
from kratom_evidence.literature.services import CONTACT_VARIABLE, CitationService, services

# Crossref has the fullest entry for a DOI, PubMed for its own numbers.
_ORDER = {
    "doi": ("crossref", "europe_pmc", "pubmed"),
    "pmid": ("pubmed", "europe_pmc"),
    "pmcid": ("europe_pmc", "pubmed"),
}


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """Looks publications up in several services. `find` is all that adding a case needs."""

    services: Mapping[str, CitationService]

    def find(self, text: str | Identifier) -> Citation:
        """The publication with that DOI, PMID or PMCID.

        Raises:
            UsageError: the text is no identifier.
            ServiceError: no service knows it, or none could be asked.
        """
        identifier = text if isinstance(text, Identifier) else read_identifier(text)
        asked: list[str] = []
        failures: list[str] = []
        for name in _ORDER[identifier.kind]:
            if name not in self.services:
                continue
            try:
                citation = self.services[name].find(identifier)
            except ServiceError as error:
                failures.append(str(error))
                continue
            if citation is not None:
                return citation
            asked.append(name)
        if failures:
            known = f" Not known to {', '.join(asked)}." if asked else ""
            raise ServiceError("\n".join([f"{identifier} could not be looked up.{known}", *failures]))
        raise ServiceError(
            f"{identifier} is well-formed, but {', '.join(asked)} know no such publication. Check it in the paper, or "
            "enter the citation by hand."
        )


def access_from_environment(
    *, contact: str | None = None, offline: bool = False, clock: Clock | None = None, limits: Limits | None = None
) -> Access:
    """How the services are reached by default: the user's cache, and the contact address of the environment."""
    return Access(
        contact=contact or os.environ.get(CONTACT_VARIABLE) or None,
        cache=AnswerCache(folder=default_cache_folder()),
        offline=offline,
        limits=limits or Limits(),
        clock=clock or SystemClock(),
    )


def look_up(*, contact: str | None = None, offline: bool = False) -> LookUp:
    """The look-up that the commands use."""
    return LookUp(services=services(access_from_environment(contact=contact, offline=offline)))
