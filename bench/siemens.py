"""Reading archives and protocols, beside dicompare in the same run.

Both are measured in turns and by processor time, so that what else runs on the machine counts for neither.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from generator.vendors.siemens import DIALECT

ROOT = Path(__file__).resolve().parent.parent
TURNS, ROUNDS = 3, 11


def _scans(path: Path) -> int:
    return sum(len(protocol.acquisitions) for protocol in DIALECT.read(path).protocols)


def _ours(path: Path) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        count = _scans(path)
        best = min(best, (time.process_time() - start) * 1000 / count)
    return best


def _theirs(files: Sequence[Path]) -> dict[str, float]:
    python, script = ROOT / ".venv-oracles/bin/python", ROOT / "tests/oracles/siemens_dicompare.py"
    command = [str(python), str(script), "--time", str(ROUNDS), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def rows(corpus: Path) -> list[tuple[str, float, float]]:
    """Name of each file, our milliseconds per protocol, dicompare's."""
    files = sorted(p for p in (corpus / "siemens").rglob("*") if p.suffix in (".exar1", ".pro"))
    turns = [({p: _ours(p) for p in files}, _theirs(files)) for _ in range(TURNS)]
    return [
        (
            f"{p.parent.name} {p.name}"[:26],
            min(ours[p] for ours, _ in turns),
            min(t[str(p)] for _, t in turns),
        )
        for p in files
    ]
