"""Installs the Debian packages that some tests need: a browser with fonts for its pages, and a spreadsheet program.

Without them those tests are skipped and counted, so this never fails: it says what is missing and why.
"""

import os
import shutil
import subprocess
import sys

PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-liberation", "libreoffice-calc-nogui")


def is_installed(package: str) -> bool:
    """Whether the package manager has this package installed."""
    answer = subprocess.run(
        ("dpkg-query", "--show", "--showformat", "${db:Status-Status}", package),
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout == "installed"


def install(packages: list[str]) -> bool:
    """Install the packages without questions; the package manager's messages are shown only when it fails."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            print(done.stdout, file=sys.stderr)
            return False
    return True


def main() -> None:
    """Install what is missing, or say why it stays missing."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-query") is None:
        return
    missing = [package for package in PACKAGES if not is_installed(package)]
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0:
        print(f"Some tests may be skipped. To run them: sudo apt-get install {names}", file=sys.stderr)
        return
    print(f"Installing Debian packages for the tests: {names}", file=sys.stderr)
    if not install(missing):
        print("They could not be installed; the tests that need them will be skipped.", file=sys.stderr)


if __name__ == "__main__":
    main()
