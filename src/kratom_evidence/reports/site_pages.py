"""The pages and files over all reports: index, ledger, browse and screening page, and the verdicts for programs."""

from collections.abc import Collection, Mapping
from pathlib import Path

from kratom_evidence.claims.records import statement_results
from kratom_evidence.claims.records_schema import SCHEMA_FILE
from kratom_evidence.files import write_atomically
from kratom_evidence.reports.browse_page import BROWSE_PAGE, write_browse
from kratom_evidence.reports.data_read import Evidence
from kratom_evidence.reports.found_pages import FoundPage, found_pages
from kratom_evidence.reports.index import index_html
from kratom_evidence.reports.index_sheets import sheet_sections
from kratom_evidence.reports.inputs import file_hash
from kratom_evidence.reports.kinds import KINDS
from kratom_evidence.reports.ledger_page import LEDGER, LEDGER_PAGE, VERDICTS_FILE, write_ledger
from kratom_evidence.reports.page import Provenance
from kratom_evidence.reports.screening_page import SCREENING_PAGE, write_screening
from kratom_evidence.reports.summary import INDEX_PAGE, PageOutcome, PageState

SITE_FILES = (INDEX_PAGE, LEDGER_PAGE, BROWSE_PAGE, SCREENING_PAGE, VERDICTS_FILE, SCHEMA_FILE)
SITE_COMMAND = "kratom-evidence report"
_CLAIMS = "claims"


def write_site_pages(
    out: Path, evidence: Evidence, data: Path, addresses: Collection[str], provenance: Provenance
) -> tuple[PageOutcome, ...]:
    """Write them all. `addresses` are the pages of reports that lie there and are current: only these are linked to.

    `data` is the folder that the evidence was read from.

    Raises:
        ExplainedError: the saved search has faults, or a file cannot be written.
    """
    before = {name: file_hash(out / name) for name in SITE_FILES}
    dataset, judgements = evidence.dataset, evidence.judgements
    pages = {name: found_pages(addresses, kind) for name, kind in KINDS.items()}
    write_ledger(out, dataset, statement_results(dataset, judgements), pages[_CLAIMS], provenance)
    write_browse(out, dataset, provenance, addresses=addresses)
    write_screening(out, dataset, data, provenance)
    statements = {**pages[_CLAIMS], LEDGER: (FoundPage(address=LEDGER_PAGE, variant=""),)}
    sheets = sheet_sections(dataset, pages)
    write_atomically(out / INDEX_PAGE, index_html(dataset, judgements, statements, provenance, sheets))
    return tuple(_outcome(out, name, before) for name in SITE_FILES)


def _outcome(out: Path, name: str, before: Mapping[str, str | None]) -> PageOutcome:
    same = file_hash(out / name) == before[name]
    return PageOutcome(page=name, state=PageState.UNCHANGED if same else PageState.MADE)
