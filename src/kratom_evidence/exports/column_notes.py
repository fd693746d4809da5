"""What the columns mean that are not in the codebook: those that were computed or joined."""

from collections.abc import Mapping
from dataclasses import replace

from kratom_evidence.appraisal import EXPLANATIONS, JUDGEMENTS, MURAD_ITEMS
from kratom_evidence.codebook import Category, Codebook, Field
from kratom_evidence.codebook.schema import FieldType

# Tables of the codebook whose columns keep their meaning where they are joined to others; the first that fits counts.
_KNOWN_FROM = ("case_reports", "substances", "findings", "confounders", "events")
_TRUTH = "yes, no or unknown"
_JUDGEMENT_WORDS = {"strict": "as published", "lenient": "read leniently"}

TEXTS: Mapping[str, str] = {
    "agents": "Qualifying substances.",
    "alternative": f"Whether anything else than kratom could be behind the event: {_TRUTH}.",
    "answer": f"Answer to the item: {_TRUTH}.",
    "authors": "Authors as family name and initials or given name. Empty when none was seen.",
    "band": "Band of the total in the published scale.",
    "band_note": "What to know about the bands.",
    "cases": "What was counted: the cases that …",
    "ceiling": f"Whether an established serotonergic co-exposure limits the WHO-UMC category to possible: {_TRUTH}.",
    "claim": "Identifier of the statement.",
    "confirmed": f"Whether mitragynine was found in a body fluid or tissue: {_TRUTH}.",
    "container": "Journal, book, meeting or site.",
    "decided_by": "Kind of evidence that decides the verdict. Empty for a statement that is not testable.",
    "detail": "What makes the explanation present or leaves it open.",
    "deciding_numbers": "One sentence with the numbers that decide.",
    "doi": "Digital Object Identifier.",
    "dose_text": "Dose or detail as the publication describes it, paraphrased.",
    "enzymes": "Enzymes by which the interaction is claimed.",
    "evidence": "How the exposure is known: prescribed, reported, detected or adulterant.",
    "evidence_grade": "How certain the deciding evidence is.",
    "evidence_grade_reason": "Why it has that grade.",
    "evidence_kind": "Kind of evidence that the test uses: case_reports or context_studies.",
    "explanation": "Name of the rival explanation.",
    "explanation_class": "Summary over all rival explanations.",
    "field": "Column of the table cases.",
    "from_fields": "Columns that gave the answer, or were looked at in vain.",
    "genre": "Kind of publication.",
    "grade": "The exposure counts agents of this grade or a stronger one.",
    "issue": "Issue.",
    "kratom_alone": f"Whether kratom was confirmed and nothing else could explain the event: {_TRUTH}.",
    "kind": "Kind of fact.",
    "label": "Name in words.",
    "language": "Language of the publication.",
    "link": "Best address of the publication.",
    "naranjo_band": "Band of the Naranjo total.",
    "naranjo_highest_band": "Band of the highest total that is still possible.",
    "naranjo_lowest_band": "Band of the lowest total that is still possible.",
    "new_verdict": "The verdict that the fewest further case reports would make. Empty when none was found.",
    "not_stated_explanations": "Rival explanations about which the publication is silent.",
    "note": "Limits of the entry.",
    "object": "The drug that is affected.",
    "page": "Pages or article number.",
    "pmcid": "PubMed Central identifier.",
    "pmid": "PubMed identifier.",
    "precipitant": "The drug that causes the interaction.",
    "present_explanations": "Rival explanations that are present.",
    "provenance": "Where the answer comes from.",
    "question": "The item in short.",
    "reason": "Why the item has this answer.",
    "role": "Whether the test decides the verdict or is shown beside it.",
    "section": "Section of the article.",
    "short_reference": "Short reference.",
    "state": "See the description of the table.",
    "statement": "The article's statement, paraphrased.",
    "substance": "Substance taken besides kratom.",
    "test": "Name of the test.",
    "timing": "When it was taken: concurrent, past, given_in_hospital_before_event or unclear.",
    "title": "Title. Empty when it was not seen; in brackets when it is a description.",
    "type": "Type in CSL.",
    "uncertain": "Substances that might qualify.",
    "url": "Address.",
    "verdict": "Verdict, computed by the rule in claims.yaml.",
    "verdict_label": "Verdict in words.",
    "volume": "Volume.",
    "why": "Why it is left out.",
    "who_umc": "WHO-UMC category for kratom.",
} | {name: f"{title}: {_TRUTH}." for name, title in MURAD_ITEMS.items()}

