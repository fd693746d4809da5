"""Pages printed to PDF by a headless Chromium, as somebody would who presses Print: the pages' print styles apply.

The time of printing is taken out, so that the same page and browser give the same bytes.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from kratom_evidence.faults import ExplainedError

BROWSER_VARIABLE = "KRATOM_EVIDENCE_BROWSER"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
TIME_OUT_SECONDS = 120.0
# As many digits as are there, since the table of a PDF counts bytes.
_TIME = re.compile(rb"(/(?:Creation|Mod)Date \(D:)[0-9]{14}")
_FIXED_TIME = rb"\g<1>19800101000000"


def find_browser() -> Path:
    """The browser named by KRATOM_EVIDENCE_BROWSER, or the first of `BROWSERS` on the path.

    Raises:
        ExplainedError: there is none.
    """
    named = os.environ.get(BROWSER_VARIABLE)
    for name in (named,) if named else BROWSERS:
        found = shutil.which(name)
        if found:
            return Path(found)
    if named:
        raise ExplainedError(f"{BROWSER_VARIABLE} names {named}, which is no program. Name Chromium, Chrome or Edge.")
    raise ExplainedError(
        f"No browser was found to print with (looked for: {', '.join(BROWSERS)}). Install Chromium, Chrome or Edge, or "
        f"set {BROWSER_VARIABLE} to the path of one. Any browser can print a page by hand, too."
    )


def pdf_bytes(page: Path, browser: Path, *, time_out: float = TIME_OUT_SECONDS) -> bytes:
    """The page as a tagged PDF without the browser's own headers and footers.

    Raises:
        ExplainedError: the page is missing, or the browser fails or does not end in time (seconds).
    """
    if not page.is_file():
        raise ExplainedError(f"{page} does not exist. Render it first: kratom-evidence report all")
    # A profile of its own, so that a browser that is open does not take over the work and write nothing.
    with tempfile.TemporaryDirectory(prefix="kratom-evidence-") as folder:
        target = Path(folder) / "page.pdf"
        command = [str(browser), *_options(Path(folder) / "profile", target), page.resolve().as_uri()]
        try:
            ended = subprocess.run(command, capture_output=True, timeout=time_out, check=False)
        except subprocess.TimeoutExpired:
            raise ExplainedError(f"{page}: {browser.name} did not end within {time_out:g} seconds.") from None
        except OSError as error:
            raise ExplainedError(f"{browser} cannot be started: {error.strerror}.") from None
        if not target.is_file() or not target.stat().st_size:
            said = ended.stderr.decode(errors="replace").strip().splitlines()
            last = said[-1] if said else "it said nothing"
            raise ExplainedError(f"{page}: {browser.name} made no PDF (status {ended.returncode}): {last}")
        return _TIME.sub(_FIXED_TIME, target.read_bytes())


def _options(profile: Path, target: Path) -> list[str]:
    options = [
        "--headless",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        f"--user-data-dir={profile}",
        "--no-pdf-header-footer",
        "--export-tagged-pdf",
        "--generate-pdf-document-outline",
        f"--print-to-pdf={target}",
    ]
    # Chromium refuses to sandbox for root, as in a container; for everybody else the sandbox stays.
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*options, "--no-sandbox"] if as_root else options
