"""What a release promises: one version everywhere, checksums that hold, licences that fit, the same bytes twice."""

import hashlib
import importlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


@pytest.fixture(scope="module")
def scripts(project_root: Path) -> Iterator[Path]:
    """The folder of the scripts, from which they import each other."""
    folder = project_root / "scripts"
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture
def release(scripts: Path) -> ModuleType:
    assert scripts.is_dir()
    return importlib.import_module("release")


@pytest.fixture
def licences(scripts: Path) -> ModuleType:
    assert scripts.is_dir()
    return importlib.import_module("licences")


@pytest.fixture
def checkout(project_root: Path, tmp_path: Path) -> Path:
    """The files that name the version."""
    for name in ("CITATION.cff", "pyproject.toml", "CHANGELOG.md"):
        shutil.copy(project_root / name, tmp_path)
    return tmp_path


class TestVersion:
    def test_the_project_names_one_version_and_its_day(self, release: ModuleType, project_root: Path) -> None:
        version, released = release.release_of(project_root)
        assert f'version = "{version}"' in (project_root / "pyproject.toml").read_text(encoding="utf-8")
        assert released.tzinfo is UTC

    def test_another_version_in_the_package_is_refused(self, release: ModuleType, checkout: Path) -> None:
        file = checkout / "pyproject.toml"
        file.write_text(re.sub(r'(?m)^version = ".*"', 'version = "9.9.9"', file.read_text(encoding="utf-8")))
        with pytest.raises(release.ReleaseError, match=r"pyproject\.toml 9\.9\.9"):
            release.release_of(checkout)

    def test_a_version_without_a_heading_in_the_changelog_is_refused(self, release: ModuleType, checkout: Path) -> None:
        (checkout / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
        with pytest.raises(release.ReleaseError, match=r"CHANGELOG\.md has no heading"):
            release.release_of(checkout)


class TestArchive:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A small release, with a hidden file that does not belong to it."""
        folder = tmp_path / "made"
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "naïve.csv").write_text("a,b\n", encoding="utf-8")
        (folder / "b.txt").write_text("second\n")
        (folder / "data" / ".lock").write_text("")
        return folder

    def test_same_files_give_the_same_bytes(self, release: ModuleType, folder: Path, tmp_path: Path) -> None:
        archives = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            archive = tmp_path / name / "x-1.zip"
            release.pack(folder, archive)
            archives.append(archive.read_bytes())
            (folder / "b.txt").touch()
        assert archives[0] == archives[1]
        (folder / "b.txt").write_text("changed\n")
        release.pack(folder, tmp_path / "x-1.zip")
        assert (tmp_path / "x-1.zip").read_bytes() != archives[0]

    def test_archive_holds_everything_but_hidden_files(self, release: ModuleType, folder: Path, tmp_path: Path) -> None:
        archive = tmp_path / "x-1.zip"
        release.pack(folder, archive)
        with zipfile.ZipFile(archive) as packed:
            assert packed.namelist() == ["x-1/b.txt", "x-1/data/naïve.csv"]
            assert packed.testzip() is None

    def test_checksums_are_those_of_the_program_that_checks_them(self, release: ModuleType, folder: Path) -> None:
        """SHA-256 of "second", with a line feed, from sha256sum."""
        first, second = release.checksum_lines(folder)
        assert first == "480c2336b410f1ad5f8bf1b28944490255804b65350c527787e74ebdd511e3a4  b.txt\n"
        assert second.endswith("  data/naïve.csv\n")


class TestContents:
    @pytest.fixture
    def folder(self, release: ModuleType, project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A release as it is gathered, with one page in place of the rendered ones."""

        def rendered(command: tuple[str, ...], **_: Any) -> subprocess.CompletedProcess[bytes]:
            out = Path(command[-1])
            out.mkdir()
            (out / "index.html").write_text("a page")
            made_from = {"data": {"version": "2026.1.0"}, "program": {"commit": "0123abc"}}
            (out / "manifest.json").write_text(json.dumps(made_from))
            return subprocess.CompletedProcess(command, 0)

        monkeypatch.setattr(release.subprocess, "run", rendered)
        folder = tmp_path / "release"
        folder.mkdir()
        release.gather(project_root, folder, "1.2.3", datetime(2026, 1, 2, tzinfo=UTC))
        return folder

    def test_no_document_leads_to_a_file_that_is_not_there(self, folder: Path) -> None:
        documents = list(folder.rglob("*.md"))
        targets = [
            (document.parent / target).resolve()
            for document in documents
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        ]
        assert len(documents) > 8 and len(targets) > 8
        assert [target for target in targets if not target.is_file() or folder not in target.parents] == []

    def test_what_is_to_be_read_first_names_what_is_there(self, folder: Path) -> None:
        text = (folder / "CONTENTS.md").read_text(encoding="utf-8")
        named = re.findall(r"`([\w./-]+)`", text)
        assert "reports/index.html" in named
        assert [name for name in named if not (folder / name).exists()] == []
        assert "kratom-evidence 1.2.3" in text and "data version 2026.1.0, commit 0123abc" in text

    def test_every_file_has_its_checksum(self, folder: Path) -> None:
        lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        del files["SHA256SUMS"]
        assert sums == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


class TestBillOfMaterials:
    @pytest.fixture
    def bill(self, scripts: Path, project_root: Path) -> str:
        assert scripts.is_dir()
        module = importlib.import_module("bill_of_materials")
        lock = (project_root / "requirements.lock").read_text(encoding="utf-8")
        text: str = module.bill_of_materials("1.2.3", datetime(2026, 1, 2, tzinfo=UTC), lock)
        assert text == module.bill_of_materials("1.2.3", datetime(2026, 1, 2, tzinfo=UTC), lock)
        return text

    def test_keeps_to_the_standard(self, bill: str) -> None:
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None

    def test_names_every_locked_package_with_its_hashes(self, bill: str, project_root: Path) -> None:
        lock = (project_root / "requirements.lock").read_text(encoding="utf-8")
        listed = json.loads(bill)["components"]
        entries = re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock, re.MULTILINE)
        assert sorted((entry["name"], entry["version"]) for entry in listed) == sorted(entries)
        assert sum(len(entry["hashes"]) for entry in listed) == lock.count("--hash=sha256:")
        assert all(entry["licenses"] for entry in listed)


class TestLicences:
    def test_every_locked_package_has_a_compatible_one(self, licences: ModuleType) -> None:
        found = {name: licences.licence_of(name) for name in licences.locked_names()}
        assert licences.problems(found) == []

    def test_document_lists_the_packages_of_the_lock(self, licences: ModuleType) -> None:
        listed = re.findall(
            r"^\| ([\w.-]+) \| (?!licence)", licences.DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
        )
        assert listed == sorted(licences.locked_names()), "Run python scripts/licences.py"

    @pytest.mark.parametrize(
        ("licence", "said"),
        [(None, "not known"), ("GPL-3.0-only", "not on the list"), ("MIT AND AGPL-3.0-only", "not on the list")],
    )
    def test_others_are_refused(self, licences: ModuleType, licence: str | None, said: str) -> None:
        (problem,) = licences.problems({"some-package": licence})
        assert said in problem
