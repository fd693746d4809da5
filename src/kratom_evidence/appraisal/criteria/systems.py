"""The three sets of criteria by name."""

from collections.abc import Mapping
from types import MappingProxyType

from kratom_evidence.appraisal.criteria.hunter import HUNTER
from kratom_evidence.appraisal.criteria.radomski import RADOMSKI
from kratom_evidence.appraisal.criteria.rule import Criterion, System
from kratom_evidence.appraisal.criteria.sternbach import STERNBACH

CRITERIA: Mapping[System, Criterion] = MappingProxyType(
    {criterion.system: criterion for criterion in (HUNTER, STERNBACH, RADOMSKI)}
)
