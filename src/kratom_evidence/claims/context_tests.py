"""Tests of a statement on the context studies: aggregate figures, pharmacology and the drug lexicon.

Each class is one kind of test; its docstring is its rule.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from kratom_evidence.claims.verdict import EvidenceKind, Outcome, Verdict
from kratom_evidence.claims.wording import counted, listed, none_or, sentence, verb
from kratom_evidence.evidence.case_evidence import CaseEvidence

UNIT_WORDS = {
    "percent": " %",
    "count": "",
    "odds_ratio": " (odds ratio)",
    "per_10000_person_years": " per 10,000 years",
}


@dataclass(frozen=True, kw_only=True)
class FiguresAgree:
    """Every named figure lies on the stated side of a threshold.

    Supported when all do and they come from at least two publications; supported with limits when all do but come
    from one publication, or when only some do; contradicted when none does. With `one_is_enough` (for statements
    that something can happen) one figure supports.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CONTEXT
    figures: tuple[str, ...]
    at_least: float | None = None
    at_most: float | None = None
    one_is_enough: bool = False

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        rows = evidence.dataset.studies.loc[list(self.figures)]
        agreeing = rows[[self._agrees(float(value)) for value in rows["value"]]]
        publications = agreeing["citekey"].nunique()
        threshold = self._threshold(set(rows["unit"]))
        if len(agreeing) == 0:
            verdict, branch = Verdict.CONTRADICTED, f"no figure is {threshold}"
        elif self.one_is_enough:
            verdict, branch = Verdict.SUPPORTED, "one such figure is enough"
        elif len(agreeing) < len(rows):
            verdict, branch = Verdict.SUPPORTED_WITH_LIMITS, f"only some figures are {threshold}"
        elif publications < 2:
            verdict, branch = Verdict.SUPPORTED_WITH_LIMITS, "so it is, but in one publication only"
        else:
            verdict, branch = Verdict.SUPPORTED, f"so it is in {publications} publications"
        values = listed([_value_in_words(row) for row in rows.to_dict("records")])
        subject = (
            f"the figure is {'' if len(agreeing) else 'not '}{threshold}"
            if len(rows) == 1
            else f"{none_or(len(agreeing))} of {counted(len(rows), 'figure')} {verb(len(agreeing), 'is')} {threshold}"
        )
        words = f"{subject} ({values})"
        return Outcome(verdict=verdict, sentence=sentence(words), branch=branch, figures=self.figures)

    def _agrees(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def _threshold(self, units: set[str]) -> str:
        unit = _unit_in_words(next(iter(units))) if len(units) == 1 else ""
        low = [f"at least {self.at_least:g}{unit}"] if self.at_least is not None else []
        high = [f"at most {self.at_most:g}{unit}" if self.at_most else "zero"] if self.at_most is not None else []
        return listed([*low, *high])


@dataclass(frozen=True, kw_only=True)
class PartsReported:
    """Every part of a statement is borne out by at least one figure above zero.

    Supported when every part is; supported with limits when some are; not supported when none is. A part without
    any figure is named: it was not seen, which does not mean that it does not happen.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CONTEXT
    parts: Mapping[str, tuple[str, ...]]

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        studies = evidence.dataset.studies
        shown = {
            part: bool(len(ids)) and bool((studies.loc[list(ids), "value"] > 0).any())
            for part, ids in self.parts.items()
        }
        figures = tuple(figure for ids in self.parts.values() for figure in ids)
        return _parts_outcome(shown, figures, "a figure was seen for", "no figure was seen for")


@dataclass(frozen=True, kw_only=True)
class FrequentSigns:
    """Every sign that the statement calls common has at least such a frequency (in percent) in a reference study.

    Supported when every sign reaches it; supported with limits when at least half of them do; not supported
    otherwise. A sign without a figure does not count as reaching it, and is named.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CONTEXT
    signs: Mapping[str, tuple[str, ...]]
    at_least: float

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        values = evidence.dataset.studies["value"]
        reached = [sign for sign, ids in self.signs.items() if any(values[i] >= self.at_least for i in ids)]
        rarer = [sign for sign, ids in self.signs.items() if ids and sign not in reached]
        unseen = [sign for sign, ids in self.signs.items() if not ids]
        if len(reached) == len(self.signs):
            verdict, branch = Verdict.SUPPORTED, "every sign reaches the threshold"
        elif 2 * len(reached) >= len(self.signs):
            verdict, branch = Verdict.SUPPORTED_WITH_LIMITS, "at least half of the signs reach the threshold"
        else:
            verdict, branch = Verdict.NOT_SUPPORTED, "fewer than half of the signs reach the threshold"
        words = (
            f"{len(reached)} of the {counted(len(self.signs), 'sign')} occur in at least {self.at_least:g} % of the "
        )
        words += f"reference cases ({listed(reached)})" if reached else "reference cases"
        words += f"; rarer: {listed(rarer)}" if rarer else ""
        words += f"; no frequency was seen for {listed(unseen)}" if unseen else ""
        figures = tuple(figure for ids in self.signs.values() for figure in ids)
        return Outcome(verdict=verdict, sentence=sentence(words), branch=branch, figures=figures)


@dataclass(frozen=True, kw_only=True)
class NoIncreaseMeasured:
    """Pharmacology: something is not increased.

    Contradicted when a measurement in people shows an increase; supported when measurements in people show none; not
    supported when there is no measurement in people and an animal study shows an increase; supported with limits when
    only animal studies exist and show none. Without any measurement the verdict is "not testable".
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CONTEXT
    targets: tuple[str, ...]

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        table = evidence.dataset.pharmacology
        rows = table[table["target"].isin(self.targets)]
        people = rows[rows["assay"] == "human_pk"]
        animals = rows[rows["assay"] == "animal_in_vivo"]
        raised, other = animals[animals["effect"] == "increase"], animals[animals["effect"] != "increase"]
        if len(people):
            any_increase = bool((people["effect"] == "increase").any())
            verdict = Verdict.CONTRADICTED if any_increase else Verdict.SUPPORTED
            branch = "measured in people"
        elif len(raised):
            verdict, branch = Verdict.NOT_SUPPORTED, "silent in people, and animal studies show an increase"
        elif len(animals):
            verdict, branch = Verdict.SUPPORTED_WITH_LIMITS, "silent in people; animal studies show no increase"
        else:
            verdict, branch = Verdict.NOT_TESTABLE, "no measurement was seen"
        measured = listed([_in_words(target) for target in dict.fromkeys(raised["target"])])
        words = (
            f"{counted(len(people), 'measurement')} in people {verb(len(people), 'was')} seen; "
            f"{counted(len(raised), 'animal measurement')} {verb(len(raised), 'shows')} an increase"
            f"{f' ({measured})' if measured else ''} and {counted(len(other), 'animal measurement')} "
            f"{verb(len(other), 'shows')} none"
        )
        figures = tuple(dict.fromkeys(rows["citekey"]))
        return Outcome(verdict=verdict, sentence=sentence(words), branch=branch, figures=figures)


@dataclass(frozen=True, kw_only=True)
class EffectMeasured:
    """Pharmacology: a change of a target was measured in people, with an interval that leaves out "no change" (1).

    Supported when one such measurement exists; not supported otherwise.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CONTEXT
    targets: tuple[str, ...]

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        table = evidence.dataset.pharmacology
        rows = table[(table["assay"] == "human_pk") & table["target"].isin(self.targets)]
        measured_fully = rows.dropna(subset=["value", "ci_low", "ci_high"])
        clear = measured_fully[(measured_fully["ci_low"] > 1) | (measured_fully["ci_high"] < 1)]
        measured = [_ratio_in_words(row) for row in clear.to_dict("records")]
        words = (
            f"{counted(len(clear), 'measurement')} in people of {len(rows)} {verb(len(clear), 'shows')} a change"
            f"{': ' + listed(measured) if measured else ''}"
        )
        return Outcome(
            verdict=Verdict.SUPPORTED if len(clear) else Verdict.NOT_SUPPORTED,
            sentence=sentence(words),
            branch="one clear measurement in people is enough",
            figures=tuple(dict.fromkeys(rows["citekey"])),
        )


@dataclass(frozen=True, kw_only=True)
class ClassesSerotonergic:
    """Every named kind of drug has a member whose serotonergic grade in the lexicon is the stated one.

    Supported when every kind has; supported with limits when some have; not supported when none has.
    """

    evidence_kind: ClassVar[EvidenceKind] = EvidenceKind.CONTEXT
    parts: Mapping[str, tuple[str, ...]]
    grade: Literal["established"] = "established"

    def evaluate(self, evidence: CaseEvidence) -> Outcome:
        lexicon = evidence.dataset.substances
        graded = lexicon[lexicon["serotonergic"] == self.grade]
        shown = {part: bool(graded["drug_class"].isin(list(classes)).any()) for part, classes in self.parts.items()}
        return _parts_outcome(
            shown, (), f"the lexicon has an {self.grade} serotonergic drug among", "it has none among"
        )


def _parts_outcome(shown: Mapping[str, bool], figures: tuple[str, ...], found: str, missing: str) -> Outcome:
    yes = [f'"{part}"' for part, is_shown in shown.items() if is_shown]
    no = [f'"{part}"' for part, is_shown in shown.items() if not is_shown]
    if not no:
        verdict, branch = Verdict.SUPPORTED, "every part is borne out"
    elif yes:
        verdict, branch = Verdict.SUPPORTED_WITH_LIMITS, "only some parts are borne out"
    else:
        verdict, branch = Verdict.NOT_SUPPORTED, "no part is borne out"
    pieces = [f"{found} {listed(yes)}"] if yes else []
    pieces += [f"{missing} {listed(no)}"] if no else []
    return Outcome(verdict=verdict, sentence=sentence("; ".join(pieces)), branch=branch, figures=figures)


def _value_in_words(row: Mapping[Hashable, Any]) -> str:
    return f"{row['value']:g}{_unit_in_words(row['unit'])}"


def _unit_in_words(unit: str) -> str:
    """A unit to stand behind a number."""
    return UNIT_WORDS.get(unit, f" {_in_words(unit)}")


def _ratio_in_words(row: Mapping[Hashable, Any]) -> str:
    measured = f"{_in_words(row['target'])} {_in_words(row['measure'])}"
    return f"{measured} {row['value']:g} ({row['ci_low']:g} to {row['ci_high']:g})"


def _in_words(name: str) -> str:
    return name.replace("_", " ")
