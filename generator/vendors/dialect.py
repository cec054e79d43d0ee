"""The contract between the program and a vendor's dialect.

A dialect knows the neutral tree and its own files, nothing else: no other vendor, no rule, no command
line. Its parts have the same names at every vendor: ``facts`` (rows and closed lists, each vendor key once),
``fields`` (what a row cannot say, reading beside writing), ``container`` (bytes to vendor document and back,
lossless), ``reader``, ``writer``, ``donor``, ``inspect`` and ``profile.yaml`` (what other rooms need).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from generator.model import tree, words
from generator.vendors.matching import Donor, Gaps, Pin, Plan

# --- what may be lost ---------------------------------------------------------------------------------

NO_REASON = "no reason is recorded"

_BY_FIELD: Mapping[str, words.LossSeverity] = {
    "acquisition_duration": "time", "concatenations": "time", "number_of_shots": "derived",
    "echo_spacing": "derived", "echo_train_duration": "derived", "name": "operator", "coverage": "operator",
    "plane_reference": "operator", "output_maps": "operator", "vendor": "operator", "text": "operator",
    "gradient_mode": "operator", "specific_absorption_rate_mode": "operator", "table_position": "operator",
    "receive_coils": "operator", "patient_position": "operator", "software": "operator",
    "body_part": "operator", "laterality": "operator", "station": "operator", "oblique_angles": "operator",
    "branch": "operator",
}  # fmt: skip
"""Severity of a field where it is not ``image``."""
_READ_OTHERWISE: Mapping[str, words.LossSeverity] = {"number_of_shots": "image"}
"""Fields that a console computes, unless its file states them: what is stated otherwise is another scan."""


def severity_of(name: str | None, kind: words.LossKind) -> words.LossSeverity:
    """Say how much a loss matters.

    Returns
    -------
    str
        ``derived`` for what the console's raster or arithmetic decides, ``time`` for the scan time,
        ``operator`` for what is set by hand anyway, ``image`` for everything else.
    """
    known = _BY_FIELD.get(name or "", "image")
    if kind == "approximated":
        known = _READ_OTHERWISE.get(name or "", known)
    return "derived" if kind == "rounded" and known == "image" else known


@dataclass(slots=True)
class About:
    """What is known of one step, by field: whys and doubts as text, and the names of which no text speaks."""

    whys: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    computed: set[str] = field(default_factory=set)
    needless: set[str] = field(default_factory=set)

    @property
    def value(self) -> tuple[object, ...]:
        """Everything, to be compared."""
        texts = tuple(self.whys.items()), tuple(self.doubts.items())
        return *texts, frozenset(self.computed), frozenset(self.needless)


@dataclass(slots=True)
class Reasons:
    """What a dialect knows about its export beside the files: why values may not come back.

    Attributes
    ----------
    known : mapping of str to str
        By field, the reason that holds for every scan of this vendor.
    of : dict of int to About
        By step; ``None`` before it is known which step that is.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    of: defaultdict[int | None, About] = field(default_factory=lambda: defaultdict(About))
    further: list[tree.Loss] = field(default_factory=list)

    def at(self, step: int | None, name: str | None = None) -> StepReasons:
        """Return the collector of one step."""
        return StepReasons(self, step, name)

    def take(self, step: int, step_name: str, said: Reasons) -> None:
        """Say of a step what was said of its scan before it was known which step that is (``None``)."""
        mine, other = self.of[step], said.of[None]
        mine.whys |= other.whys
        mine.doubts |= other.doubts
        mine.computed |= other.computed
        mine.needless |= other.needless
        of_step = {"step": step, "step_name": step_name}
        self.further += [loss.model_copy(update=of_step) for loss in said.further]

    def why(self, step: int | None, name: str, text: str) -> None:
        """Say why a field may not come back as wanted."""
        self.of[step].whys[name] = text

    def doubt(self, step: int | None, name: str, text: str) -> None:
        """Say why what was written is not certain: a loss (approximated) even if it comes back."""
        self.of[step].doubts[name] = text

    def derived(self, step: int | None, name: str) -> None:
        """Say that the console computes a field and its file need not hold it: no loss if it is missing."""
        self.of[step].computed.add(name)

    def implied(self, step: int | None, name: str) -> None:
        """Say that the scan does what is wanted without a key for it: no loss if it is missing."""
        self.of[step].needless.add(name)

    def reason(self, step: int | None, name: str) -> str:
        """Return the reason of a field: that of the step, a doubt, that of the vendor, or NO_REASON."""
        about = self.of[step]
        own = about.whys.get(name) or about.doubts.get(name)
        return own or self.known.get(name) or NO_REASON


