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
from generator.errors import ExamcardError, Several, UnusableInput, UsageError
from generator.model.tree import Acquisition, Protocol, ReadResult, Target
from generator.vendors import opening

if TYPE_CHECKING:
    from generator.pipeline import Card
    from generator.rules.finding import Finding
    from generator.spec.spec import Spec
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
        asked = json.loads(arguments)
        try:
            answer: Json = {"value": ANSWERS[name](self, **asked)}
        except ExamcardError as error:
            answer = Failure(self._plain(_located(error, asked.get("language", "en"))), True).data
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
            from generator.sources import read_any

            self._read[path] = read_any(path)
        return self._read[path]

    def spec(self, name: str, number: int) -> Spec:
        """Return a protocol of a file as a spec, as ``examcard read --yaml`` writes it."""
        from generator.sources import chosen_of
        from generator.spec.dump import starter
        from generator.spec.load import load

        path = self.outbox / "read" / "protocol.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(starter(chosen_of(self.read(name), [number])), encoding="utf-8")
        return load(path)

    def forget(self, name: str) -> None:
        """Read a file anew the next time: another of its name was dropped."""
        self._read.pop((self.inbox / name).resolve(), None)


# --- what an export is --------------------------------------------------------------------------------


def describe(shop: Workshop, file: str, language: str = "en") -> Json:
    """Say what a file is, what may hinder its import, and what its protocols are."""
    from generator.images import reader as images
    from generator.timing.compare import time_notes
    from generator.vendors.opening import labels

    shop.forget(file)
    path = shop.path(file)
    result = shop.read(file)
    facts, hinders = ([], []) if images.recognises(path) else _inspected(path)
    notes = (*result.notes, *time_notes(result))
    return {
        "file": file,
        "format": result.format,
        "vendor": result.vendor,
        "software": result.software,
        "field_strength": result.field_strength,
        "facts": [_fact(name, value, language) for name, value in facts],
        "hinders": [_said(text, language) for text in hinders],
        "protocols": [
            _protocol(protocol, result, label, language)
            for protocol, label in zip(result.protocols, labels(result.protocols), strict=True)
        ],
        "notes": [_said(note.message, language) for note in notes],
    }


def _said(text: str, language: str) -> Json:
    """What the program says, in a language if its catalogue has it, else in English."""
    from generator.publish.voice import voice

    speaker = voice(language)
    return {"text": speaker.say(text), "language": language if speaker.knows(text) else "en"}


def _located(error: ExamcardError, language: str) -> str:
    """Write an error in a language: where something was found as it is, what it is from the catalogue."""
    if isinstance(error, Several):
        return "\n".join(dict.fromkeys(_located(one, language) for one in error.errors))
    if not isinstance(error, UnusableInput):
        return str(_said(str(error), language)["text"])
    places = (
        str(error.path),
        *(_said(text, language)["text"] for text in (error.where, error.message) if text),
    )
    return ": ".join(places)


_NAMES = frozenset({"card", "program", "protocol"})
"""Facts whose values are names, which no language changes."""


def _fact(name: str, value: str, language: str) -> list[str]:
    said = value if name in _NAMES else _said(value, language)["text"]
    return [_said(name, language)["text"], said]


def _setting(one: Json, language: str) -> Json:
    """Describe a setting that is inherited, with its label and its value for people."""
    from generator.publish.voice import voice

    value = one["value"]
    shown = _said(value, language)["text"] if isinstance(value, str) else value
    return {**one, "label": voice(language).label(one["what"]), "value": shown}


