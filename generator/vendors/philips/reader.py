"""ExamCard to tree: rows in their order, steps by position, values by the text list of their own block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from generator.model.kept import step_of, with_vendor
from generator.model.tree import Acquisition, Contrast, Note, Pause, Protocol, ReadResult
from generator.text import seconds
from generator.vendors.philips import facts
from generator.vendors.philips.container import envelope, notes
from generator.vendors.philips.container.block import BadBlock, Parameters, from_base64, with_number
from generator.vendors.philips.container.envelope import Envelope, Field, Members, reference
from generator.vendors.philips.fields import fields, fitting
from generator.vendors.philips.fields.scan import ScanValues

FORMAT = "philips-examcard"
_TIME = re.compile(r"\s*(?:(\d+):)?(\d+):(\d+(?:\.\d*)?)\s*\Z")
OWN_NOTE = "of this program"
_PAUSE = "Stop before this scan."
_VENDOR_OBJECTS = ("ExecutionStep", "SingleScan", "ScanProcedure", "ScanProperties")


def read(path: Path) -> ReadResult:
    """Read a card.

    Parameters
    ----------
    path : Path
        An ``.ExamCard`` of R3.2 to R11.1.

    Returns
    -------
    ReadResult
        One protocol; a scan that pauses or injects is preceded by a step of that kind.

    Raises
    ------
    UnusableInput
        With the line of the object or the byte of the record that cannot be understood.
    """
    return _Reader(envelope.load(path)).result()


def read_bytes(path: Path, content: bytes) -> ReadResult:
    """Read a card that was just written; errors call it by ``path``. Raises as :func:`read`."""
    card = written(path, content)
    return _Reader(card.envelope, card).result()


class _Reader:
    """Reads one card; of one that was written here, equal blocks are understood once."""

    def __init__(self, card: Envelope, written: Written | None = None) -> None:
        self.card, self.written = card, written
        self.steps: list[Acquisition | Contrast | Pause] = []
        self.notes: list[Note] = []

    def result(self) -> ReadResult:
        card = self.card
        members = card.members(card.root)
        version = self._referred(members.field("version"))
        self.region = card.string(members.field("anatomicRegion"))
        system = card.string(members.field("mainSystemType"))
        self.field_strength = facts.FIELD_STRENGTHS.get(system or "")
        if self.field_strength is None:
            self._note("field-strength", f"unknown system type {system!r}", field="field_strength", step=None)
        for step in self.written.steps if self.written else steps(card):
            self._step(step)
        self._about_the_rest(members)
        protocol = Protocol(
            name=card.string(members.field("name")) or card.path.stem,
            acquisition_duration=self._total(),
            steps=tuple(self.steps),
        )
        return ReadResult(
            format=FORMAT,
            vendor="philips",
            software=card.string(version.field("swVersion")) or None,
            field_strength=self.field_strength,
            protocols=(protocol,),
            notes=tuple(self.notes),
        )

    def _referred(self, member: Field | None) -> Members:
        return self.card.members(reference(member))

    def _note(self, code: str, message: str, field: str | None = None, step: int | None = -1) -> None:
        index = len(self.steps) if step == -1 else step
        self.notes.append(Note(code=code, message=message, protocol=0, step=index, field=field or None))

    def _remark(self, field: str, code: str, message: str) -> None:
        self._note(code, message, field)

    def _step(self, step: Step) -> None:
        said = notes.understand(self._detail(step))
        injects = self._contrast(step, said)
        pauses = self.card.string(step.properties.field("pause")) == "true"
        if pauses and (said.pause or not injects):
            self.steps.append(Pause(text="\n".join(said.pause) or said.text or _PAUSE))
        self.steps.append(self._acquisition(step, said.text))

    def _detail(self, step: Step) -> str:
        """Return the operator note of a scan."""
        detail = reference(step.single.field("detail"))
        number = self.card.follow(detail, "dataBuffer") if detail is not None else None
        text, self.own_note = notes.read(self.card.packed(number)) if number is not None else ("", False)
        return text

    def _contrast(self, step: Step, said: notes.Lines) -> bool:
        """Add the injection before a scan, which is an attribute of that scan."""
        injection = self._referred(step.execution.field("contrastInjectionProtocol"))
        agent = self.card.string(injection.field("agent"))
        preset = self.card.string(step.single.field("contrastPresetName"))
        if self.card.string(step.execution.field("contrast")) == "true":
            named = said.agent or agent or preset
            stated = {"agent": named, "dose": said.dose, "minimum_delay": said.delay}
            self.steps.append(fitting(Contrast, stated, self._remark))
            return True
        if agent or preset:
            self._note("contrast-off", f"names the agent {agent or preset}, but its contrast switch is off")
        return False

    def _acquisition(self, step: Step, text: str) -> Acquisition:
        name = self.card.string(step.procedure.field("name"))
        parameters = self.written.blocks[step.number] if self.written else parameters_of(self.card, step)
        of_scan = (self.field_strength, self.card.string(step.single.field("isPreScan")) == "true")
        try:
            found, remarks = (
                _of_block(self.written.anonymous[step.number], *of_scan)
                if self.written
                else _understand(parameters, *of_scan)
            )
        except BadBlock as error:
            raise self.card.fail(f"the block of scan {name!r}: {error}", step.number) from error
        for remark in remarks:
            self._remark(*remark)
        return self._tree(step, name, found, text, parameters)

    def _tree(
        self, step: Step, name: str | None, found: Mapping[str, Any], text: str, parameters: Parameters
    ) -> Acquisition:
        vendor = {
            "row": step.row,
            "parameters": parameters,
            **dict(zip(_VENDOR_OBJECTS, step[:4], strict=True)),
        }
        if self.own_note:
            vendor["note"] = OWN_NOTE
        side = self.card.string(step.procedure.field("laterality")) or ""
        if self.own_note:
            text, in_note = notes.heard(text)
            found = {**found, **in_note}
        stated = {
            "name": name or "",
            "instruction": text or None,
            "body_part": self._body_part(step),
            "laterality": facts.SIDES_OF_BODY.get(side.casefold()),
            "acquisition_duration": self._duration(step, parameters),
        }
        if self.written is None:
            return fitting(Acquisition, {**stated, "vendor": vendor, **found}, self._remark)
        return with_vendor(fitting(Acquisition, {**stated, **found}, self._remark, make=step_of), vendor)

    def _body_part(self, step: Step) -> str | None:
        """Return the region of a scan, else of the card, as DICOM's body part: the last word of the code."""
        region = self.card.string(step.procedure.field("anatomicRegion")) or self.region
        parts = (region or "").split(".")
        return parts[-1].casefold() or None if len(parts) >= 3 else None

    def _duration(self, step: Step, parameters: Parameters) -> float | None:
        """Seconds the console shows; a scan that was never computed has none."""
        shown = _TIME.match(str(parameters.get(facts.SCAN_TIME, "")))
        if shown:
            return round(seconds(*shown.groups()), 3)
        listed = self.card.string(step.execution.field("stepDuration"))
        try:
            stated = float(listed or 0)
        except ValueError:
            stated = 0.0
        if 0 < stated < 1e6:
            return float(f"{stated:.7g}")
        self._note(
            "not-computed", "the console has not computed a time for this scan", "acquisition_duration"
        )
        return None

    def _total(self) -> float | None:
        """Sum of the scan times, as the console prints it; unknown if one of them is."""
        known = [step.acquisition_duration for step in self.steps if isinstance(step, Acquisition)]
        if not known or None in known:
            return None
        return round(sum(time for time in known if time is not None), 3)

    def _about_the_rest(self, members: Members) -> None:
        """Say what the card holds beside its scans."""
        made = self.card.markup.count(':ProcessingStepData id="ref-')
        if made:
            text = f"{made} post-processing steps of the card are not read as steps"
            self._note("processing-steps", text, step=None)
        if any(isinstance(step, Pause) for step in self.steps):
            text = "that ScanProperties/pause stops before the scan is taken from its name"
            self._note("pause-assumed", text, step=None)
        if self.card.tail_size > len("\r\n"):
            text = f"{self.card.tail_size} bytes after the envelope are not part of the card"
            self._note("tail", text, step=None)


