"""The pages that can be linked to, by subject."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from kratom_evidence.reports.jobs import VARIANT_MARK
from kratom_evidence.reports.kinds import ReportKind


@dataclass(frozen=True, kw_only=True)
class FoundPage:
    """A page of one subject. `variant` tells the changed parameters, "" for the page with the defaults."""

    address: str
    variant: str


def found_pages(addresses: Iterable[str], kind: ReportKind) -> Mapping[str, tuple[FoundPage, ...]]:
    """Name of the subject in file names -> its pages, default first; addresses of other kinds are passed over."""
    pages: dict[str, list[FoundPage]] = {}
    for address in sorted(addresses):
        path = PurePosixPath(address)
        if path.parent.as_posix() != kind.folder:
            continue
        subject, _, variant = path.stem.partition(VARIANT_MARK)
        page = FoundPage(address=address, variant=variant.replace(VARIANT_MARK, ", "))
        pages.setdefault(subject, []).append(page)
    return {subject: tuple(sorted(found, key=lambda page: page.variant)) for subject, found in pages.items()}