@dataclass(frozen=True, slots=True)
class StepReasons:
    """The reasons of one step."""

    all: Reasons
    step: int | None
    step_name: str | None = None

    def why(self, name: str, text: str) -> None:
        """See :meth:`Reasons.why`."""
        self.all.why(self.step, name, text)

    def doubt(self, name: str, text: str) -> None:
        """See :meth:`Reasons.doubt`."""
        self.all.doubt(self.step, name, text)

    def derived(self, name: str) -> None:
        """See :meth:`Reasons.derived`."""
        self.all.derived(self.step, name)

    def implied(self, name: str) -> None:
        """See :meth:`Reasons.implied`."""
        self.all.implied(self.step, name)

    def add(
        self,
        kind: words.LossKind,
        name: str | None,
        text: str,
        *,
        wanted: Any = None,
        got: Any = None,
        severity: words.LossSeverity | None = None,
    ) -> None:
        """File a loss that no comparison of fields can find, such as a value a template had to invent."""
        self.all.further.append(
            make(kind, name, text, self.step, self.step_name, wanted=wanted, got=got, severity=severity)
        )


def make(
    kind: words.LossKind,
    name: str | None,
    text: str,
    step: int | None,
    step_name: str | None,
    *,
    wanted: Any = None,
    got: Any = None,
    severity: words.LossSeverity | None = None,
) -> tree.Loss:
    """Make a loss, its severity by field and kind where none is given."""
    return tree.Loss(
        kind=kind,
        severity=severity or severity_of(name, kind),
        reason=text,
        step=step,
        step_name=step_name,
        field=name,
        wanted=wanted,
        got=got,
    )


