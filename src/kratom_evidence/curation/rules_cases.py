"""Rules about one row of case_reports.csv: cells that contradict one another."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from kratom_evidence.codebook import format_cell
from kratom_evidence.curation.rule import CaseRule, Row

# The Hunter criteria draw the line above 38 °C, not at it (Dunkley 2003, doi 10.1093/qjmed/hcg109).
HYPERTHERMIA_ABOVE_C = 38.0


class X207(CaseRule):
    """Hyperthermia and fever agree with the highest temperature.

    Above 38 °C they cannot be absent; at 38 °C or below they cannot be present. Correct the temperature or the list.
    Where the publication itself says both, keep the temperature, leave the finding out and say so in the notes.
    """

    columns = ("temp_max_c", "findings_present", "findings_absent")
    concerning: ClassVar[Mapping[str, str | None]] = {"temp_max_c": None}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """A finding about temperature on the wrong side of the limit."""
        temperature = row.quantity("temp_max_c")
        if temperature is None:
            return
        raised = temperature > HYPERTHERMIA_ABOVE_C
        column = "findings_absent" if raised else "findings_present"
        for finding in ("hyperthermia", "fever"):
            if finding in row.names(column):
                state = "absent" if raised else "present"
                yield {
                    "column": column,
                    "value": finding,
                    "why": f"{finding} is recorded as {state}, but temp_max_c is {temperature:g} °C "
                    f"(the limit is above {HYPERTHERMIA_ABOVE_C:g} °C).",
                    "mend": "Correct the temperature or remove the finding from the list.",
                }


class X208(CaseRule):
    """A mitragynine level in blood goes with blood among the specimens in which it was found.

    Add blood to mitragynine_detected_in, or move the level to the notes when it was measured in something else.
    """

    columns = ("mitragynine_blood_ng_ml", "mitragynine_detected_in")
    concerning: ClassVar[Mapping[str, str | None]] = {"mitragynine_blood_ng_ml": None}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """A level without the specimen."""
        level = row.quantity("mitragynine_blood_ng_ml")
        if level is not None and level > 0 and "blood" not in row.names("mitragynine_detected_in"):
            yield {
                "column": "mitragynine_detected_in",
                "value": format_cell(row.values["mitragynine_detected_in"]),
                "why": f"A level in blood is given ({level:g} ng/mL), but blood is not among the specimens.",
                "mend": "Add blood to the list, or remove the level when it was not measured in blood.",
                "nearest": "; ".join(("blood", *row.names("mitragynine_detected_in"))),
            }


class X209(CaseRule):
    """The systolic pressure lies above the diastolic one.

    Usually the two numbers were swapped, or one of them lost a digit.
    """

    columns = ("sbp_max_mmhg", "dbp_max_mmhg")
    concerning: ClassVar[Mapping[str, str | None]] = {"sbp_max_mmhg": None, "dbp_max_mmhg": None}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """A systolic pressure below the diastolic one."""
        systolic, diastolic = row.quantity("sbp_max_mmhg"), row.quantity("dbp_max_mmhg")
        if systolic is not None and diastolic is not None and systolic < diastolic:
            yield {
                "column": "sbp_max_mmhg",
                "value": f"{systolic:g}",
                "why": f"The systolic pressure is below the diastolic one ({diastolic:g} mmHg).",
                "mend": "Check both numbers in the publication; they may have been swapped.",
            }


class X212(CaseRule):
    """A case published for a death has the outcome death.

    The outcome may be death with another primary event (a cardiac arrest that was not survived), not the other way
    round. Set outcome to death, or correct primary_event.
    """

    columns = ("primary_event", "outcome")
    concerning: ClassVar[Mapping[str, str | None]] = {"primary_event": "death"}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """The event death with another outcome, or with none stated."""
        if row.text("outcome") != "death":
            yield {
                "column": "outcome",
                "value": row.text("outcome") or "",
                "why": "The primary event is death, but the outcome is not.",
                "mend": "Set outcome to death, or correct primary_event.",
                "nearest": "death",
            }


class X213(CaseRule):
    """Criteria for serotonin syndrome are given only where the authors speak of serotonin syndrome.

    Set ss_assessment to what the authors say (diagnosed, suspected or excluded), or empty ss_criteria_reported.
    """

    columns = ("ss_criteria_reported", "ss_assessment")
    concerning: ClassVar[Mapping[str, str | None]] = {"ss_criteria_reported": None}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """Criteria in a case that does not mention the syndrome."""
        criteria = row.names("ss_criteria_reported")
        if criteria and row.text("ss_assessment") == "not_mentioned":
            yield {
                "column": "ss_assessment",
                "value": "not_mentioned",
                "why": f"The authors are said to have applied {', '.join(criteria)}, but not to mention the syndrome.",
                "mend": "Say what the authors concluded, or empty ss_criteria_reported.",
            }


class X214(CaseRule):
    """A case published for serotonin syndrome is one in which the authors diagnose or suspect it.

    Correct ss_assessment or primary_event.
    """

    columns = ("primary_event", "ss_assessment")
    concerning: ClassVar[Mapping[str, str | None]] = {"primary_event": "serotonin_syndrome"}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """The event serotonin syndrome that the authors neither diagnose nor suspect."""
        assessment = row.text("ss_assessment")
        if assessment in {"not_mentioned", "excluded"}:
            yield {
                "column": "ss_assessment",
                "value": assessment,
                "why": "The primary event is serotonin syndrome, but not by the authors' own assessment.",
                "mend": "Set ss_assessment to diagnosed or suspected, or correct primary_event.",
            }


class X215(CaseRule):
    """A substance stands once for each timing among the co-exposures.

    Two entries would count one drug twice. Keep one entry with the stronger evidence and put the rest into its
    detail.
    """

    columns = ("co_exposures",)
    concerning: ClassVar[Mapping[str, str | None]] = {"co_exposures": None}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """The same substance twice with the same timing."""
        taken = [(item.substance, item.timing) for item in row.co_exposures()]
        repeated = len(set(taken)) < len(taken)
        for (substance, timing), count in Counter(taken).items() if repeated else ():
            if count > 1:
                yield {
                    "column": "co_exposures",
                    "value": f"{substance} [{timing}]",
                    "why": f"{substance} stands {count} times with the timing {timing}.",
                    "mend": "Merge the entries into one; put dose and further evidence into its detail.",
                }


class X219(CaseRule):
    """The event for which a case was published is not among its absent findings.

    Correct primary_event, or remove the finding from findings_absent.
    """

    columns = ("primary_event", "findings_absent")
    concerning: ClassVar[Mapping[str, str | None]] = {"primary_event": None, "findings_absent": None}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """A primary event that is recorded as absent."""
        event = row.text("primary_event")
        if event is not None and event in row.names("findings_absent"):
            yield {
                "column": "findings_absent",
                "value": event,
                "why": "The finding is recorded as absent, but it is the primary event of the case.",
                "mend": "Correct primary_event, or remove the finding from findings_absent.",
            }


class X222(CaseRule):
    """Age in words stands only where there is no age in years.

    Two statements of the same age drift apart. Keep the number; put anything else into the notes.
    """

    columns = ("age_years", "age_text")
    concerning: ClassVar[Mapping[str, str | None]] = {"age_years": None, "age_text": None}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """Both statements of the age."""
        age, words = row.quantity("age_years"), row.text("age_text")
        if age is not None and words is not None:
            yield {
                "column": "age_text",
                "value": words,
                "why": f"The age is also given as a number ({age:g} years).",
                "mend": "Empty age_text when the publication gives the number, or empty age_years when it does not.",
            }


class X223(CaseRule):
    """A drug found in the kratom product makes the product an adulterated one.

    Add product_adulterated to confounders, or correct the evidence of the co-exposure.
    """

    columns = ("co_exposures", "confounders")
    concerning: ClassVar[Mapping[str, str | None]] = {"co_exposures": None}

    def contradictions(self, row: Row) -> Iterator[dict[str, Any]]:
        """An adulterant without the matching rival explanation."""
        adulterants = [item.substance for item in row.co_exposures() if item.evidence == "adulterant"]
        if adulterants and "product_adulterated" not in row.names("confounders"):
            yield {
                "column": "confounders",
                "value": format_cell(row.values["confounders"]),
                "why": f"The product held {', '.join(adulterants)}, but product_adulterated is not recorded.",
                "mend": "Add product_adulterated to the list, or correct the evidence of the co-exposure.",
            }


RULES = (X207(), X208(), X209(), X212(), X213(), X214(), X215(), X219(), X222(), X223())
