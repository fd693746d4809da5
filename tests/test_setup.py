"""Promises of the set-up: the same environment everywhere, installed once, and a clear word when it cannot be."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# conda-forge's name -> the name on the Python package index, where they differ.
CONDA_NAMES = {"matplotlib-base": "matplotlib", "playwright-python": "playwright"}
SET_UP_FILES = (
    "pyproject.toml",
    "requirements.lock",
    "requirements-installer.lock",
    "environment.yml",
    "Makefile",
    "scripts",
    ".ci",
)
INDEX_OPTION = re.compile(r"https?://|--(?:extra-)?index-url|--default-index|--find-links|--trusted-host|^\s*-[if]\s")
# Written in pieces, so that this file does not name them itself.
REGISTRY_HOST = re.compile(
    "|".join(
        rf"\b{name}\.{domain}\b"
        for name, domain in (
            ("pypi", "org"),
            ("files.pythonhosted", "org"),
            ("conda.anaconda", "org"),
            ("registry.npmjs", "org"),
            ("deb.debian", "org"),
        )
    )
)
HOME_FOLDER = re.compile(r"(?<![\w.~-])/(?:home|root|work|Users)/\w")


@pytest.fixture(scope="module")
def project(project_root: Path) -> dict[str, Any]:
    """The contents of pyproject.toml."""
    return tomllib.loads((project_root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wanted(project: dict[str, Any]) -> dict[str, Requirement]:
    """Every requirement of pyproject.toml by its name: to run, to test and to build."""
    return by_name(
        [
            *project["project"]["dependencies"],
            *project["project"]["optional-dependencies"]["test"],
            *project["build-system"]["requires"],
        ]
    )


@pytest.fixture(scope="module")
def conda(project_root: Path) -> dict[str, Any]:
    """The contents of environment.yml."""
    content: dict[str, Any] = yaml.safe_load((project_root / "environment.yml").read_text(encoding="utf-8"))
    return content


def by_name(requirements: Iterable[str]) -> dict[str, Requirement]:
    return {canonicalize_name(parsed.name): parsed for parsed in map(Requirement, requirements)}


def imported_packages(file: Path) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def locked_entries(lock: Path) -> list[str]:
    """The entries of a lock, each with its continuation lines joined."""
    return re.sub(r"\\\n\s*", "", lock.read_text(encoding="utf-8")).splitlines()


def locked_versions(lock: Path) -> dict[str, list[Version]]:
    """Every version that a lock gives for a package: several, when they depend on the Python or the platform."""
    versions: dict[str, list[Version]] = {}
    for entry in locked_entries(lock):
        name, _, rest = entry.partition("==")
        versions.setdefault(canonicalize_name(name), []).append(Version(re.split(r"[\s;]", rest)[0]))
    return versions


class TestInStep:
    """pyproject.toml says what is needed; the lock and environment.yml follow it."""

    def test_lock_gives_every_requirement_in_a_version_inside_its_bound(
        self, project_root: Path, wanted: dict[str, Requirement]
    ) -> None:
        locked = locked_versions(project_root / "requirements.lock")
        outside = {
            name: [str(version) for version in locked.get(name, [])]
            for name, requirement in wanted.items()
            if name not in locked or not all(requirement.specifier.contains(version) for version in locked[name])
        }
        assert not outside, "Run make lock"

    def test_conda_environment_asks_for_the_same_with_the_same_bounds(
        self, conda: dict[str, Any], wanted: dict[str, Requirement]
    ) -> None:
        *plain, with_pip = conda["dependencies"]
        from_pip = [text for text in with_pip["pip"] if not text.startswith("-e")]
        found = by_name([*plain, *from_pip])
        found = {CONDA_NAMES.get(name, name): requirement for name, requirement in found.items()}
        del found["pip"], found["python"]
        assert {name: found[name].specifier for name in sorted(found)} == {
            name: wanted[name].specifier for name in sorted(wanted)
        }

    def test_conda_environment_has_the_name_that_make_looks_for(self, conda: dict[str, Any]) -> None:
        """The name that the tests of make and of the set-up, below, call active."""
        assert conda["name"] == "kratom-evidence"

    def test_python_is_the_same_everywhere(
        self, project_root: Path, project: dict[str, Any], conda: dict[str, Any]
    ) -> None:
        bound = project["project"]["requires-python"]
        assert f"python{bound}" in conda["dependencies"]
        oldest = bound.removeprefix(">=")
        assert f'OLDEST_PYTHON = "{oldest}"' in (project_root / "scripts/lock.py").read_text(encoding="utf-8")
        as_tuple = f"({oldest.replace('.', ', ')})"
        assert f"sys.version_info < {as_tuple}" in (project_root / "scripts/set_up").read_text(encoding="utf-8")

    @pytest.mark.parametrize(("folders", "extras"), [(["src"], ["cluster"]), (["src", "scripts", "tests"], ["test"])])
    def test_every_import_is_of_a_declared_requirement(
        self, project_root: Path, project: dict[str, Any], folders: list[str], extras: list[str]
    ) -> None:
        """Not of a package that is there by chance, because another one needs it."""
        declared = list(project["project"]["dependencies"])
        for extra in extras:
            declared += project["project"]["optional-dependencies"][extra]
        scripts = {file.stem for file in (project_root / "scripts").glob("*.py")}
        own = {"benchmarks", "kratom_evidence", "tests"} | scripts | sys.stdlib_module_names
        providers = packages_distributions()
        undeclared = {
            name
            for folder in folders
            for file in (project_root / folder).rglob("*.py")
            for name in imported_packages(file) - own
            if not by_name(declared).keys() & {canonicalize_name(provider) for provider in providers.get(name, [])}
        }
        assert undeclared == set()

    @pytest.mark.parametrize("lock", ["requirements.lock", "requirements-installer.lock"])
    def test_every_locked_package_has_hashes(self, project_root: Path, lock: str) -> None:
        entries = locked_entries(project_root / lock)
        assert entries
        for entry in entries:
            hashes = [word for word in entry.split() if word.startswith("--hash")]
            assert hashes, entry
            assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", text) for text in hashes), entry


class TestNoAddresses:
    """The project installs from whichever index a machine uses, and tells nothing about the machine it was made on."""

    def test_set_up_files_name_no_address_and_no_index(self, project_root: Path) -> None:
        named = [
            f"{file}:{number}"
            for file in tracked_files(project_root, *SET_UP_FILES)
            for number, line in enumerate((project_root / file).read_text(encoding="utf-8").splitlines(), start=1)
            if INDEX_OPTION.search(line)
        ]
        assert named == []

    def test_no_tracked_file_names_a_registry_or_a_home_folder(self, project_root: Path) -> None:
        named = []
        for file in tracked_files(project_root):
            text = (project_root / file).read_bytes().decode("utf-8", errors="ignore")
            named += [f"{file}: {match[0]}" for match in REGISTRY_HOST.finditer(text)]
            named += [f"{file}: {match[0]}" for match in HOME_FOLDER.finditer(text)]
        assert named == []

    @pytest.mark.parametrize("line", ["--index-url=x", "  -i x", "url = 'https://x.example'", "--find-links y"])
    def test_an_address_or_index_option_would_be_found(self, line: str) -> None:
        assert INDEX_OPTION.search(line)


def tracked_files(root: Path, *paths: str) -> list[str]:
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--", *paths), cwd=root, capture_output=True, text=True, check=True
    ).stdout
    return [file for file in listed.split("\0") if file and (root / file).is_file()]


@pytest.fixture
def set_up(project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/set_up.py, working on a small checkout in a folder with a space in its name."""
    specification = importlib.util.spec_from_file_location("set_up", project_root / "scripts" / "set_up.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    checkout = tmp_path / "a checkout"
    checkout.mkdir()
    for constant, name in (
        ("PROJECT", "pyproject.toml"),
        ("LOCK", "requirements.lock"),
        ("INSTALLER_LOCK", "requirements-installer.lock"),
    ):
        shutil.copy(project_root / name, checkout)
        monkeypatch.setattr(module, constant, checkout / name)
    monkeypatch.setattr(module, "ROOT", checkout)
    monkeypatch.setattr(module, "OWN_ENVIRONMENT", checkout / ".venv")
    return module


class Machine:
    """Stands in for the commands that set_up.py runs; commands that contain a word of `broken` fail."""

    def __init__(self, *broken: str) -> None:
        self.broken = broken
        self.created = 0
        self.commands: list[list[str]] = []

    def create(self, environment: Path) -> None:
        self.created += 1
        (environment / "bin").mkdir(parents=True, exist_ok=True)
        (environment / "bin" / "python").touch()

    def succeeds(self, command: Iterable[str | Path]) -> bool:
        self.commands.append([str(part) for part in command])
        return not set(self.broken) & set(self.commands[-1])

    def installs(self) -> list[list[str]]:
        return [command for command in self.commands if {"install", "sync"} & set(command)]


def run_set_up(set_up: ModuleType, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.delenv("CONDA_DEFAULT_ENV", raising=False)
    monkeypatch.setattr(set_up, "create", machine.create)
    monkeypatch.setattr(set_up, "succeeds", machine.succeeds)
    status: int = set_up.main()
    return status


class TestOwnEnvironment:
    def test_first_run_installs_and_second_run_does_nothing(
        self, set_up: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = Machine(), Machine()
        assert run_set_up(set_up, first, monkeypatch) == 0
        assert first.created == 1
        assert first.installs()
        assert run_set_up(set_up, second, monkeypatch) == 0
        assert (second.created, second.commands) == (0, [])

    @pytest.mark.parametrize("file", ["PROJECT", "LOCK", "INSTALLER_LOCK"])
    def test_a_change_of_dependencies_installs_again_in_place(
        self, set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, file: str
    ) -> None:
        run_set_up(set_up, Machine(), monkeypatch)
        changed: Path = getattr(set_up, file)
        changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        again = Machine()
        assert run_set_up(set_up, again, monkeypatch) == 0
        assert again.created == 0
        assert again.installs()

    def test_a_moved_checkout_gets_a_new_environment(self, set_up: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        run_set_up(set_up, Machine(), monkeypatch)
        moved = set_up.ROOT.rename(set_up.ROOT.with_name("moved here"))
        monkeypatch.setattr(set_up, "ROOT", moved)
        for constant in ("PROJECT", "LOCK", "INSTALLER_LOCK", "OWN_ENVIRONMENT"):
            monkeypatch.setattr(set_up, constant, moved / getattr(set_up, constant).name)
        again = Machine()
        assert run_set_up(set_up, again, monkeypatch) == 0
        assert again.created == 1

    def test_an_environment_whose_python_is_gone_is_made_anew(
        self, set_up: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run_set_up(set_up, Machine(), monkeypatch)
        set_up.python_of(set_up.OWN_ENVIRONMENT).unlink()
        again = Machine()
        assert run_set_up(set_up, again, monkeypatch) == 0
        assert again.created == 1

    def test_everything_is_installed_with_hashes_from_the_locks(
        self, set_up: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for broken in ([], ["uv"]):
            machine = Machine(*broken)
            run_set_up(set_up, machine, monkeypatch)
            (set_up.OWN_ENVIRONMENT / set_up.STAMP).unlink()
            for command in machine.installs():
                if "--editable" in command:
                    assert {"--no-deps", "--no-build-isolation"} <= set(command)
                else:
                    assert "--require-hashes" in command
                    assert command[-1] in {str(set_up.LOCK), str(set_up.INSTALLER_LOCK)}

    @pytest.mark.parametrize("broken", ["uv", "sync", ":all:"])
    def test_pip_does_it_when_uv_cannot(self, set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
        machine = Machine(broken)
        assert run_set_up(set_up, machine, monkeypatch) == 0
        with_pip = [command for command in machine.installs() if "uv" not in command]
        assert any(str(set_up.LOCK) in command for command in with_pip)
        assert "--editable" in with_pip[-1]

    def test_a_failed_installation_is_explained_and_tried_again_next_time(
        self, set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run_set_up(set_up, Machine("install"), monkeypatch) == 1
        assert "could not be installed" in capsys.readouterr().err
        again = Machine()
        assert run_set_up(set_up, again, monkeypatch) == 0
        assert again.installs()

    def test_a_python_without_ensurepip_is_explained(self, set_up: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
        with pytest.raises(set_up.SetUpError, match="python3-venv"):
            set_up.create(set_up.OWN_ENVIRONMENT)
        assert not set_up.OWN_ENVIRONMENT.exists()


class TestCondaEnvironment:
    """With the conda environment active, nothing but the package itself is installed, and only once."""

    @pytest.fixture
    def active(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        prefix = tmp_path / "conda envs" / "kratom-evidence"
        Machine().create(prefix)
        monkeypatch.setenv("CONDA_DEFAULT_ENV", "kratom-evidence")
        monkeypatch.setenv("CONDA_PREFIX", str(prefix))
        return prefix

    def test_the_package_is_linked_once_and_no_venv_is_made(
        self, set_up: ModuleType, active: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        machine = Machine()
        monkeypatch.setattr(set_up, "succeeds", machine.succeeds)
        assert set_up.main() == 0
        assert [command[-2:] for command in machine.commands] == [["--editable", "."]]
        assert machine.commands[0][0] == str(active / "bin" / "python")
        assert set_up.main() == 0
        assert len(machine.commands) == 1
        assert not set_up.OWN_ENVIRONMENT.exists()

    @pytest.mark.usefixtures("active")
    def test_an_outdated_environment_is_named_with_what_it_lacks(
        self, set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = set_up.PROJECT.read_text(encoding="utf-8").replace('"pandas>=3"', '"pandas>=999", "no-such-package"')
        set_up.PROJECT.write_text(text, encoding="utf-8")
        machine = Machine()
        monkeypatch.setattr(set_up, "succeeds", machine.succeeds)
        assert set_up.main() == 1
        message = capsys.readouterr().err
        assert "It lacks: pandas>=999, no-such-package." in message
        assert "conda env update" in message
        assert machine.commands == []


class TestFindingPython:
    """scripts/set_up chooses a Python; folders with spaces in their names are no trouble."""

    @pytest.fixture
    def checkout(self, tmp_path: Path, project_root: Path) -> Path:
        scripts = tmp_path / "a checkout" / "scripts"
        scripts.mkdir(parents=True)
        shutil.copy(project_root / "scripts" / "set_up", scripts)
        return scripts.parent

    def find(self, checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", **variables}
        command = ("/bin/sh", str(checkout / "scripts" / "set_up"))
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def interpreter(self, folder: Path, name: str, *, new_enough: bool) -> Path:
        """A stand-in that answers the question for its version and otherwise prints its name and what it runs."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        file.write_text(
            f'#!/bin/sh\n[ "$1" = -c ] && exit {int(not new_enough)}\necho "{name} runs $1"\n', encoding="utf-8"
        )
        file.chmod(0o755)
        return file

    def test_the_named_python_is_used(self, checkout: Path, tmp_path: Path) -> None:
        named = self.interpreter(tmp_path / "my pythons", "python of mine", new_enough=True)
        assert self.find(checkout, PYTHON=str(named)).stdout == "python of mine runs scripts/set_up.py\n"

    def test_a_newer_one_is_found_behind_an_old_one(self, checkout: Path, tmp_path: Path) -> None:
        folder = tmp_path / "bin"
        for name, new_enough in (("python3", False), ("python", False), ("python3.14", False), ("python3.13", True)):
            self.interpreter(folder, name, new_enough=new_enough)
        found = self.find(checkout, PATH=f"{folder}:/usr/bin:/bin")
        assert found.stdout == "python3.13 runs scripts/set_up.py\n"

    def test_only_old_ones_are_explained(self, checkout: Path, tmp_path: Path) -> None:
        old = self.interpreter(tmp_path, "old python", new_enough=False)
        refused = self.find(checkout, PYTHON=str(old))
        assert refused.returncode == 1
        assert "Python 3.11 or newer" in refused.stderr
        assert str(old) in refused.stderr

    def test_the_active_conda_environment_goes_first(self, checkout: Path, tmp_path: Path) -> None:
        prefix = tmp_path / "conda envs"
        self.interpreter(prefix / "bin", "python", new_enough=True)
        named = self.interpreter(tmp_path, "other", new_enough=True)
        found = self.find(checkout, CONDA_DEFAULT_ENV="kratom-evidence", CONDA_PREFIX=str(prefix), PYTHON=str(named))
        assert found.stdout == "python runs scripts/set_up.py\n"


class TestMake:
    @pytest.fixture
    def checkout(self, tmp_path: Path, project_root: Path) -> Path:
        folder = tmp_path / "a checkout"
        folder.mkdir()
        shutil.copy(project_root / "Makefile", folder)
        (folder / "notebooks").mkdir()
        (folder / "notebooks" / "01_first.ipynb").touch()
        return folder

    def planned(self, checkout: Path, target: str, **variables: str) -> str:
        """What make would run, without running it."""
        # Without what an outer make (make test) hands down, and without an active conda environment.
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "CONDA_"))
        }
        done = subprocess.run(
            ("make", "--dry-run", target),
            cwd=checkout,
            env=inherited | variables,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    @pytest.mark.parametrize(
        ("target", "arguments"),
        [
            ("report", "-m kratom_evidence report"),
            ("validate", "-m kratom_evidence validate"),
            ("lab", "-m jupyter lab notebooks/ "),
        ],
    )
    def test_targets_set_up_first_and_run_in_the_environment(self, checkout: Path, target: str, arguments: str) -> None:
        first, last = self.planned(checkout, target).splitlines()
        assert first == "sh scripts/set_up"
        assert last.endswith(f'"{checkout}/.venv/bin/python" {arguments}')

    def test_the_audit_looks_at_every_lock_and_fails_when_a_package_could_not_be_looked_at(
        self, checkout: Path, project_root: Path
    ) -> None:
        words = self.planned(checkout, "audit").splitlines()[-1].split()
        looked_at = {file for option, file in pairwise(words) if option == "--requirement"}
        assert looked_at == {file.name for file in project_root.glob("*.lock")}
        assert "--strict" in words

    def test_tests_cover_style_types_code_and_notebooks(self, checkout: Path) -> None:
        lines = self.planned(checkout, "test").splitlines()
        for part in ("ruff format --check", "ruff check", "mypy"):
            assert any(f"-m {part}" in line for line in lines)
        assert "-m pytest" in lines[-1]
        assert lines[-1].endswith("tests notebooks/01_first.ipynb")

    def test_the_active_conda_environment_is_used(self, checkout: Path) -> None:
        planned = self.planned(
            checkout, "report", CONDA_DEFAULT_ENV="kratom-evidence", CONDA_PREFIX="/opt/conda envs/kratom-evidence"
        )
        assert '"/opt/conda envs/kratom-evidence/bin/python" -m kratom_evidence report' in planned

    def test_another_conda_environment_is_left_alone(self, checkout: Path) -> None:
        planned = self.planned(checkout, "report", CONDA_DEFAULT_ENV="base", CONDA_PREFIX="/opt/conda")
        assert f'"{checkout}/.venv/bin/python" -m kratom_evidence report' in planned


def test_continuous_integration_runs_the_test_command_and_nothing_else(project_root: Path, tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(project_root / ".ci" / "run", tmp_path / ".ci")
    make = tmp_path / "bin" / "make"
    make.parent.mkdir()
    make.write_text('#!/bin/sh\necho "make $* in $PWD"\n', encoding="utf-8")
    make.chmod(0o755)
    done = subprocess.run(
        ("bash", str(tmp_path / ".ci" / "run")),
        env={"PATH": f"{make.parent}:/usr/bin:/bin", "CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (f"make test in {tmp_path}\n", "")


def test_the_wheel_holds_everything_of_the_package(project_root: Path, tmp_path: Path) -> None:
    """Templates and the marker of a typed package too, not the modules alone."""
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path))
    subprocess.run(command, cwd=project_root, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("kratom_evidence/")}
    tracked = {file.removeprefix("src/") for file in tracked_files(project_root, "src")}
    assert "kratom_evidence/py.typed" in tracked
    assert tracked <= inside
