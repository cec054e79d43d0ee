"""The order of versions: what is published never goes back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.publish.jobs import Job
from generator.publish.state import State


def rank(version: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key of a version: its numbers as numbers, so that 2020.10 follows 2020.9."""
    parts = re.findall(r"\d+|[A-Za-z]+", version)
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


def backwards(job: Job, old: State) -> Iterator[str]:
    """Say that a protocol would go back behind a version that is published."""
    history = old.protocols.get(job.protocol)
    newest = max(history.days, key=rank, default=None) if history else None
    if newest and rank(job.version) < rank(newest):
        yield (
            f"{job.protocol} {job.version}: version {newest} is published, a lower one must not follow it; "
            f"give the spec a higher version, and {newest} a notice if it must not be used"
        )
