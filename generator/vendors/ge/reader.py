"""GE protocols to the neutral tree."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from generator import limits
from generator.errors import UnusableInput
from generator.model import plausible
from generator.model.tree import Acquisition, Contrast, Note, Protocol, ReadResult, Step
from generator.vendors import rows
from generator.vendors.ge import container, facts, notes
from generator.vendors.ge.container import lxprotocol, session
from generator.vendors.ge.container.session import Session, Task
from generator.vendors.ge.fields import Remark, Series, geometry, iopt, times


def read(path: Path) -> ReadResult:
    """Read whatever of GE a path holds. Raises UnusableInput with the place in the input."""
    if path.is_dir():
        return _read_package(container.load(path))
    return read_file(path, limits.content(path))


def read_file(path: Path, data: bytes) -> ReadResult:
    """Read a file whose bytes are there already, as :func:`read`."""
    head = data[:4096]
    if container.is_dicom(head):
        return _read_block(path)
    if container.is_series(head):
        return _read_series(path, data)
    container.check_packing(path, head)
    found = container.from_bytes(data, path)
    if not found.folders:
        raise UnusableInput(path, f"no GE protocol: there is no {container.SESSION} in it")
    return _read_package(found)


def read_files(files: Mapping[str, bytes]) -> ReadResult:
    """Read the files of an export that was just written, the archive among them."""
    name = next(name for name in files if name.endswith(container.ARCHIVES))
    return _read_package(written(files[name], name), _WRITTEN)


@lru_cache(maxsize=1)
def written(data: bytes, name: str) -> container.Package:
    """Open an archive of this program once for reading it back and for the gate."""
    return container.from_bytes(data, Path(name))


T = TypeVar("T")
_Ways = tuple[
    Callable[[bytes, str], Session],
    Callable[[bytes, str, str, float | None, Sequence[str], tuple[str, str]], "_Scan"],
    Callable[[bytes, str], Sequence[str]],
]
_Scan = tuple[Acquisition, list[Remark]]
_Understood = tuple[dict[str, str], dict[str, Any], list[Remark]]
"""Pairs of a series, the fields they mean, and remarks."""


def _understand(data: bytes, path: str) -> _Understood:
    values, repeated = lxprotocol.values(data, path)
    fields, remarks = decode(values)
    return values, fields, remarks + _repeated(repeated)


def _scan_in(
    data: bytes, path: str, name: str, seconds: float | None, said: Sequence[str], entry: tuple[str, str]
) -> _Scan:
    return _scan(name, _understand(data, path), seconds, said, entry)


def _once(read: Callable[..., T], most: int = 512) -> Callable[..., T]:
    """Read equal content once; what was written here has many series that many protocols share."""
    kept = lru_cache(maxsize=most)(lambda data, *about: read(data, "", *about))

    def found(data: bytes, path: str, *about: Hashable) -> T:
        try:
            return kept(data, *about)
        except UnusableInput:
            return read(data, path, *about)  # for the place in its message

    return found


_FOREIGN: _Ways = (session.read, _scan_in, notes.paragraphs)
_WRITTEN: _Ways = (_once(session.read, 2), _once(_scan_in), _once(notes.paragraphs))
written_session = _WRITTEN[0]
"""Read the session.xml of an export that was just written."""


def _read_package(found: container.Package, ways: _Ways = _FOREIGN) -> ReadResult:
    read_folders = [_Folder(index, folder, ways) for index, folder in enumerate(found.folders)]
    scanners = [folder.session.scanner for folder in read_folders]
    return ReadResult(
        format="ge-protocol",
        vendor="ge",
        software=_common(scanner.get("MR_VERSION", "").partition("#")[0] for scanner in scanners),
        field_strength=facts.tesla(_common(scanner.get("fieldstrength", "") for scanner in scanners) or ""),
        protocols=tuple(folder.protocol() for folder in read_folders),
        notes=tuple(note for folder in read_folders for note in folder.notes),
    )


def _common(texts: Iterator[str]) -> str | None:
    """The one text that all protocols of an archive share."""
    different = set(texts)
    return different.pop() or None if len(different) == 1 else None


class _Folder:
    """One protocol directory while it is being read."""

    def __init__(self, index: int, folder: container.Folder, ways: _Ways) -> None:
        self.folder, self.index = folder, index
        self.place = f"{folder.source}!{folder.name}"
        read_session, self._scan, self._note = ways
        self.session = read_session(folder.files[container.SESSION], f"{self.place}/{container.SESSION}")
        scanner = self.session.scanner
        self._entry = scanner.get("entry", ""), scanner.get("position", "")
        self.notes: list[Note] = []
        self.steps: list[Step] = []
        self._contrast = False

    def protocol(self) -> Protocol:
        """Read all series, in the order of session.xml."""
        for task in self.session.tasks:
            self._series(task)
        times = [task.scan_time for task in self.session.tasks]
        meta, known = self.session.meta, [time for time in times if time is not None]
        return Protocol(
            name=self.session.name or self.folder.name,
            path=tuple(
                word for word in (meta.get("library"), meta.get("humanoid"), meta.get("anatomy")) if word
            ),
            acquisition_duration=sum(known) if known and len(known) == len(times) else None,
            steps=tuple(self.steps),
        )

    def _series(self, task: Task) -> None:
        place = f"{self.place}/{task.folder}"
        data = self.folder.files.get(f"{task.folder}/{container.SERIES}")
        if data is None:
            raise UnusableInput(place, f"series {task.name!r} has no {container.SERIES}")
        paragraphs = self._paragraphs(f"{task.folder}/{container.NOTE}")
        events = [event for text in paragraphs if (event := notes.read_event(text))]
        self.steps += [event for event, after in events if not after]
        about = task.name, task.scan_time, paragraphs, self._entry
        scan, remarks = self._scan(data, f"{place}/{container.SERIES}", *about)
        self._infer_contrast(scan)
        self._remark(remarks)
        if task.scan_time is None:
            self._remark([_NO_TIME])
        self.steps.append(scan)
        self.steps += [event for event, after in events if after]

    def _paragraphs(self, name: str) -> tuple[str, ...]:
        data = self.folder.files.get(name)
        return tuple(self._note(data, f"{self.place}/{name}")) if data else ()

    def _infer_contrast(self, scan: Acquisition) -> None:
        """A series with contrast after one without has an injection before it."""
        if self._contrast or scan.vendor.get(facts.CONTRAST) != "Yes":
            return
        self._contrast = True
        if not any(isinstance(step, Contrast) for step in self.steps):
            self._remark([_INFERRED])
            said = {key: scan.vendor.get(key, "").strip() for key in (facts.CONTAG, facts.CONTAM)}
            amount = said[facts.CONTAM] if said[facts.CONTAM] not in ("", "Yes") else None
            text = f"{facts.CONTAM} {amount}" if amount else None
            self.steps.append(Contrast(agent=said[facts.CONTAG] or None, text=text))

    def _remark(self, remarks: Sequence[Remark]) -> None:
        self.notes += notes_of(remarks, self.index, len(self.steps))


def notes_of(remarks: Iterable[Remark], protocol: int, step: int) -> list[Note]:
    """Make notes of the remarks on a series."""
    return [
        Note(code=code, message=message, protocol=protocol, step=step, field=name or None)
        for code, name, message in remarks
    ]


_NO_SESSION = ("no-session", "", "one series only: order and scan times are in session.xml")
_NO_TIME = ("no-scan-time", "acquisition_duration", "session.xml holds no scan time for this series")
_INFERRED = ("contrast-inferred", "", "CONTRAST is Yes from this series on; GE files have no injection step")


def scan_of(
    name: str,
    values: dict[str, str],
    seconds: float | None,
    paragraphs: Sequence[str] = (),
    entry: tuple[str, str] = ("", ""),
) -> tuple[Acquisition, list[Remark]]:
    """Make the scan of a series from its pairs, the paragraphs of its note, and how the patient lies."""
    return _scan(name, (values, *decode(values)), seconds, paragraphs, entry)


def _scan(
    name: str,
    understood: _Understood,
    seconds: float | None,
    paragraphs: Sequence[str],
    entry: tuple[str, str],
) -> tuple[Acquisition, list[Remark]]:
    values, found, remarks = understood
    lies = facts.PATIENT_POSITIONS.get(entry)
    fields = {"name": name, **found, "patient_position": lies, "acquisition_duration": seconds}
    for paragraph in paragraphs:
        fields.update(notes.read_fields(paragraph))
    scan, refused = _acquisition(fields, values)
    return scan, remarks + refused


def _repeated(pairs: lxprotocol.Pairs) -> list[Remark]:
    """Of a key that is there twice the later value counts; the earlier becomes a remark."""
    return [("duplicate-key", "", f"{key} is in the file twice, first as {value!r}") for key, value in pairs]


def _acquisition(fields: dict[str, Any], values: dict[str, str]) -> tuple[Acquisition, list[Remark]]:
    """Make the scan; what cannot be true is left out with a remark, and all pairs are kept verbatim."""
    try:
        return Acquisition.model_validate(fields), []
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
    kept = {field: value for field, value in fields.items() if field not in wrong}
    kept["vendor"] = values
    refused = [("implausible", field, f"{fields.get(field)!r} cannot be") for field in sorted(wrong)]
    return Acquisition.model_validate(kept), refused


def _read_series(path: Path, data: bytes) -> ReadResult:
    values, repeated = lxprotocol.values(data, str(path))
    name = path.parent.name if path.name == container.SERIES else path.stem
    return _single(values, name, {}, _repeated(repeated))


def _read_block(path: Path) -> ReadResult:
    pairs, header = lxprotocol.of_image(path)
    values = dict(pairs)
    return _single(values, values.get("SEDESC", path.stem), header, [])


def _single(values: dict[str, str], name: str, header: dict[str, Any], more: list[Remark]) -> ReadResult:
    entry = values.get("ENTRY", ""), values.get("POSITION", "")
    scan, remarks = scan_of(name, values, None, entry=entry)
    return ReadResult(
        format="ge-lxprotocol",
        vendor="ge",
        software=header.get("software"),
        field_strength=header.get("field_strength"),
        protocols=(Protocol(name=name, steps=(scan,)),),
        notes=tuple(notes_of([*remarks, *more, _NO_SESSION], 0, 0)),
    )


# --- pairs to fields ------------------------------------------------------------------------------------


def decode(values: dict[str, str]) -> tuple[dict[str, Any], list[Remark]]:
    """Read one series.

    Parameters
    ----------
    values : dict of str to str
        The pairs of an LxProtocol file.

    Returns
    -------
    fields : dict
        Field values of an Acquisition in canonical units, ``vendor`` included, ``name`` not.
    remarks : list of (code, field, message)
    """
    tokens, identity, said = _kind(*(values.get(key, "") for key in _KIND_KEYS))
    series = Series(dict(values), tokens, values.get(facts.IMODE) == "3D", identity, dict(said))
    for step in _READ:
        step(series)
    if identity.inferred:
        code = "inferred-sequence" if identity.foreign else "inferred"
        series.say(code, "technique", f"{identity.technique}: inferred from {identity.inferred}")
    _refuse(series, values)
    series.fields["vendor"] = series.left
    return series.fields, series.remarks


_KIND_KEYS = facts.PSEQ, facts.IMODE, facts.IOPT, facts.PSDNAME


@lru_cache(512)
def _kind(
    pseq: str, imode: str, options: str, psd_name: str
) -> tuple[tuple[str, ...], facts.Identity, dict[str, Any]]:
    """Options of a series, what it is, and what these two say; most series are of few kinds."""
    tokens = facts.options(options)
    identity = facts.identify(pseq, imode, tokens, psd_name)
    said = iopt.said_by_options(tokens, identity.proven)
    return tokens, identity, {"technique": identity.technique, **said}


def _read_rows(series: Series) -> None:
    """Fields that are one key or option."""
    for row, key, value in rows.read(facts.ROWS, series, lambda row, key, _: series.odd(row.field, key)):
        if value is not None:
            series.fields[row.field] = value
            series.drop(key)


def _refuse(series: Series, values: dict[str, str]) -> None:
    """Take back what no scan can have; its pairs stay under ``vendor``, and a remark names them."""
    for name in plausible.refused(series.fields):
        del series.fields[name]
        raw: dict[str, str] = {key: values[key] for key in facts.SOURCES.get(name, ()) if key in values}
        series.left.update(raw)
        shown = ", ".join(f"{key} is {text!r}" for key, text in raw.items())
        series.say("implausible", name, f"{shown or name}: no scan has that")


_READ: tuple[Callable[[Series], None], ...] = (
    geometry.read_dimension, _read_rows, times.read_plain, geometry.read_role, iopt.read_readout,
    geometry.read_plane, times.read_repetition, times.read_echo, times.read_inversion, times.read_flip,
    geometry.read_field_of_view, geometry.read_matrix, geometry.read_bandwidth, geometry.read_gap,
    geometry.read_slices, geometry.read_interpolation, times.read_averages, iopt.read_factors,
    iopt.read_oversampling, iopt.read_fat, iopt.read_diffusion, iopt.read_bands_and_beats, iopt.read_hardware,
)  # fmt: skip
