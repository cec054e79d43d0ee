"""Reading archives and protocols, beside dicompare in the same run."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from generator.vendors.siemens import DIALECT

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7


def _ours(path: Path) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        result = DIALECT.read(path)
        count = sum(len(protocol.acquisitions) for protocol in result.protocols)
        best = min(best, (time.perf_counter() - start) * 1000 / count)
    return best


def rows(corpus: Path) -> list[tuple[str, float, float]]:
    """Name of each file, our milliseconds per protocol, dicompare's."""
    files = sorted(p for p in (corpus / "siemens").rglob("*") if p.suffix in (".exar1", ".pro"))
    python, script = ROOT / ".venv-oracles/bin/python", ROOT / "tests/oracles/siemens_dicompare.py"
    command = [str(python), str(script), "--time", str(ROUNDS), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peer = json.loads(done.stdout)
    return [(f"{p.parent.name} {p.name}"[:26], _ours(p), peer[str(p)]) for p in files]
