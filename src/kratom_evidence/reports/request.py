"""What the user asks for. Nothing is imported that takes time, so that a run with nothing to do ends at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kratom_evidence.reports.engines import WARM

# The names of `kinds.KINDS`, in its order.
KIND_NAMES = ("claims", "cases", "substances", "classes")
ALL_KINDS = "all"


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What the user asked for.

    `kind` names a kind of reports or all of them, `subjects` selects by kind (a kind that is left out: all of it),
    `assignments` are NAME=VALUE texts, `out` is the folder of the pages, `workers` how many are made at once (None:
    one a processor). With `force` a page is made again although nothing that it is made from has changed. `scheduler`
    is the address of the Dask scheduler whose workers render; None: this machine does.
    """

    kind: str
    subjects: Mapping[str, Sequence[str]]
    assignments: Sequence[str]
    out: Path
    workers: int | None = None
    force: bool = False
    engine: str = WARM
    scheduler: str | None = None

    @property
    def wants_whole_kinds(self) -> bool:
        """Whether every subject of the kinds is asked for, with the default parameters."""
        return not self.assignments and not any(self.subjects.values())

    @property
    def kind_names(self) -> tuple[str, ...]:
        """The kinds that are asked for; a name that does not exist is among them as it was given."""
        return KIND_NAMES if self.kind == ALL_KINDS else (self.kind,)
