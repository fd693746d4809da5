"""The choices that a reader may make differently: what counts as serotonin syndrome, as a serotonergic drug, as read.

A verdict is always a verdict under one set of definitions; the defaults are the primary analysis.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from kratom_evidence.faults import UsageError
from kratom_evidence.nearest import nearest_name

SS_DEFINITIONS: Mapping[str, str] = {
    "label": "the authors diagnose serotonin syndrome",
    "label_or_suspected": "the authors diagnose or suspect serotonin syndrome",
    "hunter_strict": "the reported signs meet the Hunter criteria, strict reading",
    "hunter_lenient": "the reported signs meet the Hunter criteria, lenient reading",
    "sternbach_signs": "at least three of the ten Sternbach signs are reported",
    "radomski_signs": "the reported signs meet the Radomski counts",
}
SEROTONERGIC_GRADES: Mapping[str, str] = {
    "established": "established serotonergic drugs",
    "established_without_amitriptyline": "established serotonergic drugs, amitriptyline taken as possible only",
    "possible": "established and possible serotonergic drugs",
    "disputed": "established, possible and disputed serotonergic drugs",
}
TIMINGS: Mapping[str, str] = {
    "concurrent": "drugs taken at the time of the event",
    "recently_stopped": "drugs taken at the time of the event or recently stopped",
    "unclear": "drugs taken at the time of the event, recently stopped, or at an unclear time",
}
SOURCE_ACCESS: Mapping[str, str] = {
    "all": "every case, whatever part of the publication was read",
    "abstract_or_full_text": "cases of which the abstract or the full text was read",
    "full_text": "cases of which the full text was read",
}
TOXICOLOGY: Mapping[str, str] = {
    "all": "cases with and without a laboratory confirmation of kratom",
    "confirmed": "cases in which mitragynine was found in the body",
}


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """One choice for each definition. The defaults are the primary analysis.

    The primary analysis takes the authors' word, diagnosed or suspected: it is the widest net for the label that the
    article speaks of, so it cannot hide a case that the article should have counted.

    Raises:
        UsageError: an option that does not exist was chosen.
    """

    ss_definition: str = "label_or_suspected"
    serotonergic_grade: str = "established"
    timing: str = "concurrent"
    source_access: str = "all"
    toxicology: str = "all"

    def __post_init__(self) -> None:
        for name, options in OPTIONS.items():
            chosen = getattr(self, name)
            if chosen not in options:
                nearest = nearest_name(str(chosen), options)
                hint = f" Did you mean {nearest!r}?" if nearest else ""
                raise UsageError(f"{name} must be one of {', '.join(options)}, not {chosen!r}.{hint}")

    def in_words(self) -> Mapping[str, str]:
        """Definition name -> what the chosen option means."""
        return {name: OPTIONS[name][value] for name, value in asdict(self).items()}

    def changed(self) -> Mapping[str, str]:
        """The definitions that differ from the primary analysis."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}


OPTIONS: Mapping[str, Mapping[str, str]] = {
    "ss_definition": SS_DEFINITIONS,
    "serotonergic_grade": SEROTONERGIC_GRADES,
    "timing": TIMINGS,
    "source_access": SOURCE_ACCESS,
    "toxicology": TOXICOLOGY,
}
TITLES: Mapping[str, str] = {
    "ss_definition": "Serotonin syndrome",
    "serotonergic_grade": "Serotonergic",
    "timing": "Timing of other drugs",
    "source_access": "What was read",
    "toxicology": "Laboratory",
}
