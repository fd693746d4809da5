"""The manifest beside the pages: from what each page was made, and what it is. `manifest.json`, the same on every run.

    format        names this structure
    data          version; files: name below data/ -> SHA-256
    program       version; source: SHA-256 over the package; commit, with "+" when files differ from it, or null
    lock          SHA-256 of requirements.lock, or null
    libraries     name -> version, Python's among them
    notebooks     template -> SHA-256
    inputs        one SHA-256 over all of the above but the commit
    whole_kinds   the kinds of which the page of every subject, with the default parameters, is made from these inputs
    pages         by page: page, kind, subject, parameters (those that differ from their defaults), input_hash (over
                  all that this page is made from; it stands in the page too), output_hash (SHA-256 of the file)
    site          the index and the other pages and files over all of them: name -> SHA-256
    site_inputs   one SHA-256 over all that these are made from: data, program, and which pages they may link to

A page whose input_hash is older than `inputs` tells is kept where nobody asked for a new one; the index leaves it out.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kratom_evidence.faults import shorten
from kratom_evidence.files import write_atomically
from kratom_evidence.reports.inputs import Inputs
from kratom_evidence.reports.parameters import ParameterValue
from kratom_evidence.reports.request import KIND_NAMES

MANIFEST = "manifest.json"
FORMAT = "kratom-evidence manifest of reports, 1"
_LARGEST = 20_000_000  # bytes; that of two hundred pages has 100,000
_HASH = re.compile(r"[0-9a-f]{64}")
# A file below the folder of pages: no part of its name begins with a dot, so that none leads out of the folder.
_PLACE = re.compile(r"([A-Za-z0-9_+=-][A-Za-z0-9_.+=-]*/)?[A-Za-z0-9_+=-][A-Za-z0-9_.+=-]*")


@dataclass(frozen=True, kw_only=True)
class PageRecord:
    """One page: where it lies, what it is about, and the hashes of what it was made from and of its bytes."""

    page: str
    kind: str
    subject: str
    parameters: Mapping[str, ParameterValue]
    input_hash: str
    output_hash: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The manifest of one folder of pages; see the module."""

    data_version: str
    inputs: Inputs
    inputs_hash: str
    commit: str | None
    whole_kinds: tuple[str, ...]
    pages: tuple[PageRecord, ...]
    site: Mapping[str, str]
    site_inputs: str

    @property
    def outputs(self) -> dict[str, str]:
        """Every file that the manifest tells about, with its hash."""
        return {**{record.page: record.output_hash for record in self.pages}, **self.site}


@dataclass(frozen=True, kw_only=True)
class ManifestReading:
    """The manifest, or None where there is none that can be used; `note` tells why one that is there cannot be."""

    manifest: Manifest | None = None
    note: str | None = None


class UnusableManifestError(Exception):
    """A manifest that is damaged, or was written by something else; says why, in a few words."""


def write_manifest(out: Path, manifest: Manifest) -> None:
    """Write it into the folder of pages in one step.

    Raises:
        ExplainedError: it cannot be written.
    """
    write_atomically(out / MANIFEST, manifest_text(manifest))


def manifest_text(manifest: Manifest) -> str:
    """The whole file, to the byte."""
    document = {
        "format": FORMAT,
        "data": {"version": manifest.data_version, "files": manifest.inputs.data},
        "program": {
            "version": manifest.inputs.program_version,
            "source": manifest.inputs.program,
            "commit": manifest.commit,
        },
        "lock": manifest.inputs.lock,
        "libraries": manifest.inputs.libraries,
        "notebooks": manifest.inputs.notebooks,
        "inputs": manifest.inputs_hash,
        "whole_kinds": sorted(manifest.whole_kinds),
        "pages": [asdict(record) for record in sorted(manifest.pages, key=lambda record: record.page)],
        "site": manifest.site,
        "site_inputs": manifest.site_inputs,
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_manifest(out: Path) -> ManifestReading:
    """Read that of a folder of pages. One that is damaged, or was written by something else, counts as none."""
    path = out / MANIFEST
    if not path.is_file():
        return ManifestReading()
    try:
        return ManifestReading(manifest=parsed_manifest(path))
    except UnusableManifestError as why:
        note = f"{path} cannot be used ({why}). It is written anew; each page is judged by the mark that it bears."
        return ManifestReading(note=note)


def parsed_manifest(path: Path) -> Manifest:
    """Read a manifest. Fields that it does not know are passed over.

    Raises:
        UnusableManifestError: it cannot be read, or does not have the form of a manifest.
    """
    try:
        return _manifest(_document(path))
    except OSError as error:
        why = error.strerror or type(error).__name__
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        why = "it is not JSON in UTF-8"
    except KeyError as error:
        why = f"it lacks {error}"
    except (ValueError, TypeError, AttributeError) as error:
        why = shorten(str(error))
    raise UnusableManifestError(why)


def _document(path: Path) -> Any:
    if path.stat().st_size > _LARGEST:
        raise ValueError("it is too large")
    return json.loads(path.read_bytes().decode("utf-8"))


def _manifest(document: Any) -> Manifest:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("it is of another format")
    program, data = document["program"], document["data"]
    kinds = tuple(_text(name) for name in document["whole_kinds"])
    return Manifest(
        data_version=_text(data["version"]),
        inputs=Inputs(
            data=_texts(data["files"]),
            notebooks=_texts(document["notebooks"]),
            program=_text(program["source"]),
            program_version=_text(program["version"]),
            lock=None if document["lock"] is None else _text(document["lock"]),
            libraries=_texts(document["libraries"]),
        ),
        inputs_hash=_hash(document["inputs"]),
        commit=None if program["commit"] is None else _text(program["commit"]),
        whole_kinds=kinds,
        pages=tuple(_record(entry) for entry in document["pages"]),
        site={_place(name): _hash(value) for name, value in document["site"].items()},
        site_inputs=_hash(document["site_inputs"]),
    )


def _record(entry: Any) -> PageRecord:
    kind = _text(entry["kind"])
    if kind not in KIND_NAMES:
        raise ValueError(f"{kind!r} is no kind of reports")
    return PageRecord(
        page=_place(entry["page"]),
        kind=kind,
        subject=_text(entry["subject"]),
        parameters={_text(name): _parameter(value) for name, value in entry["parameters"].items()},
        input_hash=_hash(entry["input_hash"]),
        output_hash=_hash(entry["output_hash"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _texts(value: Any) -> dict[str, str]:
    return {_text(name): _text(text) for name, text in value.items()}


def _hash(value: object) -> str:
    if not _HASH.fullmatch(_text(value)):
        raise ValueError(f"{value!r} is no hash")
    return str(value)


def _place(value: object) -> str:
    if not _PLACE.fullmatch(_text(value)):
        raise ValueError(f"{value!r} is no file below the folder of pages")
    return str(value)


def _parameter(value: object) -> ParameterValue:
    if isinstance(value, str | int | float | None):
        return value
    raise TypeError(f"{value!r} is no value of a parameter")
