"""Writes docs/licences.md: the licence of every locked package, as its own metadata give it. `make lock` runs it.

Names of licences are brought to SPDX identifiers; a licence that is not on the list of compatible ones stops the run.
"""

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
DOCUMENT = ROOT / "docs" / "licences.md"
_LOCKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
# Classifiers and free texts -> SPDX. A classifier that leaves the number of clauses open stays as open as it is.
_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Packages for other systems or other versions of Python, and one without metadata: read from the licence file in the
# package itself.
_READ_FROM_THE_PACKAGE = {
    "aiohappyeyeballs": "PSF-2.0",
    "aiohttp": "Apache-2.0 AND MIT",
    "aiosignal": "Apache-2.0",
    "appnope": "BSD-2-Clause",
    "axe-playwright-python": "MIT",
    "colorama": "BSD-3-Clause",
    "frozenlist": "Apache-2.0",
    "multidict": "Apache-2.0",
    "phenopackets": "BSD-3-Clause",
    "propcache": "Apache-2.0",
    "pywinpty": "MIT",
    "yarl": "Apache-2.0",
}
# All may be used together with, and beside, code under the MIT licence. MPL-2.0 asks for the source of changed files of
# that package only; none is changed here, and none is distributed with the project.
COMPATIBLE = frozenset(
    (
        *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC"),
        *("MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib"),
    )
)
_INTRODUCTION = """\
# Licences of what the project is built on

Every package of `requirements.lock`, as its own metadata or its licence file say; `python scripts/licences.py` writes
this list. "BSD" stands where the metadata do not say which of the BSD licences it is. None of these packages is
distributed with the project. All of these licences may be used beside the project's own (MIT for the programs, CC BY
4.0 for the data).

| package | licence |
|---|---|
"""


def locked_names() -> list[str]:
    """The packages of the lock, each once, in its order."""
    return list(dict.fromkeys(_LOCKED.findall(LOCK.read_text(encoding="utf-8"))))


def licence_of(name: str) -> str | None:
    """The licence as an SPDX expression where it can be told; None where the metadata say nothing usable."""
    if name in _READ_FROM_THE_PACKAGE:
        return _READ_FROM_THE_PACKAGE[name]
    try:
        described = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return None
    if expression := described.get("license_expression"):
        return str(expression)
    text = str(described.get("license") or "").strip()
    if text in COMPATIBLE or _all_compatible(text):
        return text
    classifiers = [entry.rpartition(" :: ")[2] for entry in described.get("classifier", []) if "License ::" in entry]
    for candidate in (*classifiers, text):
        if candidate in _SPDX:
            return _SPDX[candidate]
    return None


def _all_compatible(expression: str) -> bool:
    return bool(expression) and set(re.split(r"\s+(?:AND|OR)\s+", expression)) <= COMPATIBLE


def problems(licences: dict[str, str | None]) -> list[str]:
    """What is wrong: a package whose licence is not known, or not on the list of compatible ones."""
    return [
        f"{name}: {'its licence is not known' if licence is None else f'{licence} is not on the list'}"
        for name, licence in licences.items()
        if licence is None or not _all_compatible(licence)
    ]


def document(licences: dict[str, str | None]) -> str:
    """The list as Markdown."""
    return _INTRODUCTION + "".join(f"| {name} | {licence} |\n" for name, licence in sorted(licences.items()))


def main() -> int:
    """Write the list; 1 when a licence is missing or not compatible."""
    licences = {name: licence_of(name) for name in locked_names()}
    if wrong := problems(licences):
        print("Licences to look at, in scripts/licences.py:", *wrong, sep="\n  ", file=sys.stderr)
        return 1
    DOCUMENT.write_text(document(licences), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
