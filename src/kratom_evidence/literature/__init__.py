"""Looking publications up: Crossref, PubMed and Europe PMC behind one small interface.

Everything that comes back over the network is taken for what a stranger wrote: it is checked, limited in size and
cleaned before it is used, and every failure is an explained one. What was asked once is answered from the cache.
"""

from kratom_evidence.literature.citation import Author, Citation, title_agrees
from kratom_evidence.literature.identifiers import Identifier, Inspection, inspect_identifier, read_identifier
from kratom_evidence.literature.look_up import LookUp, look_up
from kratom_evidence.literature.notices import CHECKED_WITHOUT_NOTICE, NOTICE_KINDS, Notice
from kratom_evidence.literature.search_result import SearchResult
from kratom_evidence.literature.services import SERVICE_NAMES, CitationService, services

__all__ = [
    "CHECKED_WITHOUT_NOTICE",
    "NOTICE_KINDS",
    "SERVICE_NAMES",
    "Author",
    "Citation",
    "CitationService",
    "Identifier",
    "Inspection",
    "LookUp",
    "Notice",
    "SearchResult",
    "inspect_identifier",
    "look_up",
    "read_identifier",
    "services",
    "title_agrees",
]
