"""Reading ExamCards: milliseconds per scan, ours beside gt-examcard-parser and dicompare."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from generator.vendors.philips.reader import read

ROOT = Path(__file__).resolve().parent.parent
PEERS = {"examcard": "philips_examcard", "dicompare": "philips_dicompare"}
ROUNDS = 7


def rows(corpus: Path) -> list[tuple[str, float, float]]:
    """Name of card and peer, our time and the peer's, milliseconds per scan; the best of some rounds each."""
    cards = sorted((corpus / "philips").rglob("*.ExamCard"))
    scans = {card: len(read(card).protocols[0].acquisitions) for card in cards}
    ours = {card: _best(card) for card in cards}
    found = []
    for peer, script in PEERS.items():
        theirs = {card: taken for card, taken in _peer(script, cards).items() if taken is not None}
        for card, taken in theirs.items():
            found.append((f"{card.parent.name} vs {peer}", ours[card] / scans[card], taken / scans[card]))
        count = sum(scans[card] for card in theirs)
        mine = sum(ours[card] for card in theirs)
        found.append((f"all cards vs {peer}", mine / count, sum(theirs.values()) / count))
    return found


def _best(card: Path) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        read(card)
        times.append((time.perf_counter() - start) * 1000)
    return min(times)


def _peer(script: str, cards: list[Path]) -> dict[Path, float | None]:
    """Let a peer time itself in its own environment: ms per card, ``None`` for one it cannot read."""
    python = ROOT / ".venv-oracles" / "bin" / "python"
    command = [str(python), str(ROOT / "tests" / "oracles" / f"{script}.py"), "--time", str(ROUNDS)]
    done = subprocess.run([*command, *map(str, cards)], capture_output=True, text=True, check=True)
    return {Path(card): taken for card, taken in json.loads(done.stdout).items()}
