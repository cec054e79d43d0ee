"""A network of protocols to measure with: the shipped ones, each copy with an id and a title of its own."""

from __future__ import annotations

import re
from pathlib import Path

from generator.resources import specs


def write(folder: Path, count: int) -> list[Path]:
    """Write so many protocols into a folder; no two cards made of them are the same, most scans are."""
    shipped = sorted(specs("protocols", "ofsep").glob("*.yaml"))
    return [_copy(shipped[number % len(shipped)], folder, number) for number in range(count)]


def _copy(shipped: Path, folder: Path, number: int) -> Path:
    text = shipped.read_text(encoding="utf-8")
    for key in ("protocol", "title"):
        text = re.sub(rf"^{key}: (.*)$", rf"{key}: \1-{number}", text, count=1, flags=re.MULTILINE)
    path = folder / f"{number:05d}.yaml"
    path.write_text(text, encoding="utf-8")
    return path
