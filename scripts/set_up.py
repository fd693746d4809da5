"""Sets up the environment that every make target runs in: `.venv`, or the active conda environment.

Only the standard library is used, because nothing is installed when this runs. What is installed is written down in
requirements.lock with a hash for every file, so that two machines cannot get different packages. When nothing has
changed since the last time, nothing is done.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OWN_ENVIRONMENT = ROOT / ".venv"
CONDA_NAME = "kratom-evidence"
PROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "requirements.lock"
INSTALLER_LOCK = ROOT / "requirements-installer.lock"
STAMP = "kratom-evidence-set-up"


class SetUpError(Exception):
    """The environment cannot be set up; the message says why and what to do."""


def stamp_text() -> str:
    """What the stamp of a current environment says: where the checkout is, and a hash of what was installed.

    The place counts because scripts and the editable installation of the package hold its absolute path.
    """
    digest = hashlib.sha256()
    for file in (PROJECT, LOCK, INSTALLER_LOCK):
        digest.update(file.read_bytes() + b"\0")
    return f"{ROOT}\n{digest.hexdigest()}\n"


def read_stamp(environment: Path) -> str:
    """The stamp of an environment that was set up completely; empty for any other."""
    stamp = environment / STAMP
    return stamp.read_text(encoding="utf-8") if stamp.is_file() and python_of(environment).exists() else ""


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / "bin" / "python"


def succeeds(command: Sequence[str | Path]) -> bool:
    """Run a command in the root of the checkout and tell whether it ended well. Its messages are shown only if not."""
    environment = os.environ | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


def create(environment: Path) -> None:
    """Make a fresh virtual environment with pip in it.

    Raises:
        SetUpError: this Python came without ensurepip, as Debian's and Ubuntu's does.
    """
    if importlib.util.find_spec("ensurepip") is None:
        raise SetUpError(
            f"{sys.executable} cannot make virtual environments: its module ensurepip is missing. "
            "On Debian and Ubuntu, install the package python3-venv."
        )
    venv.EnvBuilder(with_pip=True, clear=True).create(environment)


def install_with_uv(python: Path) -> bool:
    """Install the lock and the package with uv, which takes seconds; False when uv cannot be had or fails."""
    uv = (python, "-m", "uv", "--quiet", "pip")
    pip = (python, "-m", "pip", "--quiet", "install", "--require-hashes", "--no-deps", "--only-binary", ":all:")
    return (
        succeeds((*pip, "-r", INSTALLER_LOCK))
        and succeeds((*uv, "sync", "--python", python, "--require-hashes", "--compile-bytecode", LOCK))
        and succeeds((*uv, "install", "--python", python, "--no-deps", "--no-build-isolation", "--editable", "."))
    )


def install_with_pip(python: Path) -> bool:
    """Install the lock and the package with pip alone, which takes minutes; False when it fails."""
    pip = (python, "-m", "pip", "--quiet", "install", "--no-deps")
    return succeeds((*pip, "--require-hashes", "-r", LOCK)) and succeeds(
        (*pip, "--no-build-isolation", "--editable", ".")
    )


def set_up_own_environment() -> None:
    """Make `.venv` what the lock says.

    Raises:
        SetUpError: no virtual environment can be made, or nothing can be installed into it.
    """
    wanted, found = stamp_text(), read_stamp(OWN_ENVIRONMENT)
    if found == wanted:
        return
    print("Setting up .venv. This is done once, and again only when the dependencies change.", file=sys.stderr)
    if not found.startswith(f"{ROOT}\n"):
        create(OWN_ENVIRONMENT)
    (OWN_ENVIRONMENT / STAMP).unlink(missing_ok=True)
    python = python_of(OWN_ENVIRONMENT)
    if not install_with_uv(python):
        print("Installing with uv failed. Trying again with pip, which takes longer.", file=sys.stderr)
        if not install_with_pip(python):
            raise SetUpError(
                "The packages in requirements.lock could not be installed; the messages above say why. "
                "The first time needs a connection to a Python package index."
            )
    (OWN_ENVIRONMENT / STAMP).write_text(wanted, encoding="utf-8")


def unmet_requirements() -> list[str]:
    """The requirements of pyproject.toml, those of the tests too, that the running environment does not meet."""
    from importlib.metadata import PackageNotFoundError, version

    from packaging.requirements import Requirement

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    unmet = []
    for text in (*project["dependencies"], *project["optional-dependencies"]["test"]):
        requirement = Requirement(text)
        try:
            met = requirement.specifier.contains(version(requirement.name), prereleases=True)
        except PackageNotFoundError:
            met = False
        if not met:
            unmet.append(text)
    return unmet


def set_up_conda_environment(environment: Path) -> None:
    """Check that the active conda environment has what is needed, and put this checkout's package into it.

    Raises:
        SetUpError: the environment is older than environment.yml.
    """
    wanted = stamp_text()
    if read_stamp(environment) == wanted:
        return
    try:
        unmet = unmet_requirements()
    except ImportError:
        unmet = ["packaging"]
    python = python_of(environment)
    install = (python, "-m", "pip", "--quiet", "install", "--no-deps", "--no-build-isolation", "--editable", ".")
    if unmet or not succeeds(install):
        missing = f" It lacks: {', '.join(unmet)}." if unmet else ""
        raise SetUpError(
            f"The conda environment {CONDA_NAME} does not fit this checkout.{missing} "
            "Update it: conda env update --file environment.yml --prune"
        )
    (environment / STAMP).write_text(wanted, encoding="utf-8")


def main() -> int:
    """Set up the environment in use; exit status 1 with an explanation when that is impossible."""
    try:
        if os.environ.get("CONDA_DEFAULT_ENV") == CONDA_NAME:
            set_up_conda_environment(Path(os.environ["CONDA_PREFIX"]))
        else:
            set_up_own_environment()
    except SetUpError as error:
        print(f"kratom-evidence: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
