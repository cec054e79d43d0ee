"""A protocol as an ExamCard made from templates alone."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from typing import Any

from generator.errors import CannotBuild
from generator.model.kept import per_scan
from generator.model.tree import Acquisition, Note, Protocol, Target
from generator.vendors.account import Reasons
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.philips import assembly, facts
from generator.vendors.philips.assembly import Planned, Row
from generator.vendors.philips.container import envelope, graph
from generator.vendors.philips.container.block import Block, Parameters, parse_list, with_number
from generator.vendors.philips.container.graph import Bytes, Card, Node, Plain, Text, Typed
from generator.vendors.philips.fields import express
from generator.vendors.philips.fields.scan import Settings, apply, in_order
from generator.vendors.philips.fields.technique import RECIPES

RELEASE = (5, 7)


def build(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write a resolved protocol.

    Returns
    -------
    Export
        ``donor`` or ``template`` with one ``.ExamCard``.

    Raises
    ------
    CannotBuild
        If the field strength is none of a Philips scanner, a step states no technique, or the donor has no
        scan of a technique.
    UnusableInput
        If the donor cannot be read.
    """
    if target.field_strength not in facts.SYSTEMS:
        raise CannotBuild(
            f"Philips scanners of {target.field_strength:g} T are not known (1.5 T and 3 T are)"
        )
    reasons = Reasons(known=facts.REASONS)
    scans = assembly.plan(protocol, options, reasons)
    card = _card(protocol, target, options)
    remarks = [_about_template(target)] if target.software else []
    origins = [origin for scan in scans for origin in (*scan.before, scan.index)]
    if reference := _reference(protocol):
        scans.insert(0, Planned(-1, reference, duration=_REFERENCE_SECONDS))
        origins.insert(0, None)
        text = "a SENSE reference scan is added: scans with SENSE need one"
        remarks.append(Note(code="reference-scan", message=text))
    rows = [_row(scan, target, reasons, protocol) for scan in scans]
    assembly.replace_rows(card, [row.instrument for row in rows])
    files = {assembly.file_name(protocol): graph.dump(card)}
    return Export("template", files, notes=tuple(remarks), reasons=reasons, origins=tuple(origins))


# The reference scan of a real card (R5.9, 9.0 s): body and head coil of the whole field of view, at 1 degree.
_REFERENCE_SECONDS = 9.0
_REFERENCE = Acquisition(
    name="SenseRefScan", technique="calibration", mr_acquisition_type="3D", plane="sagittal",
    repetition_time=3.8, echo_times=(0.79,), flip_angle=1, field_of_view=(450, 450),
    acquisition_matrix=(96, 72), slice_thickness=3, number_of_slices=100, phase_encoding_direction="AP",
    number_of_averages=1,
)  # fmt: skip


def _reference(protocol: Protocol) -> Acquisition | None:
    """Return the reference scan that a protocol needs and does not state."""
    scans = protocol.acquisitions
    uses = any(
        (a.parallel_reduction_factor_in_plane or 1) > 1 or (a.multiband_factor or 1) > 1 for a in scans
    )
    has = any(a.technique == "calibration" or a.role == "calibration" for a in scans)
    return _REFERENCE if uses and not has else None


def _about_template(target: Target) -> Note:
    text = f"the template is a card of R5.7; the target's software is {target.software}"
    return Note(code="template-release", message=text)


def _card(protocol: Protocol, target: Target, options: BuildOptions) -> Card:
    original = _loaded()
    root = assembly.clone(original.root)
    assert isinstance(root, Node)
    card = Card(root, original.newline, original.tail)
    region, anatomy = facts.REGIONS.get(protocol.region or "", ("", ""))
    for name, text in (("name", protocol.name), ("anatomicRegion", region), ("anatomy", anatomy)):
        card.root.set(name, Text(text))
    system = assembly.require(card.root, "mainSystemType", Typed)
    card.root.set(
        "mainSystemType", Typed(system.namespace, system.type, facts.SYSTEMS[target.field_strength])
    )
    assembly.set_card_note(card, assembly.card_note(options, "Made from templates: untested on a console."))
    return card


