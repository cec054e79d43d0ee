"""A protocol as an ExamCard: from templates alone, or cloned out of a card of the site."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Any, NamedTuple

from generator.errors import CannotBuild
from generator.model.tree import Acquisition, Note, Protocol, Target
from generator.vendors.dialect import BuildOptions, Export, Losses
from generator.vendors.philips import assembly, keys, listing, losses, notes, plan, serial, values
from generator.vendors.philips.assembly import Row
from generator.vendors.philips.block import Block
from generator.vendors.philips.derive import Scan
from generator.vendors.philips.express import express
from generator.vendors.philips.fields import fields
from generator.vendors.philips.graph import Bytes, Card, Node, Plain, Text, Typed
from generator.vendors.philips.plan import Planned
from generator.vendors.philips.settings import Settings, apply

RELEASE = (5, 7)
SYSTEMS = {1.5: "AWASW_MST_T15", 3.0: "AWASW_MST_T30"}
REGIONS = {"brain": ("SRT.T-A0100.Brain", "Head"), "spine": ("SRT.T-D0146.Spine", "Spine")}
_UNSAFE = re.compile(r"[^\w.+-]+")


class Recipe(NamedTuple):
    """Which parameter list makes a technique, and with which imaging sequence."""

    template: str
    sequence: str = "FFE"


RECIPES = {
    "spin_echo": Recipe("spin_echo", "SE"),
    "turbo_spin_echo": Recipe("turbo_spin_echo", "SE"),
    "single_shot_turbo_spin_echo": Recipe("turbo_spin_echo", "SE"),
    "gradient_echo": Recipe("gradient_echo"),
    "multi_echo_gradient_echo": Recipe("gradient_echo"),
    "susceptibility_weighted": Recipe("gradient_echo"),
    "balanced_ssfp": Recipe("gradient_echo"),
    "time_of_flight": Recipe("gradient_echo"),
    "field_map": Recipe("gradient_echo"),
    "calibration": Recipe("gradient_echo"),
    "other": Recipe("gradient_echo"),
    "magnetization_prepared_gradient_echo": Recipe("turbo_field_echo"),
    "mp2rage": Recipe("turbo_field_echo"),
    "echo_planar_diffusion": Recipe("echo_planar", "SE"),
    "arterial_spin_labelling": Recipe("echo_planar", "SE"),
    "echo_planar_bold": Recipe("echo_planar"),
    "spectroscopy": Recipe("spectroscopy", "SE"),
}


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
    if target.field_strength not in SYSTEMS:
        raise CannotBuild(
            f"Philips scanners of {target.field_strength:g} T are not known (1.5 T and 3 T are)"
        )
    if options.donor is not None:
        from generator.vendors.philips.donor import build_from_donor

        return build_from_donor(protocol, target, options, options.donor)
    found = Losses()
    scans = plan.plan(protocol, options, found)
    card = _card(protocol, target, options)
    rows = [_row(scan, target, found, protocol) for scan in scans]
    assembly.replace_rows(card, [row.instrument for row in rows])
    remarks = [_about_template(target)] if target.software else []
    return Export("template", {file_name(protocol): serial.dump(card)}, tuple(found.found), tuple(remarks))


def _about_template(target: Target) -> Note:
    text = f"the template is a card of R5.7; the target's software is {target.software}"
    return Note(code="template-release", message=text)


def file_name(protocol: Protocol) -> str:
    """Name of the card as a file."""
    return f"{_UNSAFE.sub('-', protocol.id or protocol.name).strip('-') or 'card'}.ExamCard"


def card_note(options: BuildOptions, kind: str) -> str:
    """Text of the card's own note: what it is and what it has to say on its face."""
    return "\n".join([kind, *filter(None, [options.label]), *options.warnings])


def _card(protocol: Protocol, target: Target, options: BuildOptions) -> Card:
    original = _loaded()
    root = assembly.clone(original.root)
    assert isinstance(root, Node)
    card = Card(root, original.newline, original.tail)
    region, anatomy = REGIONS.get(protocol.region or "", ("", ""))
    for name, text in (("name", protocol.name), ("anatomicRegion", region), ("anatomy", anatomy)):
        card.root.set(name, Text(text))
    system = assembly.require(card.root, "mainSystemType", Typed)
    card.root.set("mainSystemType", Typed(system.namespace, system.type, SYSTEMS[target.field_strength]))
    set_card_note(card, card_note(options, "Made from templates: untested on a console."))
    return card


def set_card_note(card: Card, text: str) -> None:
    """Replace the note of the card."""
    description = card.root.get("description")
    buffer = Bytes(notes.write(text))
    for name in ("dataBuffer", "htmlDataBuffer"):
        if isinstance(description, Node) and description.get(name) is not None:
            description.set(name, buffer)


@cache
def _loaded() -> Card:
    """Render the XML once: every card is made of its objects."""
    from generator.resources import templates
    from generator.vendors.philips import envelope

    text = _environment().get_template("card.xml.j2").render()
    found = envelope.parse(templates("vendors", "philips", "card.xml.j2"), text.strip())
    return serial.load(found)


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


def _row(scan: Planned, target: Target, found: Losses, protocol: Protocol) -> Row:
    """Make one row: the parameter list of its technique, changed to what the spec states."""
    view = found.at(scan.index, scan.acquisition.name)
    block, current = _block(scan.acquisition)
    settings = Settings(current, target.field_strength, is_template=True)
    express(scan.acquisition, settings, scan.duration)
    settings.set(keys.SCAN_ID, scan_id(protocol, scan))
    refused = apply(block, settings, ".".join(map(str, RELEASE)))
    assert not refused, refused
    data = block.encode()
    is_prescan = scan.acquisition.technique == "calibration"
    read_back(data, scan, target.field_strength, is_prescan, view)
    row = assembly.copy_row(assembly.rows(_loaded())[0])
    row.procedure.set("parameterData", Bytes(base64.b64encode(data).decode("ascii")))
    row.single.set("isPreScan", Plain("true" if is_prescan else "false"))
    assembly.fill(row, scan, dynamics(settings), RELEASE, keep_notes=False)
    return row


def dynamics(settings: Settings) -> int:
    """Number of dynamics as the step repeats it: 0 when not dynamic."""
    return 0 if settings.now(keys.DYNAMIC) in (None, "NO") else int(settings.now(keys.DYNAMICS) or 0)


def read_back(data: bytes, scan: Planned, field_strength: float, is_prescan: bool, view: Losses) -> None:
    """Proof-read a finished block against the spec."""
    decoded = values.Parameters(data, keys.PROVED_R11)
    back = fields(Scan(decoded, field_strength, is_prescan, lambda *_: None))
    if scan.duration is not None:
        back["acquisition_duration"] = round(scan.duration, 1)
    losses.compare(scan.acquisition, back, view)


def scan_id(protocol: Protocol, scan: Planned) -> int:
    """Make the number that tells a scan of a card from the others, always the same for the same spec."""
    text = f"{protocol.id or protocol.name}\0{scan.index}\0{scan.acquisition.name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 90_000_000 + 10_000_000


def _block(acquisition: Acquisition) -> tuple[Block, values.Parameters]:
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
) -> tuple[Block, values.Parameters]:
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
    block = listing.parse(rendered)
    return block, values.Parameters(block.encode())
