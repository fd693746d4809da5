"""Builds a release: `make release`. One zip with the reports, the data package and all that explains them.

The version is that of CITATION.cff. The same commit gives the same bytes: names in order, a fixed time in the archive,
and the date of the release from CHANGELOG.md.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))
from bill_of_materials import bill_of_materials

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
# Beside the rendered reports, the data and the documents.
FILES = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "LICENSE"),
    *("requirements.lock", "requirements-installer.lock", "environment.yml"),
)
FOLDERS = ("data", "docs")
CONTENTS = "CONTENTS.md"
CHECKSUMS = "SHA256SUMS"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can tell


class ReleaseError(Exception):
    """The release cannot be built; the message says why and what to do."""


def release_of(root: Path) -> tuple[str, datetime]:
    """The version that CITATION.cff names, and its date from CHANGELOG.md.

    Raises:
        ReleaseError: pyproject.toml or CHANGELOG.md name another version.
    """
    version = str(yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["version"])
    package = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if package != version:
        raise ReleaseError(f"CITATION.cff says version {version}, pyproject.toml {package}. Make them the same.")
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(rf"^## \[{re.escape(version)}\] - (\d{{4}}-\d\d-\d\d)$", changes, re.MULTILINE)
    if heading is None:
        raise ReleaseError(f"CHANGELOG.md has no heading `## [{version}] - YYYY-MM-DD`. Say what changed, and when.")
    return version, datetime.fromisoformat(heading[1]).replace(tzinfo=UTC)


def require_clean(root: Path) -> None:
    """See that everything is committed: a release is what a commit says.

    Raises:
        ReleaseError: something is not.
    """
    command = ("git", "status", "--porcelain")
    changed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    if changed:
        raise ReleaseError(f"These files are not committed:\n{changed.rstrip()}\nCommit or remove them first.")


def gather(root: Path, folder: Path, version: str, released: datetime) -> None:
    """Put everything that belongs to the release into `folder`.

    Raises:
        ReleaseError: a report could not be rendered.
    """
    command = (sys.executable, "-m", "kratom_evidence", "report", "--out", str(folder / "reports"))
    # Where the pages are told to be is a folder that is gone at the end.
    if subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise ReleaseError("A report could not be rendered; the lines above say why.")
    for name in FOLDERS:
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns(".*"))
    for name in FILES:
        shutil.copy(root / name, folder / name)
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    texts = {
        "bom.cdx.json": bill_of_materials(version, released, lock),
        CONTENTS: contents_text(version, (folder / "reports" / "manifest.json").read_text(encoding="utf-8")),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / CHECKSUMS).write_text("".join(checksum_lines(folder)), encoding="utf-8", newline="\n")


def contents_text(version: str, manifest: str) -> str:
    """What whoever unpacks the release reads first: where to begin, and what it was made from (`manifest`: JSON)."""
    made_from = json.loads(manifest)
    return f"""\
# kratom-evidence {version}

Made from data version {made_from["data"]["version"]}, commit {made_from["program"]["commit"]}.

- `reports/index.html` is where to begin. Every page opens in a browser, without a network connection.
- `data/` holds the tables; `data/datapackage.json` describes every column (Frictionless Data Package), and so does
  `docs/data-dictionary.md`.
- `docs/method.md` says how a verdict is made, `docs/worked-example.md` shows it for one case.
- `CITATION.cff` says how to cite, `LICENSE` and `data/LICENSE` what you may do with it.
- `bom.cdx.json` lists the packages that it was made with (CycloneDX).
- `SHA256SUMS` has the checksum of every file: `sha256sum --check SHA256SUMS`.

The programs are not in here. The commands in `README.md` are for a clone of the project.
"""


def released_files(folder: Path) -> list[Path]:
    """The files below a folder in the order of their names, without hidden ones (locks)."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in files if not any(part.startswith(".") for part in path.parts))


def checksum_lines(folder: Path) -> Iterator[str]:
    """A line for each file, as `sha256sum --check` reads it."""
    for path in released_files(folder):
        if path.name != CHECKSUMS:
            yield f"{hashlib.sha256((folder / path).read_bytes()).hexdigest()}  {path.as_posix()}\n"


def pack(folder: Path, archive: Path) -> None:
    """Write the folder into a zip whose bytes depend on the files alone."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in released_files(folder):
            entry = zipfile.ZipInfo(f"{archive.stem}/{path.as_posix()}", date_time=_EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, (folder / path).read_bytes())


def main() -> int:
    """Build the release in dist/; 1 when that is not possible."""
    try:
        version, released = release_of(ROOT)
        require_clean(ROOT)
        with tempfile.TemporaryDirectory(prefix="kratom-evidence-") as scratch:
            folder = Path(scratch) / "release"
            folder.mkdir()
            gather(ROOT, folder, version, released)
            DIST.mkdir(exist_ok=True)
            archive = DIST / f"kratom-evidence-{version}.zip"
            pack(folder, Path(scratch) / archive.name)
            shutil.move(Path(scratch) / archive.name, archive)
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.with_suffix(".zip.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8", newline="\n")
    print(f"Release: {archive}\nChecksum: {archive}.sha256")
    return 0


if __name__ == "__main__":
    sys.exit(main())
