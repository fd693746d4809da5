"""Rules about the numbers of the context tables: their intervals and their units."""

from collections.abc import Iterator
from typing import Any

from kratom_evidence.curation.rule import Row, Rule, readable_rows
from kratom_evidence.dataset import Readings
from kratom_evidence.faults import Fault


class X221(Rule):
    """A value lies within its interval.

    Check the three numbers in the publication; usually the limits were swapped or a decimal point was lost.
    """

    targets = ("studies", "pharmacology")
    columns = ("value", "ci_low", "ci_high")

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each value below its lower or above its upper limit, and limits in the wrong order."""
        reading = readings.tables[target]
        for row in readable_rows(reading, self.columns):
            for problem in self._disorder(row):
                yield self.fault(reading.table.path, row=row.number, **problem)

    def _disorder(self, row: Row) -> Iterator[dict[str, Any]]:
        mend = "Check the three numbers in the publication."
        for lower, upper in (("ci_low", "value"), ("value", "ci_high"), ("ci_low", "ci_high")):
            low, high = row.quantity(lower), row.quantity(upper)
            if low is not None and high is not None and low > high:
                why = f"{lower} ({low:g}) is above {upper} ({high:g})."
                yield {"column": lower, "value": f"{low:g}", "why": why, "mend": mend}
                return


class X228(Rule):
    """A figure is possible in its unit.

    A share lies between 0 and 100 percent, a correlation between -1 and 1; outside, a decimal point was lost or the
    unit is another one. The limits stand with the units in datapackage.json.
    """

    targets = ("studies", "pharmacology")
    columns = ("unit", "value", "ci_low", "ci_high")

    def faults(self, readings: Readings, target: str) -> Iterator[Fault]:
        """Each number outside the limits of its unit."""
        reading = readings.tables[target]
        units = {unit.value: unit for unit in reading.table.field("unit").categories}
        for row in readable_rows(reading, self.columns):
            unit = units.get(str(row.text("unit")))
            for column in ("value", "ci_low", "ci_high"):
                number = row.quantity(column)
                if unit is None or number is None:
                    continue
                low, high = unit.minimum, unit.maximum
                limit = None
                if low is not None and number < low:
                    limit = f"at least {low:g}"
                elif high is not None and number > high:
                    limit = f"at most {high:g}"
                if limit is not None:
                    yield self.fault(
                        reading.table.path,
                        row=row.number,
                        column=column,
                        value=f"{number:g}",
                        why=f"A number in the unit {unit.label} is {limit}.",
                        mend="Take the number from the publication again; a decimal point may have been lost. Or "
                        "correct the unit.",
                    )


RULES = (X221(), X228())
