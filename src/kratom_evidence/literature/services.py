"""What every service can do, and how the three of them are made."""

import os
from collections.abc import Mapping
from datetime import date
from typing import Protocol

from kratom_evidence.literature.citation import Citation
from kratom_evidence.literature.crossref import Crossref
from kratom_evidence.literature.europe_pmc import EuropePmc
from kratom_evidence.literature.http import Access, ServiceClient
from kratom_evidence.literature.identifiers import Identifier
from kratom_evidence.literature.notices import Notice
from kratom_evidence.literature.pubmed import PubMed
from kratom_evidence.literature.search_result import SearchResult

SERVICE_NAMES: Mapping[str, str] = {"crossref": "Crossref", "europe_pmc": "Europe PMC", "pubmed": "PubMed"}
CONTACT_VARIABLE = "KRATOM_EVIDENCE_CONTACT"
# Another address for a service: a mirror, or the server of the tests.
_ADDRESSES = {
    "crossref": ("KRATOM_EVIDENCE_CROSSREF", "https://api.crossref.org"),
    "europe_pmc": ("KRATOM_EVIDENCE_EUROPE_PMC", "https://www.ebi.ac.uk/europepmc/webservices/rest"),
    "pubmed": ("KRATOM_EVIDENCE_PUBMED", "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"),
}


class CitationService(Protocol):
    """A service that knows publications. All methods raise ServiceError when it cannot be asked or understood."""

    name: str

    def find(self, identifier: Identifier) -> Citation | None:
        """The publication with that identifier, or None when the service has no such record."""

    def search(self, query: str, *, since: date | None, most: int) -> SearchResult:
        """Everything that the query finds among the records added on or after `since`.

        It is an error when there are more than `most`: a part would look like the whole.
        """

    def notices(self, identifier: Identifier) -> tuple[Notice, ...] | None:
        """Notices about the publication, or a `none_found`; None when the service has no such record."""


def services(access: Access) -> dict[str, CitationService]:
    """The three services, in the order in which they are asked for a DOI."""
    made: dict[str, CitationService] = {}
    for name, service in (("crossref", Crossref), ("europe_pmc", EuropePmc), ("pubmed", PubMed)):
        variable, address = _ADDRESSES[name]
        client = ServiceClient(SERVICE_NAMES[name], os.environ.get(variable) or address, access)
        made[name] = service(client, contact=access.contact)
    return made
