"""The allowed name that is closest to a mistyped one."""

from itertools import permutations

from kratom_evidence.codebook import Vocabulary
from kratom_evidence.nearest import nearest_name


def test_of_two_as_similar_names_the_same_is_named_whatever_their_order() -> None:
    for names in permutations(["tremor", "tremos", "tremox"]):
        assert nearest_name("tremon", names) == "tremor"


def test_a_vocabulary_names_the_term_that_a_synonym_stands_for() -> None:
    terms = Vocabulary(names=frozenset({"tremor", "Ataxia"}), synonyms={"shaking": "tremor"})
    assert [terms.suggest(text) for text in ("shakin", "ATAXIA", "Shaking", "zzz")] == [
        "tremor", "Ataxia", "tremor", None,
    ]  # fmt: skip
