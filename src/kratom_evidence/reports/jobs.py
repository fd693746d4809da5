"""What is to be rendered: one job a page, with a file name and a command that tell everything that differs."""

import hashlib
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kratom_evidence.reports.cross_links import NO_LINKS, SiteLinks
from kratom_evidence.reports.kinds import ReportKind
from kratom_evidence.reports.page import Provenance
from kratom_evidence.reports.parameters import Parameter, ParameterValue

FAILED_FOLDER = "failed"
# Separates the subject from each changed parameter in a file name, as in C13--ss_definition=hunter.html.
VARIANT_MARK = "--"
_UNSAFE = re.compile(r"[^A-Za-z0-9_.+-]+")
_LONGEST_VALUE = 60


@dataclass(frozen=True, kw_only=True)
class ReportJob:
    """One page to render.

    `page` is the file name below the folder `out`, such as claims/C13.html. `parameters` holds all that the notebook
    is given; `root` is the project whose data it reads. `links` are the pages that it may link to. `cell_timeout` is
    in seconds.
    """

    notebook: Path
    parameters: Mapping[str, ParameterValue]
    out: Path
    page: str
    title: str
    root: Path
    provenance: Provenance
    links: SiteLinks = NO_LINKS
    cell_timeout: int = 600

    @property
    def output(self) -> Path:
        return self.out / self.page

    @property
    def failed_notebook(self) -> Path:
        """Where the notebook is kept when it fails, as far as it got."""
        return (self.out / FAILED_FOLDER / self.page).with_suffix(".ipynb")


def changed_parameters(
    given: Mapping[str, ParameterValue], declared: Mapping[str, Parameter]
) -> dict[str, ParameterValue]:
    """The given parameters that differ from their defaults."""
    return {name: value for name, value in given.items() if value != declared[name].default}


def page_name(kind: ReportKind, subject: str, changed: Mapping[str, ParameterValue]) -> str:
    """The file of a page below the folder of reports: `claims/C13.html`, `claims/C13--ss_definition=hunter.html`."""
    parts = [
        _file_part(kind.file_name(subject)),
        *(f"{_file_part(name)}={_file_part(str(value))}" for name, value in changed.items()),
    ]
    return f"{kind.folder}/{VARIANT_MARK.join(parts)}.html"


def _file_part(text: str) -> str:
    """The text as part of a file name. Where it had to be changed, a hash keeps two different texts apart."""
    safe = _UNSAFE.sub("_", text)[:_LONGEST_VALUE].replace(VARIANT_MARK, "_").lstrip(".")
    if safe == text and safe:
        return safe
    return f"{safe}_{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def page_command(kind: ReportKind, subject: str, changed: Mapping[str, ParameterValue]) -> str:
    """The command that makes the page again, ready for a shell."""
    words = ["kratom-evidence", "report", kind.name, kind.option, subject]
    for name, value in changed.items():
        words += ["-p", f"{name}={value}"]
    return shlex.join(words)