_Understood = tuple[dict[str, Any], list[tuple[str, str, str]]]
"""Fields of a scan, and what is to be remarked: field, code and message."""


def _understand(parameters: Parameters, field_strength: float | None, is_prescan: bool) -> _Understood:
    remarks: list[tuple[str, str, str]] = []
    scan = ScanValues(parameters, field_strength, is_prescan, lambda *remark: remarks.append(remark))
    return fields(scan), remarks


@lru_cache(maxsize=256)
def _of_block(block: bytes, field_strength: float | None, is_prescan: bool) -> _Understood:
    return _understand(Parameters(block, facts.PROVED_R11), field_strength, is_prescan)


class Step(NamedTuple):
    """The four objects that make one scan, as written in the card."""

    execution: Members
    single: Members
    procedure: Members
    properties: Members
    row: int
    number: int


def steps(card: Envelope) -> Iterator[Step]:
    """Walk rows and execution steps in the order of the lists.

    Parameters
    ----------
    card : Envelope

    Raises
    ------
    UnusableInput
        If a reference of the chain is missing or a list holds itself.
    """
    for row, number in enumerate(_list(card, _follow(card, card.root, "instrumentList"))):
        scan_set = number
        # R3.2 has one object more between the row and its scans.
        for name in ("scanSet",) if card.follow(number, "scanSet") else ("scanStep", "currentScanSet"):
            scan_set = _follow(card, scan_set, name)
        for execution in _list(card, _follow(card, scan_set, "executionSteps")):
            single = _follow(card, execution, "singleScan")
            members = card.members(single)
            procedure = card.members(_follow(card, single, "scanProcedure"))
            properties = card.members(reference(members.field("scanProperties")))
            yield Step(card.members(execution), members, procedure, properties, row, execution)


