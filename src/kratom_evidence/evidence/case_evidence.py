"""The cases under one set of definitions: which are let in, and the states of their properties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from kratom_evidence.appraisal.three_valued import States, Truth
from kratom_evidence.computed_once import memory_of
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.definitions import Definitions
from kratom_evidence.evidence.properties import property_named

Mask: TypeAlias = npt.NDArray[np.bool_]
# The states of a property for all cases, by its name and the options that it depends on.
Cache: TypeAlias = dict[tuple[str, ...], States]
# What an imagined case is when nothing is said about it.
_DEFAULT: Mapping[str, Truth] = {"all_cases": Truth.YES}


@dataclass(frozen=True, kw_only=True)
class CaseEvidence:
    """The cases that the definitions let in, with what they show.

    Attributes:
        kept: for every case of the dataset, whether it is let in.
        given: states of properties, one for each case let in, that stand in place of the computed ones: for asking
            what if.
        further: how many imagined cases follow the real ones; their states must be among `given`.
    """

    dataset: Dataset
    definitions: Definitions
    kept: Mask
    given: Mapping[str, States] = field(default_factory=dict)
    further: int = 0
    cache: Cache = field(default_factory=dict, repr=False)

    @cached_property
    def ids(self) -> npt.NDArray[np.object_]:
        """The ids of the cases let in, then those of imagined further cases."""
        further = [f"further case {number}" for number in range(1, self.further + 1)]
        real = self.dataset.case_ids[self.kept]
        return np.append(real, np.array(further, dtype=object)) if further else real

    @cached_property
    def index(self) -> "pd.Index[Any]":
        """The ids as an index."""
        return pd.Index(self.ids, dtype=self.dataset.cases.index.dtype, name=self.dataset.cases.index.name)

    @cached_property
    def cases(self) -> pd.DataFrame:
        """The part of the dataset's cases that is let in."""
        return self.dataset.cases[self.kept]

    def states(self, name: str) -> States:
        """1 / -1 / 0 (yes / no / not stated) for every case let in, for a property or `finding:NAME`.

        Raises:
            KeyError: there is no property of that name.
        """
        if name in self.given:
            return self.given[name]
        return all_states(self.dataset, self.definitions, name, self.cache)[self.kept]

    def what_if(self, given: Mapping[str, States]) -> "CaseEvidence":
        """The same cases with other states of some properties."""
        return replace(self, given={**self.given, **given})

    def with_further(self, kinds: Sequence[Mapping[str, Truth]]) -> "CaseEvidence":
        """The same cases and one imagined case for each of `kinds`, which name the states of its properties."""
        names = {name for kind in kinds for name in kind} | {"all_cases"}
        given = {
            name: np.append(self.states(name), [kind.get(name, _DEFAULT.get(name, Truth.UNKNOWN)) for kind in kinds])
            for name in names
        }
        return replace(self, given={name: states.astype(np.int8) for name, states in given.items()}, further=len(kinds))

    def with_fewer(self, number: int) -> "CaseEvidence":
        """The same cases without the last so many of the imagined ones."""
        kept = len(self.ids) - number
        given = {name: states[:kept] for name, states in self.given.items()}
        return replace(self, given=given, further=self.further - number)

    def without_publication(self, citekey: str) -> "CaseEvidence":
        """The same evidence without the cases of one publication."""
        other = np.asarray(self.dataset.cases["citekey"] != citekey, dtype=np.bool_)
        return replace(self, kept=self.kept & other)

    def case_ids(self, states: States) -> tuple[str, ...]:
        """The cases whose state is yes."""
        return tuple(self.ids[states == Truth.YES])


def all_states(dataset: Dataset, definitions: Definitions, name: str, cache: Cache) -> States:
    """The states of a property for all cases of the dataset, computed once for each choice that matters to it."""
    found = property_named(name)
    key = (name, *(getattr(definitions, option) for option in found.depends_on))
    if key not in cache:
        cache[key] = found.find(dataset, definitions)
    return cache[key]


def gather(dataset: Dataset, definitions: Definitions | None = None, cache: Cache | None = None) -> CaseEvidence:
    """The evidence of the cases under the definitions (default: the primary analysis).

    Give the same `cache` to several calls on one dataset to compute each property once.
    """
    chosen = definitions or Definitions()
    shared = _cache_of(dataset) if cache is None else cache
    kept = _source_let_in(dataset, chosen.source_access, shared)
    if chosen.toxicology == "confirmed":
        kept = kept & (all_states(dataset, chosen, "mitragynine_confirmed", shared) == Truth.YES)
    return CaseEvidence(dataset=dataset, definitions=chosen, kept=kept, cache=shared)


def _source_let_in(dataset: Dataset, option: str, cache: Cache) -> Mask:
    """For every case, whether enough was read of its source."""
    key = ("source_access", option)
    if key not in cache:
        access = dataset.cases["source_access"]
        accepted = {"abstract_or_full_text": ["abstract", "full_text"], "full_text": ["full_text"]}
        let_in = access.notna() if option == "all" else access.isin(accepted[option])
        cache[key] = np.where(let_in, Truth.YES, Truth.NO).astype(np.int8)
    return np.equal(cache[key], Truth.YES)


def _cache_of(dataset: Dataset) -> Cache:
    """The cache that calls on a remembered dataset share; a new one for any other."""
    memory = memory_of(dataset)
    return {} if memory is None else memory.setdefault("states of properties", {})
