"""Writes requirements.lock and requirements-installer.lock anew: `make lock`.

Both hold for every platform and every Python that pyproject.toml allows, give a hash for each file and name no package
index, so that they install from whichever one a machine uses.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Old enough to be had everywhere, new enough to know the options used below and in set_up.py.
INSTALLER = "uv>=0.8"
OLDEST_PYTHON = "3.11"
COMPILE = (
    *(sys.executable, "-m", "uv", "--quiet", "pip", "compile", "--universal", "--python-version", OLDEST_PYTHON),
    *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--upgrade"),
)


def write_lock(lock: Path, *sources: str, also: list[str]) -> None:
    """Resolve the requirements of `sources` and those listed in `also`, and write them with their hashes.

    Raises:
        subprocess.CalledProcessError: they cannot be resolved; uv has said why.
    """
    command = [*COMPILE, *sources, "--output-file", str(lock), "-"]
    subprocess.run(command, input="\n".join(also), cwd=ROOT, text=True, stdout=subprocess.DEVNULL, check=True)


def main() -> int:
    """Write both locks. The build tools are part of the first: the package is installed without build isolation."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    try:
        write_lock(ROOT / "requirements-installer.lock", also=[INSTALLER])
        write_lock(
            ROOT / "requirements.lock", "--extra", "test", "pyproject.toml", also=project["build-system"]["requires"]
        )
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    return 0


if __name__ == "__main__":
    sys.exit(main())
