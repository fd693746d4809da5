"""The schema of verdicts.json (JSON Schema, draft 2020-12). Every property says what it means."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from kratom_evidence.claims.grade import GradeLevel
from kratom_evidence.claims.multiverse import CHOICES
from kratom_evidence.claims.registry import TEST_KINDS
from kratom_evidence.claims.verdict import EvidenceKind, Verdict
from kratom_evidence.claims.what_if_figures import CHOICE_TITLES
from kratom_evidence.evidence.definitions import OPTIONS, TITLES

Schema: TypeAlias = Mapping[str, Any]

SCHEMA_FILE = "verdicts.schema.json"
# Raised when a program that reads the file would have to be changed.
FORMAT_VERSION = 1


def _described(title: str, description: str, **rules: Any) -> Schema:
    return {"title": title, "description": description, **rules}


def _text(title: str, description: str) -> Schema:
    return _described(title, description, type="string", minLength=1)


def _text_or_null(title: str, description: str) -> Schema:
    return _described(title, description, type=["string", "null"], minLength=1)


def _number(title: str, description: str) -> Schema:
    return _described(title, description, type="integer", minimum=0)


def _share(title: str, description: str) -> Schema:
    return _described(title, description, type="number", minimum=0, maximum=1)


def _one_of(values: Iterable[str], title: str, description: str) -> Schema:
    return _described(title, description, type="string", enum=[str(value) for value in values])


def _one_of_or_null(values: Iterable[str], title: str, description: str) -> Schema:
    return _described(title, description, enum=[*(str(value) for value in values), None])


def _list(items: Schema, title: str, description: str) -> Schema:
    return _described(title, description, type="array", items=items)


def _object(title: str, description: str, properties: Mapping[str, Schema], *, nullable: bool = False) -> Schema:
    return _described(
        title, description, type=["object", "null"] if nullable else "object", properties=properties,
        required=list(properties), additionalProperties=False,
    )  # fmt: skip


_TALLY = _object(
    "Tally",
    "A count of cases in three states. A case that does not say is in no denominator but its own.",
    {
        "cases": _text("Cases", "Which cases are counted, in words that follow “cases”."),
        "yes": _number("Yes", "Cases that are so."),
        "no": _number("No", "Cases that are stated not to be so."),
        "not_stated": _number("Not stated", "Cases that do not say, in what was read of them. Never the same as no."),
    },
)

_TEST_PROPERTIES = {
    "test": _one_of(TEST_KINDS, "Test", "The kind of test, as in data/claims.yaml."),
    "evidence": _one_of(EvidenceKind, "Evidence", "The kind of evidence that the test reads."),
    "numbers": _text("Numbers", "What was counted, out of how many, in one sentence."),
    "part_of_the_rule": _text("Part of the rule", "Which part of the rule applied."),
    "verdict_by_the_rule": _one_of(Verdict, "Verdict by the rule", "The verdict by the rule alone."),
    "verdict_after_the_ceiling": _one_of(
        Verdict, "Verdict after the ceiling", "The same, lowered where this kind of evidence cannot carry it."
    ),
    "ceiling_reason": _text_or_null("Reason for the ceiling", "Why the verdict is capped; null when it is not."),
    "tallies": _list(_TALLY, "Tallies", "The counts of cases behind the numbers."),
    "cases": _list(
        _text("Case", "A case_id of data/case_reports.csv."), "Cases", "The cases that the result of the test rests on."
    ),
    "figures": _list(
        _text("Figure", "An id of data/context/studies.csv, or of a publication in data/context/sources.json."),
        "Figures",
        "The context figures, or the publications of measurements, that the result of the test rests on.",
    ),
}

_ROBUSTNESS = _object(
    "Robustness",
    "The verdict under every combination of choices (a multiverse analysis); null when the statement is not testable.",
    {
        "combinations": _number("Combinations", "How many combinations of choices were computed."),
        "holding": _number("Holding", "In how many of them the verdict is that of the primary analysis."),
        "share": _share("Share", "The holding ones as a share of all combinations."),
        "verdicts": _object(
            "Verdicts",
            "How many combinations give each verdict.",
            {
                verdict.value: _number(verdict.label, f"Combinations with this verdict. {verdict.meaning}")
                for verdict in Verdict
            },
        ),
        "moved_by": _object(
            "Moved by",
            "For each choice, in falling order: the share of comparisons in which changing it alone changes the "
            "verdict.",
            {
                choice: _share(
                    CHOICE_TITLES[choice],
                    f"How often the choice among {', '.join(options)} does.",
                )
                for choice, options in CHOICES.items()
            },
        ),
        "most_moving": _one_of_or_null(CHOICES, "Most moving", "The choice that moves the verdict most; null: none."),
        "sentence": _text("Sentence", "The same in words."),
    },
    nullable=True,
)

_FRAGILITY = _object(
    "Fragility",
    "The smallest number of further case reports that would change the verdict, by exact search.",
    {
        "rests_on_cases": _described("Rests on cases", "Whether the case reports decide the verdict.", type="boolean"),
        "further_cases": _described(
            "Further cases",
            "How many it takes; null when none was found within the limits of the search, or the verdict does not rest "
            "on cases.",
            type=["integer", "null"],
            minimum=1,
        ),
        "kinds": _list(
            _object(
                "Kind",
                "One kind of further case.",
                {
                    "kind": _text("Kind", "The kind in words that follow “cases”."),
                    "cases": _number("Cases", "How many of this kind it takes."),
                },
            ),
            "Kinds",
            "Of which kinds the further cases would have to be.",
        ),
        "new_verdict": _one_of_or_null(Verdict, "New verdict", "What the verdict would become; null: nothing found."),
        "sentence": _text("Sentence", "The same in words."),
    },
)

_INFLUENCE = _object(
    "Influence",
    "The verdict when one publication after the other is left out.",
    {
        "publications": _number("Publications", "How many were left out, one at a time."),
        "changes": _list(
            _object(
                "Change",
                "A publication without which the verdict differs.",
                {
                    "publication": _text("Publication", "Its citation key."),
                    "verdict": _one_of(Verdict, "Verdict", "The verdict without it."),
                },
            ),
            "Changes",
            "Only the publications without which the verdict differs.",
        ),
        "sentence": _text("Sentence", "The same in words."),
    },
)

_REVISION = _object(
    "Change of a rule",
    "A change made after the first results had been seen.",
    {
        "date": _text("Date", "The day, as year-month-day."),
        "change": _text("Change", "What was changed."),
        "because": _text("Because", "Why."),
        "verdict_before": _one_of_or_null(Verdict, "Verdict before", "Null: the change did not move the verdict."),
    },
)

_STATEMENT = _object(
    "Statement",
    "A statement of the article with its verdict.",
    {
        "id": _text("Id", "The id of the statement in data/claims.yaml."),
        "section": _text("Section", "The section of the article that makes the statement."),
        "statement": _text("Statement", "The statement."),
        "verdict": _one_of(Verdict, "Verdict", "The computed verdict under the primary definitions."),
        "verdict_label": _one_of((verdict.label for verdict in Verdict), "Verdict in words", "The verdict in words."),
        "decided_by": _one_of_or_null(EvidenceKind, "Decided by", "The evidence that decided; null: not testable."),
        "evidence_grade": _one_of_or_null(
            GradeLevel,
            "Certainty of the evidence",
            "The grade of the deciding evidence; null: not testable.",
        ),
        "evidence_grade_reason": _text_or_null("Reason of the grade", "Why; null: not testable."),
        "deciding_test": _object(
            "Deciding test", "The test that made the verdict; null: not testable.", _TEST_PROPERTIES, nullable=True
        ),
        "shown_beside": _list(
            _object("Test", "A test that does not decide.", _TEST_PROPERTIES),
            "Shown beside",
            "Further tests, which do not decide.",
        ),
        "disagreement": _text_or_null("Disagreement", "How the two kinds of evidence differ; null: they do not."),
        "not_testable_because": _text_or_null("Not testable because", "Why no test is possible; null: there is one."),
        "could_be_tested_by": _text_or_null("Could be tested by", "The kind of study that could test the statement."),
        "would_change": _text("Would change", "What would change the verdict."),
        "revised": _list(_REVISION, "Changes of the rule", "Those made after its first results had been seen."),
        "robustness": _ROBUSTNESS,
        "fragility": _FRAGILITY,
        "influence": _INFLUENCE,
    },
)

VERDICTS_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": f"urn:kratom-evidence:verdicts:{FORMAT_VERSION}",
    **_object(
        "Verdicts",
        "The statements of the article “Kratom and Serotonin Syndrome” with their computed verdicts. Case reports "
        "give no incidence and no risk; none of this is medical advice.",
        {
            "$schema": _described("Schema", "The file that describes this one.", const=SCHEMA_FILE),
            "format_version": _described("Version of the format", "Raised with a change.", const=FORMAT_VERSION),
            "data_version": _text("Version of the data", "As in data/datapackage.json."),
            "data_fingerprint": _described(
                "Fingerprint of the data", "Hash of all data files.", type="string", pattern="^[0-9a-f]+$"
            ),
            "package_version": _text("Version of the programs", "The version of kratom-evidence that computed this."),
            "definitions": _object(
                "Definitions",
                "The definitions under which the verdicts were computed: those of the primary analysis.",
                {
                    name: _object(
                        TITLES[name],
                        "The option that was chosen for this definition.",
                        {
                            "title": _described("Title", "The definition in words.", const=TITLES[name]),
                            "option": _one_of(options, "Option", "The chosen option."),
                            "meaning": _one_of(options.values(), "Meaning", "What the option means."),
                        },
                    )
                    for name, options in OPTIONS.items()
                },
            ),
            "statements": _list(_STATEMENT, "Statements", "One entry a statement, in the order of the article."),
        },
    ),
}