def parameters_of(card: Envelope, step: Step) -> Parameters:
    """Return the parameter block of a scan. Raises UnusableInput."""
    number, name = reference(step.procedure.field("parameterData")), step.procedure.field("name")
    if number is None:
        raise card.fail(f"scan {card.string(name)!r} has no parameter block", step.number)
    try:
        return Parameters(from_base64(card.packed(number)), facts.PROVED_R11)
    except BadBlock as error:
        raise card.fail(f"the block of scan {card.string(name)!r}: {error}", number) from error


class Written(NamedTuple):
    """A card that was just written.

    Attributes
    ----------
    blocks : mapping of int to Parameters
        Parameter block by the number of its step.
    anonymous : mapping of int to bytes
        The same without the number that tells a scan from others; equal scans then are equal.
    """

    envelope: Envelope
    steps: tuple[Step, ...]
    blocks: Mapping[int, Parameters]
    anonymous: Mapping[int, bytes]


@lru_cache(maxsize=1)
def written(path: Path, content: bytes) -> Written:
    """Take a card apart that was just written, once for reading it back and for the gate."""
    card = envelope.parse(path, content)
    found = tuple(steps(card))
    blocks = {step.number: parameters_of(card, step) for step in found}
    return Written(card, found, blocks, {number: _anonymous(block) for number, block in blocks.items()})


def _anonymous(block: Parameters) -> bytes:
    try:
        return with_number(block, facts.SCAN_ID, 0)
    except BadBlock:
        return block.data


def _follow(card: Envelope, owner: int, name: str) -> int:
    number = card.follow(owner, name)
    if number is None:
        raise card.fail(f"<{card.get(owner).tag}> has no {name}", owner)
    return number


def _list(card: Envelope, owner: int) -> list[int]:
    """Read the ArrayList that an object holds under ``list``: its first ``_size`` items."""
    holder = _follow(card, owner, "list")
    items = card.items(_follow(card, holder, "_items"))
    size = card.plain(holder, "_size") or ""
    if not size.isdecimal() or len(size) > 9 or int(size) > len(items):
        raise card.fail(f"the list says {size!r} entries and holds {len(items)}", holder)
    return [number for number in items[: int(size)] if number is not None]
