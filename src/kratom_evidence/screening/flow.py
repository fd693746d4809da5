"""The boxes of a PRISMA 2020 flow diagram and what each holds."""

from dataclasses import dataclass
from typing import Literal

NOT_RECORDED = "not recorded"
Part = Literal["original collection", "saved search", "total"]
Stage = Literal["identification", "screening", "included"]


@dataclass(frozen=True, kw_only=True)
class Box:
    """One box of the diagram. `details` are counts that it is made of; `missing` says why `count` is None."""

    name: str
    part: Part
    stage: Stage
    heading: str
    count: int | None
    details: tuple[tuple[str, int], ...] = ()
    missing: str = NOT_RECORDED

    @property
    def number(self) -> str:
        """The count as it is written in the box: n = 12, or why there is none."""
        return self.missing if self.count is None else f"n = {self.count}"


@dataclass(frozen=True, kw_only=True)
class Flow:
    """All boxes, and what does not add up in the tables (empty when everything does)."""

    boxes: tuple[Box, ...]
    searches: int
    remarks: tuple[str, ...]

    def box(self, name: str) -> Box:
        """The box of that name; KeyError when there is none."""
        found = {box.name: box for box in self.boxes}
        return found[name]
