"""A card cloned out of the site's own: its scans matched, patched, renamed and put in order.

What a console needs and no one can make up (coil connectors, licences, gradient chain, internal records)
comes from the donor's scans; what the spec states is patched in, together with the records that hang on it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, Target
from generator.vendors.account import Reasons
from generator.vendors.dialect import BuildOptions, DonorFile, Export
from generator.vendors.philips import assembly, facts
from generator.vendors.philips.assembly import BrokenCard, Planned, Row
from generator.vendors.philips.container import block, envelope, graph, structure
from generator.vendors.philips.container.block import BadBlock, Block, Parameters, from_base64
from generator.vendors.philips.container.graph import Bytes, Card, Plain, Text
from generator.vendors.philips.fields import express, fields
from generator.vendors.philips.fields.scan import Scan, Settings, apply
from generator.vendors.philips.fields.times import echo_class, echoes, inverts_twice

# What tells two donor scans of one technique apart, and how much it weighs.
_WEIGHTS = {
    "fat_suppression": 8,
    "plane": 6,
    "multiband_factor": 5,
    "diffusion_directions": 4,
    "magnetization_transfer": 4,
    "gating": 4,
    "number_of_temporal_positions": 3,
    "parallel_reduction_factor_in_plane": 2,
    "compressed_sensing_factor": 2,
    "phase_encoding_direction": 2,
    "output_maps": 2,
    "echo_train_length": 1,
    "number_of_slices": 1,
    "field_of_view": 1,
}
# The same number of echoes, the same inversion or none.
_SAME_CONTRAST = 6
_OTHER_TRAJECTORY = 20


@dataclass(slots=True)
class Candidate:
    """A scan of the donor and what the reader makes of it."""

    row: Row
    values: Parameters
    fields: dict[str, Any]
    is_prescan: bool


def build_from_donor(protocol: Protocol, target: Target, options: BuildOptions, path: Path) -> Export:
    """Clone and patch a card.

    Raises
    ------
    UnusableInput
        If the donor cannot be read, or its containers are not lossless.
    CannotBuild
        If it is of another field strength, or has no scan of a technique and mode that the spec asks for;
        the message names what it has.
    """
    card, release, raw = _load(path)
    field_strength = _field_strength(card, target, path)
    reasons, remarks = Reasons(known=facts.REASONS), [Note(code="donor-times", message=_STALE)]
    try:
        candidates = [_candidate(row, field_strength) for row in assembly.rows(card)]
        planned = assembly.plan(protocol, options, reasons)
        chosen = _match(planned, candidates)
        _one_release(chosen)
        rows = [
            _patched(scan, candidate, release, field_strength, protocol, options, reasons, remarks)
            for scan, candidate in zip(planned, chosen, strict=True)
        ]
        _finish(card, protocol, options, rows, remarks)
    except (BrokenCard, BadBlock) as error:
        raise UnusableInput(path, str(error)) from error
    left = [c.row.name for c in candidates if not any(c is used for used in chosen)]
    if left:
        remarks.append(Note(code="donor-dropped", message="scans of the donor left out: " + ", ".join(left)))
    if any(c.is_prescan and c.row.name in left for c in candidates):
        remarks.append(Note(code="donor-prescans", message=_PRESCANS))
    donor = DonorFile(path.name, hashlib.sha256(raw).hexdigest())
    files = {assembly.file_name(protocol): graph.dump(card)}
    return Export("donor", files, notes=tuple(remarks), donor=donor, reasons=reasons)


_PRESCANS = "calibration scans of the donor are among those left out: state them as steps if scans need them"
_STALE = "computed values of the cloned scans are those of the donor until the console computes them again"


def _load(path: Path) -> tuple[Card, structure.Release, bytes]:
    loaded = envelope.load(path, keep_tail=True)
    card = graph.load(loaded)
    release = structure.release_of(card)
    if release is None:
        raise UnusableInput(path, "the donor does not say which release saved it")
    card.tail = card.newline.encode()
    return card, release, loaded.content + loaded.tail


def _field_strength(card: Card, target: Target, path: Path) -> float:
    system = structure.text_of(card.root.get("mainSystemType"))
    strength = facts.FIELD_STRENGTHS.get(system)
    if strength is None:
        raise UnusableInput(path, f"unknown system type {system!r}")
    if strength != target.field_strength:
        text = f"the donor is a card of a {strength:g} T scanner, the target has {target.field_strength:g} T"
        raise CannotBuild(text)
    return strength


def _candidate(row: Row, field_strength: float) -> Candidate:
    decoded = Parameters(from_base64(row.block.base64), facts.PROVED_R11)
    is_prescan = structure.text_of(row.single.get("isPreScan")) == "true"
    return Candidate(
        row, decoded, fields(Scan(decoded, field_strength, is_prescan, lambda *_: None)), is_prescan
    )


def _match(planned: list[Planned], candidates: list[Candidate]) -> list[Candidate]:
    """Find for each scan the one of the donor of its technique and mode that needs the least patching."""
    chosen, missing = [], []
    for wanted in (scan.acquisition for scan in planned):
        fitting = [candidate for candidate in candidates if _fits(wanted, candidate)]
        if fitting:
            chosen.append(max(fitting, key=partial(_score, wanted)))
        else:
            missing.append(_describe_wanted(wanted))
    if missing:
        has = sorted({_describe(candidate) for candidate in candidates})
        raise CannotBuild(f"the donor has no scan like {', '.join(missing)}; it has {'; '.join(has)}")
    return chosen


def _describe_wanted(wanted: Acquisition) -> str:
    mode = " ".join(filter(None, [wanted.mr_acquisition_type, wanted.technique]))
    inverted = " with an inversion" if wanted.inversion_time is not None else ""
    if wanted.second_inversion_time is not None:
        inverted = " with two inversions"
    details = _details(len(wanted.echo_times or (1,)), wanted.readout, _is_dti(wanted))
    return f"{wanted.name!r} ({mode}{inverted}{details})"


def _details(echoes: int, readout: str | None, is_dti: bool) -> str:
    """Say what else tells scans apart, where it is out of the ordinary."""
    texts = [
        f", {echoes} echoes" if echoes > 1 else "",
        f", {readout}" if readout not in (None, "cartesian") else "",
        ", DTI" if is_dti else "",
    ]
    return "".join(texts)


def _fits(wanted: Acquisition, candidate: Candidate) -> bool:
    have = candidate.fields
    if wanted.technique is None or have.get("technique") != wanted.technique:
        return False
    for name in ("mr_acquisition_type", "readout"):
        if getattr(wanted, name) not in (None, have.get(name)):
            return False
    if not _same_echoes(wanted, candidate):
        return False
    if _is_dti(wanted) and candidate.values.get(facts.DIFFUSION) == "DWI":
        return False
    if candidate.values.get(facts.FAST_MODE) == "TFE":
        # The delay belongs to an inversion prepulse, whatever number that has.
        return wanted.inversion_time is None or facts.PREPULSE_DELAY_MODE in candidate.values
    is_inverted = candidate.values.get(facts.SEQUENCE) == "IR"
    if inverts_twice(candidate.values) is not (wanted.second_inversion_time is not None):
        return False
    return is_inverted is (wanted.inversion_time is not None)


def _same_echoes(wanted: Acquisition, candidate: Candidate) -> bool:
    """Whether the echoes can be set; susceptibility weighting has as many as its processing needs."""
    if not wanted.echo_times or wanted.technique == "susceptibility_weighted":
        return True
    return echo_class(len(wanted.echo_times)) == echo_class(echoes(candidate.values))


def _is_dti(wanted: Acquisition) -> bool:
    """More directions than the axes of a trace need a scheme, which a scan without one cannot be told."""
    return wanted.technique == "echo_planar_diffusion" and (wanted.diffusion_directions or 0) > 3


def _score(wanted: Acquisition, candidate: Candidate) -> int:
    have = candidate.fields
    score = sum(
        weight
        for name, weight in _WEIGHTS.items()
        if getattr(wanted, name) is not None and getattr(wanted, name) == have.get(name)
    )
    trains = len(wanted.echo_times or ()), len(have.get("echo_times") or ())
    inverted = wanted.inversion_time is not None, have.get("inversion_time") is not None
    is_strange = wanted.readout is None and have.get("readout") != "cartesian"
    return (
        score
        - _OTHER_TRAJECTORY * is_strange
        + _SAME_CONTRAST * [trains[0] == trains[1], inverted[0] == inverted[1]].count(True)
    )


def _describe(candidate: Candidate) -> str:
    have = candidate.fields
    mode = " ".join(filter(None, [have.get("mr_acquisition_type"), have.get("technique") or "unknown"]))
    inverted = " with an inversion" if candidate.values.get(facts.SEQUENCE) == "IR" else ""
    if inverts_twice(candidate.values):
        inverted = " with two inversions"
    is_dti = candidate.values.get(facts.DIFFUSION) == "DTI"
    return f"{mode}{inverted}{_details(echoes(candidate.values), have.get('readout'), is_dti)}"


def _one_release(chosen: list[Candidate]) -> None:
    """Blocks of two releases in one card would disagree with each other."""
    releases = {candidate.values.get(facts.RELEASE_ID) for candidate in chosen}
    if len(releases) > 1:
        raise CannotBuild(
            f"the donor mixes parameter blocks of several releases: {sorted(map(str, releases))}"
        )


def _patched(
    scan: Planned,
    candidate: Candidate,
    release: structure.Release,
    field_strength: float,
    protocol: Protocol,
    options: BuildOptions,
    reasons: Reasons,
    remarks: list[Note],
) -> Row:
    """Clone one scan and write into it what the spec states."""
    edited: Block = block.decode(from_base64(candidate.row.block.base64))
    settings = Settings(candidate.values, field_strength, is_template=False, reasons=reasons.at(scan.index))
    express(scan.acquisition, settings, scan.duration)
    if facts.SCAN_ID in candidate.values:
        settings.set(facts.SCAN_ID, assembly.scan_id(protocol, scan))
    if facts.PATIENT_WEIGHT in candidate.values and not options.keep_notes:
        settings.set(facts.PATIENT_WEIGHT, 0.0)
    apply(edited, settings, ".".join(map(str, release)))
    data = edited.encode()
    row = assembly.copy_row(candidate.row)
    row.procedure.set("parameterData", Bytes(base64.b64encode(data).decode("ascii")))
    count = assembly.dynamics(settings)
    assembly.fill(row, scan, count, release, options.keep_notes)
    for text in [f"made from the donor's {candidate.row.name!r}", *settings.notes]:
        remarks.append(Note(code="donor-scan", message=text, step=scan.index))
    return row


def _finish(
    card: Card, protocol: Protocol, options: BuildOptions, rows: list[Row], remarks: list[Note]
) -> None:
    """Name the card, put its rows in order, and leave behind what belongs to the donor's site."""
    assembly.replace_rows(card, [row.instrument for row in rows])
    card.root.set("name", Text(protocol.name))
    gone = assembly.empty_relations(card)
    if gone:
        text = f"{gone} post-processing steps of the donor are not carried over"
        remarks.append(Note(code="donor-processing", message=text))
    if options.keep_notes:
        return
    assembly.set_card_note(card, assembly.card_note(options, "Made from a card of this site."))
    if card.root.get("patientWeight") is not None:
        card.root.set("patientWeight", Plain("0"))
        text = "the patient weight of the donor is cleared: enter it on the console"
        remarks.append(Note(code="donor-weight", message=text))
    assembly.forget_geometries(card, rows)