# --- the contract -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What a build gets beside the protocol and its target.

    Attributes
    ----------
    donor : Path or None
        An export of the site's own scanner to be cloned and patched; ``None`` renders from templates.
    donors : sequence of Path
        Exports and folders of exports, from which the steps to clone are chosen.
    pins : mapping of str to Pin
        By name of a scan, what the user decided by hand.
    gaps : {"refuse", "sheet", "template"}
        What becomes of a scan that must be there and that no donor serves.
    plan : Plan or None
        Which donor step serves which scan; the pipeline makes it of the three above.
    durations : sequence of float or None
        Seconds of each step (same indices as ``protocol.steps``): the time the console showed where the
        spec states one, else the estimate; ``None`` where there is neither.
    keep_notes : bool
        Whether notes, pictures and site texts of the donor may travel into the export.
    nameless : bool
        Whether what the site called its own series may not be in the names of folders, as for publishing.
    label : str
        One line that names spec, version and program, to be written where a format has room for it.
    warnings : sequence of str
        What the export has to say on its face, such as "built with --force in spite of 2 errors".
    """

    donor: Path | None = None
    donors: Sequence[Path] = ()
    pins: Mapping[str, Pin] = field(default_factory=dict)
    gaps: Gaps = "refuse"
    plan: Plan | None = None
    durations: Sequence[float | None] = ()
    keep_notes: bool = False
    nameless: bool = False
    label: str = ""
    warnings: Sequence[str] = ()

    def duration(self, step: int) -> float | None:
        """Seconds of a step, or ``None`` if it is not known."""
        return self.durations[step] if step < len(self.durations) else None


@dataclass(frozen=True, slots=True)
class DonorFile:
    """From which file of the site an export was made."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Export:
    """What a build made: files in memory and what they could not say.

    Attributes
    ----------
    kind : {"donor", "template", "sheet"}
        What the export is; the same word in the manifest, on the site and on the sheet.
    files : mapping of str to bytes
        Relative POSIX path to content. The same input gives the same bytes on every run and machine.
    losses : tuple of Loss
        Every field that was rounded, approximated or left out; filed by :mod:`generator.vendors.account`.
    reasons : Reasons
        What the dialect knows about why values may not come back.
    origins : tuple of int or None, optional
        For each step that is read back from the export, the index of the step it was written for; ``None``
        for one that the dialect added. Without it they are paired by kind, number and name.
    card : str, optional
        Which of ``files`` is read back (``""``: the folder); else the first that the dialect recognises.
    back : Protocol, optional
        What was read back; set by the account.
    software : str, optional
        Release that the export states, as it was read back; set by the account.
    plan, times, inherited
        The donor plan, by step the time of what was written and what it inherited; set by the pipeline.
    notes : tuple of Note
        What the user should know beside that: series dropped from the donor, times old and new.
    """

    kind: words.ExportKind
    files: Mapping[str, bytes]
    losses: tuple[tree.Loss, ...] = ()
    notes: tuple[tree.Note, ...] = ()
    donor: DonorFile | None = None
    reasons: Reasons = field(default_factory=Reasons)
    origins: tuple[int | None, ...] | None = None
    card: str | None = None
    back: tree.Protocol | None = None
    software: str | None = None
    plan: Plan | None = None
    times: Mapping[int, Any] = field(default_factory=dict)
    inherited: Mapping[int, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file is and what may hinder its import.

    Attributes
    ----------
    facts : tuple of (str, str)
        Label and value, in the order to print.
    warnings : tuple of Note
        What is known to hinder an import, or a self-check of the container that failed.
    failed : tuple of Note
        Those of ``warnings`` that are failed self-checks: such a file was changed or damaged after its
        console wrote it, and is no donor.
    """

    format: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[tree.Note, ...] = ()
    series: tuple[tuple[str, float | None], ...] = ()
    failed: tuple[tree.Note, ...] = ()

    @classmethod
    def of_printout(cls, result: tree.ReadResult) -> Inspection:
        """Describe a printout."""
        facts = [
            ("format", result.format),
            ("kind", "printout; no console imports it, and it is no donor"),
            ("software", result.software or "not stated"),
            ("field strength", f"{result.field_strength:g} T" if result.field_strength else "not stated"),
            *(("program", " / ".join(p.path) or p.name) for p in result.protocols),
        ]
        series = tuple((a.name, a.acquisition_duration) for p in result.protocols for a in p.acquisitions)
        facts.append(("acquisitions", str(len(series))))
        return cls(result.format, tuple(facts), series=series)


class Dialect(Protocol):
    """One vendor. Everything a dialect does goes through these members.

    Attributes
    ----------
    formats : tuple of str
        Names of the file formats that it reads, its own; there is no other list of them. One with
        ``printout`` in its name is for people: it is read, and never cloned.
    """

    vendor: str
    formats: tuple[str, ...]

    def sniff(self, path: Path, head: bytes) -> str | None:
        """Say which of ``formats`` a file or folder is, from its first 4096 bytes; ``None`` if foreign."""

    def read(self, path: Path) -> tree.ReadResult:
        """Read a vendor file. Raises UnusableInput with the place in the file."""

    def inspect(self, path: Path) -> Inspection:
        """Say what a file is and what may hinder its import. Raises UnusableInput."""

    def build(self, protocol: tree.Protocol, target: tree.Target, options: BuildOptions) -> Export:
        """Write a resolved protocol. Raises UnusableInput for a bad donor, CannotBuild, UsageError."""


@cache
def speaks(dialect: type, part: Any) -> bool:
    """Say whether a class has an optional part of the contract, once; Python takes its time for it."""
    return issubclass(dialect, part)


@runtime_checkable
class ReadsMemory(Protocol):
    """A dialect that can read files that are not on disk yet."""

    def read_files(self, files: Mapping[str, bytes]) -> tree.ReadResult:
        """Read the files of an export (relative path to content)."""


@runtime_checkable
class Clones(Dialect, Protocol):
    """A dialect whose build follows ``options.plan``; see :mod:`generator.vendors.matching`.

    Attributes
    ----------
    gaps : tuple of str
        What it can make of a scan that no donor serves: ``refuse``, ``sheet``, ``template``.
    """

    gaps: tuple[Gaps, ...]

    def describe(self, path: Path) -> Donor:
        """Describe every step of an export, of a site or of this program. Raises UnusableInput."""


@runtime_checkable
class HoldsRelations(Protocol):
    """A dialect that knows relations which hold in every real file; see :mod:`generator.vendors.gate`."""

    def gate(self, files: Mapping[str, bytes]) -> tuple[tree.Note, ...]:
        """Name every relation that a step of an export breaks; empty if none does."""


@runtime_checkable
class ChecksItself(Protocol):
    """A dialect that can verify a container without reading its scans; others are inspected."""

    def self_checks(self, path: Path) -> tuple[tree.Note, ...]:
        """Return the self-checks that a file fails, as ``failed`` of its inspection. Raises UnusableInput."""


@runtime_checkable
class NamesKinds(Protocol):
    """A dialect that can also say in words what a file is that no dialect reads."""

    def kind_of(self, path: Path, head: bytes) -> str | None:
        """Name a kind, such as ``a PDF``, from the first 4096 bytes; ``None`` if they do not say."""


@runtime_checkable
class ImageHeader(Protocol):
    """What a dialect may ask an acquired image; who was scanned is not among it."""

    @property
    def path(self) -> Path:
        """The file, for messages."""

    def get(self, keyword: str, frame: int = 0) -> Any:
        """Return a public attribute as a plain value, ``None`` where it is missing."""

    def private(self, group: int, creator: str, element: int, frame: int = 0) -> Any:
        """Return a private element by its creator, ``None`` where it is missing."""

    def matrix(self) -> tuple[int | None, int | None]:
        """Return the measured points in readout and phase."""

    def phase_direction(self, sense: int = 0) -> str | None:
        """Name the direction of phase encoding: along the image (1), against it (-1), or the axis (0)."""


@dataclass(frozen=True, slots=True)
class ImageFields:
    """What the vendor's own elements of an acquired image say.

    Attributes
    ----------
    fields : mapping of str to value
        Neutral fields; they count where the public attributes are silent.
    surer : frozenset of str
        Fields that count even where a public attribute says something else, ``None`` included.
    remarks : sequence of (str, str, str)
        Code, field and sentence of what could not be understood.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    surer: frozenset[str] = frozenset()
    remarks: Sequence[tuple[str, str, str]] = ()


@runtime_checkable
class ReadsImages(Protocol):
    """A dialect that understands its vendor's own elements in acquired DICOM images."""

    def of_image(self, header: ImageHeader) -> ImageFields:
        """Say what the vendor's block of an image states. Raises UnusableInput for a damaged one."""

    def weighting(self, header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
        """Return b-value (s/mm2) and gradient direction of an image that has no public ones."""
