"""An exam that was done: its scans as the images show them, between the tree and those who judge it."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.model.tree import Acquisition, Target

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not there of a scan: in words, and how much of it."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class AcquiredScan:
    """One scan of an exam: every series that came of it.

    Attributes
    ----------
    acquisition : Acquisition
        What the images say of it; ``number_of_slices`` without those that are missing.
    series : tuple of str
        Labels of its series, the one that speaks for it first.
    derived : tuple of Acquisition
        Maps, projections and reformats that were made of it.
    start, end : float or None
        Seconds on one clock for all scans of an exam; ``None`` where the images do not say.
    agent : str or None
        Contrast agent that the images name.
    missing : tuple of Missing
        Slices, volumes and images that should be there.
    images : int
        Number of images.
    normal, centre : tuple of float or None
        Direction of the slices and middle of the volume, mm in the axes of the patient.
    surely : frozenset of str
        Fields for which the vendor's own elements speak; public attributes are coarser.
    off : frozenset of str
        Fields that are empty because the images say that there is nothing of the kind.
    remarks : tuple of (str, str, str)
        Code, field and sentence of the reader.
    """

    acquisition: Acquisition
    series: tuple[str, ...]
    derived: tuple[Acquisition, ...] = ()
    start: float | None = None
    end: float | None = None
    injected: float | None = None
    agent: str | None = None
    missing: tuple[Missing, ...] = ()
    images: int = 0
    normal: Vector | None = None
    centre: Vector | None = None
    surely: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    remarks: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Exam:
    """One study of one patient on one scanner.

    Attributes
    ----------
    label : str
        Day of the exam.
    patient : str
        Pseudonym: equal for exams of one patient, meaningless otherwise.
    scanner : Target or None
        Vendor, field strength, model and release; ``None`` if the images do not name a vendor known here.
    scans : tuple of AcquiredScan
        In the order of acquisition.
    orphans : tuple of str
        Labels of derived series whose scan is not there.
    """

    label: str
    patient: str
    scanner: Target | None
    scans: tuple[AcquiredScan, ...]
    orphans: tuple[str, ...] = field(default=())
