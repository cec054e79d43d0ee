"""Reading ExamCards: milliseconds per scan, ours beside gt-examcard-parser and dicompare.

Ours reads to the neutral tree and forgets the record tables it keeps before every card, as if each were
the first. dicompare is timed twice: the loader its users call, to DICOM fields of every scan, and the dump
of raw parameters below it, which does less. Best of several turns, so that all meet the same machine.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from generator.vendors.philips.container import block
from generator.vendors.philips.reader import read

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-oracles" / "bin" / "python"
# Name of the row, script of the peer, its option.
PEERS = {
    "examcard": ("philips_examcard", "--time"),
    "dicompare": ("philips_dicompare", "--time"),
    "dicompare, raw dump": ("philips_dicompare", "--time-raw"),
}
TURNS, ROUNDS, OURS = 3, 4, 15

Times = dict[Path, float]
Row = tuple[str, float, float]


def rows(corpus: Path) -> list[Row]:
    """Name of card and peer, our time and the peer's, milliseconds per scan; empty without the peers."""
    cards = sorted((corpus / "philips").rglob("*.ExamCard"))
    if not cards or not PYTHON.exists():
        return []
    scans = {card: len(read(card).protocols[0].acquisitions) for card in cards}
    ours: Times = {}
    theirs: dict[str, Times] = {peer: {} for peer in PEERS}
    for _ in range(TURNS):
        _keep_best(ours, {card: _best(card) for card in cards})
        for peer, (script, option) in PEERS.items():
            _keep_best(theirs[peer], _peer(script, option, cards))
    return [row for peer in PEERS for row in _compare(peer, ours, theirs[peer], scans)]


def _compare(peer: str, ours: Times, theirs: Times, scans: dict[Path, int]) -> list[Row]:
    found = [
        (f"philips {card.parent.name} vs {peer}", ours[card] / scans[card], taken / scans[card])
        for card, taken in theirs.items()
    ]
    count, mine = sum(scans[card] for card in theirs), sum(ours[card] for card in theirs)
    return [*found, (f"philips, all cards vs {peer}", mine / count, sum(theirs.values()) / count)]


def _keep_best(best: Times, new: Times) -> None:
    for card, taken in new.items():
        best[card] = min(taken, best.get(card, taken))


def _best(card: Path) -> float:
    best = float("inf")
    for _ in range(OURS):
        block.record_table.cache_clear()
        start = time.perf_counter()
        read(card)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def _peer(script: str, option: str, cards: list[Path]) -> Times:
    """Let a peer time itself in its own environment: ms per card, without those it cannot read."""
    command = [str(PYTHON), str(ROOT / "tests" / "oracles" / f"{script}.py"), option, str(ROUNDS)]
    done = subprocess.run([*command, *map(str, cards)], capture_output=True, text=True, check=True)
    return {Path(card): taken for card, taken in json.loads(done.stdout).items() if taken is not None}