@cache
def _loaded() -> Card:
    """Render the XML once: every card is made of its objects."""
    from generator.resources import templates

    text = _environment().get_template("card.xml.j2").render()
    found = envelope.parse(templates("vendors", "philips", "card.xml.j2"), text.strip().encode() + b"\r\n")
    return graph.load(found)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from generator.resources import templates

    return Environment(
        loader=FileSystemLoader(templates("vendors", "philips")),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and ".xml" in str(name),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _row(scan: Planned, target: Target, reasons: Reasons, protocol: Protocol) -> Row:
    """Make one row: the parameter list of its technique, changed to what the spec states."""
    is_reference = scan.acquisition is _REFERENCE
    written = _written(scan.acquisition, target.field_strength, scan.duration, is_reference)
    reasons.take(scan.index, scan.acquisition.name, written.said)
    scan_id = assembly.scan_id(protocol, f"{scan.index}\0{scan.acquisition.name}")
    data = with_number(written.block, facts.SCAN_ID, scan_id)
    is_prescan = scan.acquisition.technique == "calibration"
    row = assembly.copy_row(assembly.rows(_loaded())[0])
    row.procedure.set("parameterData", Bytes(base64.b64encode(data).decode("ascii")))
    row.single.set("isPreScan", Plain("true" if is_prescan else "false"))
    assembly.fill(row, scan, written.dynamics, RELEASE, keep_notes=False)
    return row


@dataclass(frozen=True, slots=True)
class _Written:
    """A scan as a parameter block that has no number yet, and what it does not say as it was wanted."""

    block: bytes
    dynamics: int
    said: Reasons


@per_scan
def _written(
    acquisition: Acquisition, field_strength: float, duration: float | None, is_reference: bool
) -> _Written:
    block, current = _block(acquisition)
    said = Reasons()
    settings = Settings(current, field_strength, is_template=True, reasons=said.at(None))
    express(acquisition, settings, duration)
    if is_reference:
        settings.set(facts.PRE_SCAN, "SENSE_REF_HYBRID")
    refused = apply(block, settings, ".".join(map(str, RELEASE)))
    assert not refused, refused
    data = in_order(block, ".".join(map(str, RELEASE))).encode()
    return _Written(data, assembly.dynamics(settings), said)


def _block(acquisition: Acquisition) -> tuple[Block, Parameters]:
    """Return the parameter list of a technique as a block of its own, and its values."""
    technique = acquisition.technique
    if technique is None:
        raise CannotBuild(f"step {acquisition.name!r} states no technique")
    recipe = RECIPES.get(technique, RECIPES["other"])
    inverted = acquisition.inversion_time is not None and recipe.template in ("turbo_spin_echo", "spin_echo")
    is_3d = acquisition.mr_acquisition_type == "3D"
    diffusion = "NO"
    if technique == "echo_planar_diffusion":
        diffusion = "DTI" if (acquisition.diffusion_directions or 0) > 3 else "DWI"
    sequence = "IR" if inverted else recipe.sequence
    mode = "SV" if technique == "spectroscopy" else "3D" if is_3d else "MS"
    block, parameters = _listed(recipe.template, technique, sequence, mode, diffusion)
    return Block(block.records), parameters


@cache
def _listed(
    template: str, technique: str, sequence: str, scan_mode: str, diffusion: str
) -> tuple[Block, Parameters]:
    """Render and read a parameter list once; its records are shared, never changed."""
    rendered = (
        _environment()
        .get_template(f"{template}.txt.j2")
        .render(
            technique=technique,
            sequence=sequence,
            scan_mode=scan_mode,
            diffusion=diffusion,
            is_3d=scan_mode == "3D",
            scan_id=0,
        )
    )
    block = parse_list(rendered)
    return block, Parameters(block.encode())
