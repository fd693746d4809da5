"""`python -m kratom_evidence`: the same as the command `kratom-evidence`."""

import sys

from kratom_evidence.cli import main

sys.exit(main())
