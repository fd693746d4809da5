"""The software bill of materials of a release: every locked package with its hashes and licence, as CycloneDX 1.6."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

sys.path.insert(0, str(Path(__file__).parent))
from licences import LOCK, licence_of

_ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+).*?(?=^[A-Za-z0-9]|\Z)", re.MULTILINE | re.DOTALL
)
_HASH = re.compile(r"sha256:([0-9a-f]{64})")
# The only licence name of docs/licences.md that is not an SPDX identifier: the metadata leave the clauses open.
_OPEN = "BSD"


def components(lock: str) -> list[Component]:
    """One component for each entry of the lock. A package that is locked in several versions has several entries."""
    return [_component(match["name"], match["version"], _HASH.findall(match[0])) for match in _ENTRY.finditer(lock)]


def _component(name: str, version: str, hashes: list[str]) -> Component:
    purl = PackageURL("pypi", name=name, version=version)
    licence = licence_of(name)
    licences = [] if licence is None else [_licence(licence)]
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        # The lock gives one hash for each file of a release; the standard has them as hashes of the component.
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in hashes],
        licenses=licences,
    )


def _licence(licence: str) -> DisjunctiveLicense | LicenseExpression:
    if licence == _OPEN:
        return DisjunctiveLicense(name="BSD licence, number of clauses not stated")
    return LicenseExpression(licence)


def bill_of_materials(version: str, released: datetime, lock: str) -> str:
    """The bill as JSON: the same for the same lock and version, so without a random serial number or today's date."""
    project = Component(
        name="kratom-evidence", version=version, type=ComponentType.APPLICATION, bom_ref=f"kratom-evidence@{version}"
    )
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"kratom-evidence {version}\n{lock}"),
        metadata=BomMetaData(component=project, timestamp=released),
        components=components(lock),
    )
    bom.register_dependency(project, bom.components)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def main() -> int:
    """Print the bill of materials of version `argv[1]`, released on the day `argv[2]` (YYYY-MM-DD)."""
    version, day = sys.argv[1:]
    released = datetime.fromisoformat(day).replace(tzinfo=UTC)
    print(bill_of_materials(version, released, LOCK.read_text(encoding="utf-8")), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
