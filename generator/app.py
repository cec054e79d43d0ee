"""The program as the page in the browser asks for it: JSON in, JSON out, by the functions the commands use.

Files are in folders of the page's own: what was dropped is read from ``Workshop.inbox``, what is made is
written to ``Workshop.outbox``. Nothing here knows of a browser, so that it is tested without one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from generator import vendors
from generator.errors import ExamcardError, UsageError
from generator.model.tree import Acquisition, Protocol, ReadResult
from generator.vendors import opening

if TYPE_CHECKING:
    from generator.pipeline import Card
    from generator.rules.finding import Finding
    from generator.vendors.dialect import Export
    from generator.vendors.matching import Gaps, Pin

Json = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """What the page shows where a question has no answer; ``expected`` if the input is to blame."""

    message: str
    expected: bool

    @property
    def data(self) -> Json:
        """As the page gets it."""
        return {"error": {"message": self.message, "expected": self.expected}}


class Workshop:
    """What one page works with: the files that were dropped, and what was made of them."""

    def __init__(self, inbox: Path, outbox: Path) -> None:
        self.inbox, self.outbox = inbox, outbox
        self._read: dict[Path, ReadResult] = {}

    def call(self, name: str, arguments: str) -> str:
        """Answer a question of the page.

        Parameters
        ----------
        name : str
            One of :data:`ANSWERS`.
        arguments : str
            JSON object of its keyword arguments.

        Returns
        -------
        str
            JSON: ``{"value": ...}`` or ``{"error": {"message", "expected"}}``.
        """
        try:
            answer: Json = {"value": ANSWERS[name](self, **json.loads(arguments))}
        except ExamcardError as error:
            answer = Failure(self._plain(str(error)), True).data
        except Exception as error:  # a fault of the program; the page must say so and live on
            answer = Failure(f"{type(error).__name__}: {self._plain(str(error))}", False).data
        return json.dumps(answer, ensure_ascii=False)

    def _plain(self, text: str) -> str:
        """Leave out the folders of the page, which mean nothing to its user."""
        return text.replace(f"{self.inbox}/", "").replace(f"{self.outbox}/", "")

    def path(self, name: str) -> Path:
        """Return a file that was dropped. Raises UsageError for a name that leaves its folder."""
        path = (self.inbox / name).resolve()
        if not path.is_relative_to(self.inbox.resolve()) or not path.exists():
            raise UsageError(f"no such file: {name}")
        return path

    def read(self, name: str) -> ReadResult:
        """Read a file once."""
        path = self.path(name)
        if path not in self._read:
            self._read[path] = opening.read(path)
        return self._read[path]

    def forget(self, name: str) -> None:
        """Read a file anew the next time: another of its name was dropped."""
        self._read.pop((self.inbox / name).resolve(), None)


# --- what an export is --------------------------------------------------------------------------------


def describe(shop: Workshop, file: str) -> Json:
    """Say what a file is, what may hinder its import, and what its protocols are."""
    from generator.timing.compare import time_notes
    from generator.vendors.choosing import labels

    shop.forget(file)
    path = shop.path(file)
    found = opening.inspect(path)
    result = shop.read(file)
    notes = (*result.notes, *time_notes(result))
    return {
        "file": file,
        "format": result.format,
        "vendor": result.vendor,
        "software": result.software,
        "field_strength": result.field_strength,
        "facts": [list(fact) for fact in found.facts if fact[0] != "format"],
        "hinders": [note.message for note in found.warnings],
        "protocols": [
            _protocol(protocol, result, label)
            for protocol, label in zip(result.protocols, labels(result.protocols), strict=True)
        ],
        "notes": [note.model_dump(mode="json") for note in notes],
    }


def _protocol(protocol: Protocol, result: ReadResult, label: str) -> Json:
    stated = protocol.acquisition_duration
    times = [step.acquisition_duration for step in protocol.acquisitions]
    return {
        "label": label,
        "region": protocol.region,
        "stated": stated,
        "total": sum(time for time in times if time) if times and all(times) else None,
        "steps": [_step(step, result) for step in protocol.steps],
    }


def _step(step: Any, result: ReadResult) -> Json:
    if not isinstance(step, Acquisition):
        text = getattr(step, "text", None) or getattr(step, "agent", None) or getattr(step, "source", None)
        return {"kind": step.kind, "name": text or ""}
    return {
        "kind": step.kind,
        **_scan(step),
        **_time(step, result.vendor, result.field_strength, result.software),
    }


def _scan(step: Acquisition) -> Json:
    from generator.model.spoken import word

    return {
        "name": step.name,
        "role": step.role,
        "sequence": " ".join(filter(None, (step.mr_acquisition_type, word(step.technique or "")))),
        "plane": step.plane,
        **{
            name: getattr(step, name)
            for name in (
                *("repetition_time", "echo_times", "inversion_time", "flip_angle", "voxel_size"),
                *("number_of_slices", "number_of_averages", "parallel_reduction_factor_in_plane"),
                *("parallel_reduction_factor_out_of_plane", "multiband_factor"),
            )
        },
    }


def _time(step: Acquisition, vendor: str, field_strength: float | None, software: str | None) -> Json:
    """The time that the file states and the one its parameters give."""
    from generator.timing.families import estimate, explain_missing

    found = estimate(step, vendor, field_strength, software)
    return {
        "stated": step.acquisition_duration,
        "computed": found.seconds if found else None,
        "interval": found.interval if found else None,
        "why_not": None if found else explain_missing(step, vendor, field_strength, software),
    }


# --- a card of one's own ------------------------------------------------------------------------------


def _card(protocol: str, vendor: str, field_strength: float, software: str | None = None) -> Card:
    from generator.pipeline import Choice, ready
    from generator.spec.load import find

    (card,) = ready(find(protocol)[0], Choice((vendor,), (field_strength,), None, software))
    return card


def _pins(decisions: Mapping[str, Json]) -> dict[str, Pin]:
    """What was decided by hand: for a scan a step of a donor, or that it is left out."""
    from generator.vendors.matching import Pin

    return {
        scan: Pin(
            one.get("path", ""),
            one.get("file", ""),
            frozenset(one.get("keep", ())),
            one.get("leave_out", False),
        )
        for scan, one in decisions.items()
    }


def plan(
    shop: Workshop,
    protocol: str,
    vendor: str,
    field_strength: float,
    donors: Sequence[str],
    decisions: Mapping[str, Json],
) -> Json:
    """Say which step of which donor serves each scan of a protocol, what is inherited and what is missing."""
    from generator import donors as library
    from generator.vendors.dialect import Clones

    card = _card(protocol, vendor, field_strength)
    dialect = vendors.get(vendor)
    paths = [shop.path(name) for name in donors]
    pins = _pins(decisions)
    if not isinstance(dialect, Clones):
        raise UsageError(f"nothing is patched for {vendor}: its consoles take no file; translate to a sheet")
    gaps: Gaps = "sheet" if "sheet" in dialect.gaps else "refuse"
    found, skipped = library.make_plan(dialect, card.protocol, card.target, paths, pins, gaps)
    return {
        **library.to_json(found),
        "gaps_known": list(dialect.gaps),
        "skipped": skipped,
        "choices": [
            {"file": Path(one.file).name, "path": f"{step.label}#{step.index}", "name": step.scan.name}
            for one in found.donors
            for step in one.steps
        ],
    }


def build(
    shop: Workshop,
    protocol: str,
    vendor: str,
    field_strength: float,
    donors: Sequence[str],
    decisions: Mapping[str, Json],
    gaps: str = "refuse",
    in_spite: bool = False,
    language: str = "en",
) -> Json:
    """Patch the donors to a protocol, as ``examcard build --donor`` does; the files are in the outbox."""
    from generator.vendors.dialect import BuildOptions

    known: tuple[Gaps, ...] = get_args(_gaps())
    if gaps not in known:
        raise UsageError(f"no way {gaps!r} to fill a gap", known)
    options = BuildOptions(donors=tuple(shop.path(name) for name in donors), pins=_pins(decisions), gaps=gaps)
    return _made(shop, _card(protocol, vendor, field_strength), options, in_spite, language)


def _gaps() -> Any:
    from generator.vendors.matching import Gaps

    return Gaps


def _made(shop: Workshop, card: Card, options: Any, in_spite: bool, language: str) -> Json:
    """Check, build and write a card with its manifest and its sheet."""
    from generator import manifest, pipeline
    from generator.output import write_folder

    report = pipeline.check(card)
    errors = report.of_severity("error")
    if errors and not in_spite:
        return {"refused": [_finding(one) for one in errors]}
    warnings = tuple(f"built in spite of error {one.code}: {one.message}" for one in errors)
    export = pipeline.build(card, replace(options, warnings=warnings))
    described = manifest.of_card(card, export, warnings)
    files = {**export.files, manifest.NAME: manifest.to_bytes(described)}
    sheet = {f"sheet.{language}.html": _sheet(card, export, report.findings, language)}
    folder = shop.outbox / card.spec.protocol_id
    write_folder(folder, {**files, **sheet}, force=True)
    return {
        "folder": folder.name,
        "kind": export.kind,
        "what_it_is": manifest.WHAT_IT_IS[export.kind],
        "files": [
            {"name": name, "size": len(content)} for name, content in sorted({**files, **sheet}.items())
        ],
        "time": described["time"],
        "losses": described["losses"],
        "inherited": [
            {"scan": step["name"], **one} for step in described["steps"] for one in step["inherited"]
        ],
        "gaps": described["gaps"],
        "notes": [note.message for note in export.notes],
        "findings": [_finding(one) for one in report.findings],
    }


def _sheet(card: Card, export: Export, findings: Iterable[Finding], language: str) -> bytes:
    from generator.publish.record import record
    from generator.publish.sheets import sheet_html

    facts = {
        "title": "examcard",
        "network": "",
        "licence": "",
        "address": None,
        "contact": {"name": "", "email": None, "url": None},
    }
    download = {"name": "", "size": 0, "sha256": "", "files": []}
    made = record(card, export, list(findings), card.spec.version or "", download)
    return sheet_html(made, facts, language).encode()


def _finding(one: Finding) -> Json:
    return one.model_dump(
        mode="json", include={"code", "severity", "message", "step_name", "field", "remedy"}
    )


ANSWERS: Mapping[str, Callable[..., Json]] = {
    "describe": describe,
    "plan": plan,
    "build": build,
}
"""Every question the page may ask."""
