"""What happens before a command begins."""

import subprocess
import sys

CHECKS = """
import gc
import sys
from kratom_evidence.__main__ import start
sys.argv = ["kratom-evidence", "--version"]
try:
    start()
except SystemExit as ended:
    assert not ended.code
assert gc.get_freeze_count() > 10_000
import jsonschema
import nbformat
nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))
checker = jsonschema.FormatChecker()
assert not checker.conforms("no date", "date") and checker.conforms("2026-11-30", "date")
print("rfc3987_syntax.syntax_helpers" in sys.modules)
"""


def test_what_takes_a_second_to_load_is_left_out_and_notebooks_are_checked_all_the_same() -> None:
    done = subprocess.run([sys.executable, "-c", CHECKS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"
