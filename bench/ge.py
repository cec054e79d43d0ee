"""Reading GE protocols, against dicompare's text reader on the same series in the same run.

An export is an archive with session.xml, notes and one LxProtocol a series: ours opens it, reads all of it
and makes the neutral tree. ``texts`` are its LxProtocol files alone, unpacked; ours makes the tree of each.
The peer reads these texts in all rows: once to raw pairs, once by its public loader, to fields. Best of
several rounds each, in turns, so that all meet the same machine.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.vendors.ge import DIALECT, container

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / ".venv-oracles" / "bin" / "python"
SCRIPT = ROOT / "tests" / "oracles" / "lxprotocol_pairs.py"
FILES = ("ge/DV25.1/protocol.tar", "ge/MR30.0/SIGNA Premier")
TURNS, ROUNDS = 5, 20

Row = tuple[str, float, float]


def rows(corpus: Path | None) -> list[Row]:
    """Milliseconds per series: what was read, ours, the peer's; empty without corpus or peer."""
    if corpus is None or not PEER.exists():
        return []
    return [row for file in FILES for row in _rows(corpus / file)]


def _rows(path: Path) -> list[Row]:
    texts = [
        data
        for folder in container.load(path).folders
        for name, data in folder.files.items()
        if name.endswith(f"/{container.SERIES}")
    ]
    with TemporaryDirectory() as folder:
        names = [Path(folder) / str(index) for index in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            name.write_bytes(text)
        each = len(texts)
        times = [
            (_ours(lambda: DIALECT.read(path), each), _ours(lambda: _texts(names), each), *_peer(names))
            for _ in range(TURNS)
        ]
    export, alone, raw, fields = (min(column) for column in zip(*times, strict=True))
    return [
        (f"ge {path.name} / pairs", export, raw),
        (f"ge {path.name} / fields", export, fields),
        (f"ge {path.name}, texts / pairs", alone, raw),
        (f"ge {path.name}, texts / fields", alone, fields),
    ]


def _texts(names: list[Path]) -> None:
    for name in names:
        DIALECT.read(name)


def _ours(read: Callable[[], object], series: int) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        read()
        best = min(best, time.perf_counter() - start)
    return best * 1000 / series


def _peer(names: list[Path]) -> list[float]:
    command = [str(PEER), str(SCRIPT), "--time", str(ROUNDS), *map(str, names)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(number) for number in json.loads(done.stdout)]