def _inspected(path: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """What an export says of itself, and what may hinder its import."""
    found = opening.inspect(path)
    facts = [fact for fact in found.facts if fact[0] != "format"]
    return facts, [note.message for note in found.warnings]


def _protocol(protocol: Protocol, result: ReadResult, label: str, language: str) -> Json:
    stated = protocol.acquisition_duration
    times = [step.acquisition_duration for step in protocol.acquisitions]
    return {
        "label": label,
        "region": protocol.region,
        "stated": stated,
        "total": sum(time for time in times if time) if times and all(times) else None,
        "steps": [_step(step, result, language) for step in protocol.steps],
    }


def _step(step: Any, result: ReadResult, language: str) -> Json:
    from generator.model.spoken import word

    if not isinstance(step, Acquisition):
        agent = getattr(step, "agent", None)
        text = getattr(step, "text", None) or (agent and _said(word(agent), language)["text"])
        return {"kind": step.kind, "name": text or getattr(step, "source", None) or ""}
    return {
        "kind": step.kind,
        **_scan(step, language),
        **_time(step, result.vendor, result.field_strength, result.software),
    }


def _scan(step: Acquisition, language: str) -> Json:
    from generator.publish.voice import voice

    speaker = voice(language)
    kind = (step.mr_acquisition_type, step.technique and speaker.shown(step.technique, "technique"))

    return {
        "name": step.name,
        "role": step.role,
        "sequence": " ".join(filter(None, kind)),
        "plane": step.plane and speaker.shown(step.plane, "plane"),
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
    language: str = "en",
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
    described = library.to_json(found)
    return {
        **described,
        "steps": [
            {**step, "inherited": [_setting(one, language) for one in step["inherited"]]}
            for step in described["steps"]
        ],
        "gaps": [{**one, "missing": _said(one["missing"], language)} for one in described["gaps"]],
        "gaps_known": list(dialect.gaps),
        "skipped": skipped,
        "warnings": [_said(text, language) for text in found.warnings],
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
        return {"refused": [_finding(one, language) for one in errors]}
    warnings = tuple(f"built in spite of error {one.code}: {one.message}" for one in errors)
    export = pipeline.build(card, replace(options, warnings=warnings))
    described = manifest.of_card(card, export, warnings)
    files = {**export.files, manifest.NAME: manifest.to_bytes(described)}
    files[f"sheet.{language}.html"] = _sheet(card, export, report.findings, language)
    write_folder(shop.outbox / card.spec.protocol_id, files, force=True)
    return {
        **_bundle(shop, card.spec.protocol_id, files),
        **_kind(export, language),
        "time": described["time"],
        "losses": [
            _loss(one.step_name, one.field, one.wanted, one.got, one.reason, one.severity, language)
            for one in export.losses
        ],
        "inherited": [
            {"scan": step["name"], **_setting(one, language)}
            for step in described["steps"]
            for one in step["inherited"]
        ],
        "gaps": described["gaps"],
        "notes": [_said(note.message, language) for note in export.notes],
        "findings": [_finding(one, language) for one in report.findings],
    }


def _kind(export: Export, language: str) -> Json:
    from generator.publish.labels import KIND_MEANINGS, KINDS

    return {
        "kind": export.kind,
        "kind_label": _said(KINDS[export.kind], language)["text"],
        "what_it_is": _said(KIND_MEANINGS[export.kind], language),
    }


def _bundle(shop: Workshop, folder: str, files: Mapping[str, bytes]) -> Json:
    """Pack a folder of the outbox, and name its files and their sizes."""
    from generator.publish.archive import pack

    name = folder.rpartition("/")[2]
    archive = pack(files, name)
    (shop.outbox / f"{name}.zip").write_bytes(archive)
    return {
        "folder": folder,
        "name": name,
        "archive": len(archive),
        "files": [{"name": name, "size": len(content)} for name, content in sorted(files.items())],
    }


def _loss(
    scan: str | None, field: str | None, wanted: Any, got: Any, reason: str, severity: str, language: str
) -> Json:
    from generator.publish.voice import voice

    speaker = voice(language)
    return {
        "scan": scan,
        "field": speaker.label(field),
        "wanted": speaker.shown(wanted, field),
        "got": speaker.shown(got, field),
        "reason": _said(reason, language),
        "severity": severity,
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


def _finding(one: Finding, language: str) -> Json:
    text = f"{one.message}. {one.remedy}" if one.remedy else one.message
    parts = [_said(part, language) for part in (one.message, one.remedy) if part]
    spoken = {part["language"] for part in parts}
    joined = {"text": ". ".join(part["text"] for part in parts), "language": language}
    said = joined if spoken == {language} else {"text": text, "language": "en"}
    return {"code": one.code, "severity": one.severity, "step_name": one.step_name, "text": said}


# --- compared with the network's protocol ----------------------------------------------------------------


def compare(
    shop: Workshop, file: str, number: int, protocol: str, field_strength: float, language: str = "en"
) -> Json:
    """Hold a protocol of a file against one of the network, as it is for the file's scanner."""
    from generator.compare.comparison import compare as hold
    from generator.sources import chosen_of

    result = shop.read(file)
    mine = chosen_of(result, [number])
    card = _card(protocol, result.vendor, field_strength)
    wanted = ReadResult(
        format="spec",
        vendor=result.vendor,
        software=result.software,
        field_strength=field_strength,
        protocols=(card.protocol,),
    )
    found = hold(mine, wanted, (file, protocol))
    return {
        "pairs": [_pair(pair, language) for pair in found.pairs],
        "only_mine": [_place(place) for place in found.only_in_a],
        "only_theirs": [
            {**_place(place), "optional": card.protocol.steps[place.step].optional}
            for place in found.only_in_b
        ],
        "mine": _total(mine.protocols[0]),
        "theirs": {
            "seconds": card.timeline.counted,
            "interval": card.timeline.interval,
            "limit": card.time_limit,
        },
    }


def _place(place: Any) -> Json:
    return {"name": place.name, "kind": place.kind, "step": place.step}


def _total(protocol: Protocol) -> float | None:
    times = [step.acquisition_duration for step in protocol.acquisitions]
    return protocol.acquisition_duration or (sum(filter(None, times)) if times and all(times) else None)


def _pair(pair: Any, language: str) -> Json:
    from generator.compare.fields import BOOKKEEPING, SEVERITIES
    from generator.publish.voice import voice

    speaker = voice(language)
    order = sorted(pair.found.differences, key=lambda one: SEVERITIES.index(one.severity))
    return {
        "mine": _place(pair.a),
        "theirs": _place(pair.b),
        "moved": pair.moved,
        "fields": [
            {
                "field": one.name,
                "label": speaker.label(one.name),
                "mine": speaker.shown(one.a, one.name),
                "theirs": speaker.shown(one.b, one.name),
                "severity": one.severity,
            }
            for one in order
        ],
        "silent": [speaker.label(name) for name in pair.found.only_b if name not in BOOKKEEPING],
    }


# --- translated ---------------------------------------------------------------------------------------


def translate(
    shop: Workshop, file: str, number: int, vendor: str, field_strength: float, language: str = "en"
) -> Json:
    """Write a protocol of a file for another scanner, as ``examcard translate`` does, with its report."""
    from generator.compare.comparison import step_name
    from generator.sources import chosen_of
    from generator.translate.files import write_all
    from generator.translate.migrate import translate as run
    from generator.vendors.dialect import BuildOptions

    result = chosen_of(shop.read(file), [number])
    result = result.model_copy(update={"field_strength": result.field_strength or field_strength})
    target = Target(vendor=vendor, field_strength=field_strength)
    one = run(result, target, BuildOptions(gaps="sheet"))
    if one.export is None:
        return {"refused": [{"severity": "error", "text": _said(one.refused, language), "code": None}]}
    place = write_all([one], file, shop.outbox / "translated", force=True)[0]
    folder = shop.outbox / "translated" / place
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    shown, expected = ([getattr(step, name) for step in one.steps if isinstance(step.before, Acquisition)]
                       for name in ("shown", "expected"))  # fmt: skip
    return {
        **_bundle(shop, f"translated/{place}", files),
        **_kind(one.export, language),
        "time": {"spec": _sum(shown), "written": _sum(expected), "interval": None, "limit": None},
        "losses": [
            _loss(step_name(step.before), row.field, row.before, row.after, row.why,
                  "operator" if row.operator else row.severity, language)
            for step, row in one.rows
        ],
        "inherited": [],
        "gaps": [step_name(one.protocol.steps[index]) for index in one.by_hand],
        "notes": [_said(note.message, language) for note in one.export.notes],
        "findings": [],
    }  # fmt: skip


def _sum(times: Sequence[float | None]) -> float | None:
    """Seconds of all scans; ``None`` if one of them is not known."""
    known = [time for time in times if time is not None]
    return sum(known) if known and len(known) == len(times) else None


# --- what if ------------------------------------------------------------------------------------------

CHANGEABLE = (
    *("repetition_time", "repetition_time_preparation", "echo_times", "inversion_time", "voxel_size"),
    *("parallel_reduction_factor_in_plane", "number_of_averages"),
)
"""What the page lets change; ``None`` where a scan has nothing of the kind."""


def scans(shop: Workshop, base: Json) -> Json:
    """List the scans of a protocol, of a file or of the network, with what can be changed in them."""
    card = _base(shop, base)
    steps = enumerate(card.protocol.steps)
    return {
        "scans": [
            {"index": index, "name": step.name, **{name: getattr(step, name) for name in CHANGEABLE}}
            for index, step in steps
            if isinstance(step, Acquisition)
        ]
    }


def _base(shop: Workshop, base: Json) -> Card:
    """Return a card of the network or, without the times its file states, one of a file."""
    from generator.pipeline import prepare

    if "file" not in base:
        return _card(base["protocol"], base["vendor"], base["field_strength"])
    result = shop.read(base["file"])
    target = Target(vendor=result.vendor, field_strength=base["field_strength"], software=result.software)
    return prepare(shop.spec(base["file"], base["number"]), target)


def what_if(shop: Workshop, base: Json, index: int, changes: Json, language: str = "en") -> Json:
    """Change a scan and say what becomes of its time, noise, contrast and of the rules.

    Parameters
    ----------
    base : dict
        ``file`` and ``number`` of a protocol there, or ``protocol`` and ``vendor``; ``field_strength``.
    index : int
        Of the scan among the steps.
    changes : dict
        Field to value, in canonical units, of :data:`CHANGEABLE`.
    """
    from generator.pipeline import check

    before = _base(shop, base)
    scan = before.protocol.steps[index]
    if not isinstance(scan, Acquisition) or set(changes) - set(CHANGEABLE):
        raise UsageError(f"of a scan {', '.join(CHANGEABLE)} can be changed")
    along = _along(scan, changes)
    after = _with_step(before, index, _valid(scan, {**changes, **along, "acquisition_duration": None}))
    old, new = ({_key(one): one for one in check(card).findings} for card in (before, after))
    return {
        "time": [_scan_time(card, index) for card in (before, after)],
        "total": [
            {"seconds": card.timeline.counted, "interval": card.timeline.interval, "limit": card.time_limit}
            for card in (before, after)
        ],
        "snr": _snr(before, after, index),
        "contrast": [_contrast(card, index) for card in (before, after)],
        "broken": [_finding(one, language) for key, one in new.items() if key not in old],
        "mended": [_finding(one, language) for key, one in old.items() if key not in new],
        "still": [_finding(one, language) for key, one in new.items() if key in old],
        "along": _spoken(along, language),
        "patch": _patch(before, base, scan, {**changes, **along}),
    }


def _key(one: Finding) -> tuple[str, int | None, str | None]:
    return one.rule, one.step, one.field


def _along(scan: Acquisition, changes: Json) -> Json:
    """What a console changes with the voxel at the same field of view: matrix, thickness and partitions."""
    old, new = scan.voxel_size, changes.get("voxel_size")
    if not new or not old or None in (*old, *new) or min(new) <= 0 or list(old) == list(new):
        return {}
    read, phase, through = (
        float(one) / other for one, other in zip(old, new, strict=True) if one is not None
    )
    found: Json = {}
    if (matrix := scan.acquisition_matrix) and None not in matrix:
        found["acquisition_matrix"] = (round(matrix[0] * read), round(matrix[1] * phase))
    if through != 1 and scan.slice_thickness is not None:
        found["slice_thickness"] = scan.slice_thickness / through
    if through != 1 and scan.mr_acquisition_type == "3D" and scan.number_of_slices:
        found["number_of_slices"] = round(scan.number_of_slices * through)
    return found


def _valid(scan: Acquisition, changes: Json) -> Acquisition:
    """Return a changed scan. Raises UsageError if a value is none of its field."""
    from pydantic import ValidationError

    try:
        return Acquisition(**{**scan.__dict__, **changes})
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _with_step(card: Card, index: int, scan: Acquisition) -> Card:
    from generator.timing.timeline import build_timeline

    steps = (*card.protocol.steps[:index], scan, *card.protocol.steps[index + 1 :])
    protocol = card.protocol.model_copy(update={"steps": steps})
    return replace(card, protocol=protocol, timeline=build_timeline(protocol, card.target))


def _scan_time(card: Card, index: int) -> Json:
    row = card.timeline.rows[index]
    found = row.estimate
    return {
        "stated": getattr(card.protocol.steps[index], "acquisition_duration", None),
        "computed": found.seconds if found else None,
        "interval": found.interval if found else None,
        "why_not": row.why_not,
    }


def _snr(before: Card, after: Card, index: int) -> float | None:
    """Signal to noise of a changed scan over that of the scan it was, the signal itself taken as the same."""
    from generator.contrast.comparison import relative_snr

    one, other = (relative_snr(card.target, card.protocol.steps[index]) for card in (before, after))  # type: ignore[arg-type]
    return other / one if one and other else None


def _contrast(card: Card, index: int) -> Json | None:
    """Expected contrast of the pair of the scan's role; ``None`` for a scan without such a role."""
    from generator.contrast.comparison import view
    from generator.contrast.roles import role

    scan = card.protocol.steps[index]
    known = role(getattr(scan, "role", None))
    if known is None:
        return None
    seen = view(card.target, scan)  # type: ignore[arg-type]
    if seen.missing:
        return {"missing": seen.missing.replace("_", " ")}
    return {"pair": list(known.pair), "value": seen.contrast, "low": seen.low, "high": seen.high}


def _spoken(values: Json, language: str) -> list[str]:
    from generator.publish.voice import voice

    speaker = voice(language)
    return [f"{speaker.label(name)} {speaker.shown(value, name)}" for name, value in values.items()]


def _patch(card: Card, base: Json, scan: Acquisition, changes: Json) -> str:
    """Write a change as YAML: a protocol that extends the network's, or lines for the starter of a file."""
    from generator.spec.dump import quote, written

    fields = {name: written(Acquisition, name, value) for name, value in changes.items()}
    if "file" in base:
        head = (
            f"# for the scan {quote(scan.name)} of the spec that `examcard read --yaml` writes of your file"
        )
        return "\n".join([head, *(f"{name}: {value}" for name, value in fields.items())]) + "\n"
    target, spec = card.target, card.spec
    return "\n".join(
        [
            f"protocol: {spec.protocol_id}-changed",
            f"extends: {spec.protocol_id}@{spec.version}",
            'version: "1"',
            "changes:",
            f"  - set: {{{', '.join(f'{name}: {value}' for name, value in fields.items())}}}",
            f"    step: {quote(scan.name)}",
            f"    when: {{vendor: {target.vendor}, field_strength: {target.field_strength:g} T}}",
            '    source: "own choice: tried in the browser"',
            "",
        ]
    )


ANSWERS: Mapping[str, Callable[..., Json]] = {
    "describe": describe,
    "plan": plan,
    "build": build,
    "compare": compare,
    "translate": translate,
    "scans": scans,
    "what_if": what_if,
}
"""Every question the page may ask."""