INTEGERS: Mapping[str, str] = {
    "combinations": "Combinations of definitions under which the verdict was computed.",
    "count": "Number of qualifying substances.",
    "fields": "Fields of the codebook that a case could report.",
    "further_cases": "Fewest further case reports that would change the verdict. Empty when no number does.",
    "highest": "Highest total that is still possible.",
    "holding": "Combinations in which the verdict is the same.",
    "item": "Number of the item.",
    "lowest": "Lowest total that is still possible.",
    "naranjo_answered": "Naranjo items answered yes or no, of ten.",
    "naranjo_highest": "Highest Naranjo total that is still possible.",
    "naranjo_lowest": "Lowest Naranjo total that is still possible.",
    "naranjo_total": "Naranjo total; what is not known scores 0.",
    "no": "Cases that are known not to be so.",
    "not_stated": "Cases that do not say. They are in no denominator.",
    "reported": "Fields that the publication reports, or reports as none.",
    "score": "Points of the item.",
    "total": "Total of the scale; what is not known scores 0.",
    "yes": "Cases that are so.",
    "year": "Year of publication. Empty when it was not seen.",
}
NUMBERS: Mapping[str, str] = {"share": "Share that the publication reports (reported / fields), 0 to 1."}
_OF_ONE_TABLE: Mapping[tuple[str, str], str] = {
    ("explanations", "state"): "present, absent or not stated.",
    ("findings", "state"): "present, absent or not_stated.",
    ("left_out", "name"): "Term, dose or column, as in the data; for co-exposures: none or not stated.",
    ("reporting", "state"): "reported, none or not_stated.",
    ("serotonergic_exposure", "state"): f"Whether such an agent was on board: {_TRUTH}.",
}
_LISTS = frozenset({"agents", "uncertain", "present_explanations", "not_stated_explanations"})


def described(table: str, column: str, codebook: Codebook) -> Field:
    """The column with its meaning and type.

    Raises:
        KeyError: nobody has described it. A test keeps this from reaching a user.
    """
    special = _OF_ONE_TABLE.get((table, column)) or (_judged(column) if table == "criteria" else None)
    if special is not None:
        return _field(column, special, "string")
    if column in INTEGERS:
        return _field(column, INTEGERS[column], "integer")
    if column in NUMBERS:
        return _field(column, NUMBERS[column], "number")
    known = _in_codebook(column, codebook)
    if known is not None:
        return replace(known, required=False, unique=False)
    if column in TEXTS:
        return _field(column, TEXTS[column], "string")
    raise KeyError(f"the column {column} of the exported table {table} has no description")


def _field(name: str, description: str, kind: FieldType) -> Field:
    categories = tuple(Category(value=e.name, label=e.label) for e in EXPLANATIONS) if name == "explanation" else ()
    return Field(
        name=name,
        title=name.replace("_", " ").capitalize(),
        description=description,
        type=kind,
        list_kind="plain" if name in _LISTS else None,
        categories=categories,
    )


def _in_codebook(column: str, codebook: Codebook) -> Field | None:
    tables = (codebook.table(name) for name in _KNOWN_FROM)
    return next((table.by_name[column] for table in tables if column in table.by_name), None)


def _judged(column: str) -> str | None:
    for system, reading in JUDGEMENTS:
        name = f"{system}_{reading}"
        words = f"{system.capitalize()} criteria, {_JUDGEMENT_WORDS[reading]}"
        if column == name:
            return f"{words}: met, not_met or undetermined."
        if column == f"{name}_decided_by":
            return f"{words}: the arms and items that decided. Empty when undetermined."
        if column == f"{name}_to_settle":
            return f"{words}: which findings would settle it. Empty when settled."
    return None
