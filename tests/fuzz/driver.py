"""Running mutants against the readers, and counting what became of them.

KRATOM_EVIDENCE_FUZZ gives the number of mutants for each file (the long form), KRATOM_EVIDENCE_SEED the seed.
"""

import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.fuzz.mutators import Mutant
from tests.fuzz.oracle import TookTooLong, in_time

SEED = int(os.environ.get("KRATOM_EVIDENCE_SEED", "7"))
LONG_FORM = int(os.environ.get("KRATOM_EVIDENCE_FUZZ", "0"))
# What became of a mutant is one of these; anything else is an error of the program or of the oracle.
ACCEPTED, REFUSED = "accepted", "refused"


def mutants(file: str, content: bytes, mutate: Callable[[bytes, Random], Mutant], short: int) -> Iterator[Mutant]:
    """So many mutants of a file, the same ones for the same seed."""
    for number in range(LONG_FORM or short):
        yield mutate(content, Random(zlib.crc32(f"{SEED}/{file}/{number}".encode())))


def tried(file: str, found: Iterator[Mutant], judge: Callable[[Mutant], str]) -> Counter[str]:
    """Judge each mutant; the first error tells the seed, the number and the kind, and keeps the mutant."""
    counts: Counter[str] = Counter()
    for number, mutant in enumerate(found):
        try:
            with in_time():
                counts[judge(mutant)] += 1
        except (Exception, TookTooLong) as error:
            kept = _keep(file, number, mutant)
            message = f"{file}, seed {SEED}, mutant {number} ({mutant.kind}), kept as {kept}: {error!r}"
            raise AssertionError(message) from error
    return counts


def _keep(file: str, number: int, mutant: Mutant) -> Path:
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / "kratom-evidence-fuzz"
    folder.mkdir(exist_ok=True)
    path = folder / f"{SEED}-{number}-{file.replace('/', '-')}"
    path.write_bytes(mutant.content)
    return path
