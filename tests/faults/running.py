"""A project that can be spoilt, and its commands run in surroundings that can be spoilt too."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.made_notebooks import code, written

# In the short form the search for what would change a verdict, which takes seconds, is left out.
LONG = os.environ.get("KRATOM_EVIDENCE_LONG") == "1"
QUICK = """
from kratom_evidence.reports import site_pages
site_pages.statement_results = lambda *_: []
"""
PARAMETERS = 'claim_id = "C01"\nss_definition = "label_or_suspected"\nserotonergic_grade = "established"'
TEMPLATE = """
from kratom_evidence.presentation import show_heading
show_heading(f"{claim_id} by {ss_definition}", level=1)
"""


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended. A traceback is never fine."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A copy of the data with small templates, so that a report takes no longer than it must."""

    root: Path

    @property
    def out(self) -> Path:
        return self.root / "reports"

    def template(self, source: str = TEMPLATE) -> None:
        """The template of the statements, with this as its last cell."""
        template = self.root / "notebooks" / "reports" / "claim.ipynb"
        written(template, code(PARAMETERS, tags=("parameters",)), code(source))

    def command(self, *arguments: str, patch: str = "") -> list[str]:
        """The command line; `patch` is run in the same process before."""
        quick = QUICK if "report" in arguments and not LONG else ""
        if not patch + quick:
            return [sys.executable, "-m", "kratom_evidence", *arguments]
        program = f"{quick}{patch}\nfrom kratom_evidence.__main__ import start\nstart()"
        return [sys.executable, "-c", program, *arguments]

    def run(
        self,
        *arguments: str,
        patch: str = "",
        without: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> Done:
        """Run a command to its end."""
        surroundings = {name: value for name, value in os.environ.items() if name not in without}
        settings.setdefault("stdout", subprocess.PIPE)
        settings.setdefault("stderr", subprocess.PIPE)
        done = subprocess.run(
            self.command(*arguments, patch=patch),
            cwd=self.root,
            env={**surroundings, **(environment or {})},
            check=False,
            timeout=300,
            **settings,
        )
        return Done(
            status=done.returncode,
            out=(done.stdout or b"").decode("utf-8", "replace"),
            err=(done.stderr or b"").decode("utf-8", "replace"),
        )

    def stopped(self, *arguments: str, after: float, by: signal.Signals) -> Done:
        """Run a command in a group of its own and send the whole group a signal, as a terminal does.

        `after` is counted from when the command has begun: what Python does before that is not the project's.
        """
        started = subprocess.Popen(
            self.command(*arguments),
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        _wait_for_the_command(started)
        time.sleep(after)
        if started.poll() is None:
            os.killpg(started.pid, by)
        out, err = started.communicate(timeout=120)
        return Done(status=started.returncode, out=out.decode(), err=err.decode())


def _wait_for_the_command(started: subprocess.Popen[bytes]) -> None:
    """Until Python has set up its own handler of Ctrl-C and the command has replaced it (Linux; elsewhere not at all).

    That is when the command begins to load.
    """
    wanted = True
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and started.poll() is None:
        catches = _catches_interrupts(started.pid)
        if catches is None or (not wanted and not catches):
            return
        wanted = wanted and not catches
        time.sleep(0.001)


def _catches_interrupts(process: int) -> bool | None:
    """Whether a process handles Ctrl-C itself; None where that cannot be told."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return None
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGINT - 1))


def trial(root: Path, source: Path) -> Trial:
    """A trial below `root` with the data of the project in `source`."""
    shutil.copytree(source / "data", root / "data")
    made = Trial(root=root)
    made.template()
    return made


def processes_below(root: Path) -> list[int]:
    """The living processes whose current folder lies below `root` (Linux; elsewhere none are found)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            where = (entry / "cwd").readlink()
        except OSError:
            continue
        if where.is_relative_to(root):
            found.append(int(entry.name))
    return found
