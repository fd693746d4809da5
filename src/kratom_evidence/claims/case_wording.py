"""Cases with a property in words, as the tests on case reports say what they counted."""

from kratom_evidence.claims.wording import counted, verb
from kratom_evidence.evidence.properties import property_words


def subject(number: int, of: str) -> str:
    """How many cases with a property were found."""
    return f"{counted(number, 'case', property_words(of))} {verb(number, 'was')} found"


def among(name: str) -> str:
    """The stratum in words; nothing for all cases."""
    return "" if name == "all_cases" else property_words(name)


def is_case(number: int, name: str) -> str:
    """A number of cases has a property: "is a case of …", "are cases of …"."""
    return f"{'is a case' if number <= 1 else 'are cases'} {property_words(name)}"


def silent(number: int) -> str:
    """The cases that do not say, as the end of a sentence; nothing when all say."""
    return f"; {counted(number, 'case')} {verb(number, 'does')} not say" if number else ""
