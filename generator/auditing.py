"""Acquired images against a spec or a card: from what a user names to audits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.compare.audit import Audit, audit
from generator.compare.pairing import pair_steps
from generator.errors import UsageError
from generator.images.session import exams
from generator.model.acquired import Exam
from generator.model.tree import Protocol
from generator.sources import Source, open_source


@dataclass(frozen=True)
class Audited:
    """Every exam among the images, and what they were held against."""

    against: str
    audits: tuple[Audit, ...]

    @property
    def conforms(self) -> bool:
        """Whether there is an exam, and all conform."""
        return bool(self.audits) and all(one.conforms for one in self.audits)


def audit_images(paths: Sequence[Path], against: str) -> Audited:
    """Hold every exam among images against a spec or a card.

    Parameters
    ----------
    against : str
        A spec, or a file that holds protocols, as for :func:`generator.sources.open_source`. Of several
        protocols each exam is held against the one that has most of its scans.

    Raises
    ------
    UnusableInput, SourceErrors
        For images or a protocol that cannot be used.
    UsageError
        If the protocol is a spec and the images do not say on which scanner they were made.
    """
    source = open_source(against)
    done = exams(*paths)
    found = []
    for index, exam in enumerate(done):
        earlier = [one for one in done[:index] if one.patient == exam.patient]
        found.append(audit(exam, protocol_for(exam, source), earlier))
    return Audited(against, tuple(found))


def protocol_for(exam: Exam, source: Source) -> Protocol:
    """Choose the protocol of a source that has most of an exam's scans; a spec as it is for its scanner."""
    if exam.scanner is None and source.spec is not None:
        raise UsageError(
            f"the images of {exam.label} name no vendor known here, or no field strength, and {source.label} "
            "is a spec, which differs between scanners: hold them against a vendor's card"
        )
    protocols = source.read_for(exam.scanner).protocols
    if not protocols:
        raise UsageError(f"{source.label} holds no protocol")
    scans = [scan.acquisition for scan in exam.scans]

    def fit(protocol: Protocol) -> tuple[int, int]:
        return len(pair_steps(protocol.acquisitions, scans)), -len(protocol.acquisitions)

    return max(protocols, key=fit)
