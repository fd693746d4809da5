"""What an exported file says about itself: versions, licence, how to cite."""

import json
import re
from dataclasses import dataclass

from kratom_evidence import __version__
from kratom_evidence.dataset import Dataset
from kratom_evidence.project import Project

_HPO_RELEASE = re.compile(r"Human Phenotype Ontology, release ([0-9]{4}-[0-9]{2}-[0-9]{2})")


@dataclass(frozen=True, kw_only=True)
class About:
    """Versions and terms of an export. `hpo_release` is None where data/LICENSE does not name it."""

    title: str
    data_version: str
    fingerprint: str
    package_version: str
    licence: str
    hpo_release: str | None

    @property
    def citation(self) -> str:
        """How to cite the data, in one sentence."""
        return (
            f"kratom-evidence maintainers. {self.title}. Data {self.data_version} (fingerprint {self.fingerprint}), "
            f"programs {self.package_version}. When you use a single case, cite its publication."
        )


def about(project: Project, dataset: Dataset) -> About:
    """Read from the data package what the codebook does not hold."""
    package = json.loads((project.data / "datapackage.json").read_text(encoding="utf-8-sig"))
    licences = [f"{entry.get('title', entry['name'])} ({entry['name']})" for entry in package.get("licenses", ())]
    terms = project.data / "LICENSE"
    release = _HPO_RELEASE.search(terms.read_text(encoding="utf-8")) if terms.is_file() else None
    return About(
        title=dataset.codebook.title,
        data_version=dataset.version,
        fingerprint=dataset.fingerprint,
        package_version=__version__,
        licence=", ".join(licences) or "not stated in datapackage.json",
        hpo_release=release[1] if release else None,
    )
