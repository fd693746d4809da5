"""The pages that lie in a folder of reports and were made from the present data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kratom_evidence.reports.jobs import VARIANT_MARK
from kratom_evidence.reports.kinds import ReportKind
from kratom_evidence.reports.page import DATA_META

_FINGERPRINT = re.compile(rf'<meta name="{DATA_META}" content="([0-9a-f]+)">')
# The mark stands in the head, before the style.
_READ_CHARACTERS = 4000


@dataclass(frozen=True, kw_only=True)
class FoundPage:
    """A page of one subject. `variant` tells the changed parameters, "" for the page with the defaults."""

    address: str
    variant: str


def found_pages(out: Path, kind: ReportKind, fingerprint: str) -> Mapping[str, tuple[FoundPage, ...]]:
    """Subject -> its pages, default first. Pages made from other data are left out: their numbers may differ."""
    pages: dict[str, list[FoundPage]] = {}
    for path in sorted((out / kind.folder).glob("*.html")):
        if _fingerprint(path) != fingerprint:
            continue
        subject, _, variant = path.stem.partition(VARIANT_MARK)
        page = FoundPage(address=f"{kind.folder}/{path.name}", variant=variant.replace(VARIANT_MARK, ", "))
        pages.setdefault(subject, []).append(page)
    return {subject: tuple(sorted(found, key=lambda page: page.variant)) for subject, found in pages.items()}


def _fingerprint(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            head = stream.read(_READ_CHARACTERS)
    except OSError:
        return None
    match = _FINGERPRINT.search(head)
    return match[1] if match else None
