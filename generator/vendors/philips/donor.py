"""A card cloned out of the site's own: scans described, reset, patched, renamed and put in order.

What a console needs and no one can make up (coil connectors, licences, gradient chain, internal records)
comes from the donor's scans. What is bound to an anatomy, a patient or a plan is reset, what the spec states
is patched in, together with the records that come with it, and results that no longer hold are taken out.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, Target
from generator.vendors import matching
from generator.vendors.account import Reasons
from generator.vendors.dialect import BuildOptions, DonorFile, Export
from generator.vendors.gate import broken
from generator.vendors.matching import TEMPLATE, Along, Choice, Donor, DonorStep
from generator.vendors.philips import facts, reader, writer
from generator.vendors.philips.container import block, envelope, graph
from generator.vendors.philips.container.block import BadBlock, Block, Parameters, Record, from_base64
from generator.vendors.philips.container.graph import Array, Bytes, Card, Node, Null, Plain, Row, Text, Typed
from generator.vendors.philips.fields import express
from generator.vendors.philips.fields.cloned import inherited, relations, reset
from generator.vendors.philips.fields.scan import Settings, apply
from generator.vendors.philips.fields.times import inverts_twice

_SURVEY = re.compile(r"survey|scout|locali[sz]|\bloc\b|plan ?scan|rep[eé]rage", re.IGNORECASE)
# Preparation scans that others take their coil sensitivities from, by the beginning of their kind.
_REFERENCE, _COIL_SURVEY = "SENSE_REF", "COILSURVEY"
_RESULTS, _SEPARATOR = "IF_", "IF_info_seperator"


# --- describing ---------------------------------------------------------------------------------------


def describe(path: Path) -> Donor:
    """Describe every scan of a card: what it is and what a clone of it would bring along.

    Raises
    ------
    UnusableInput
        If the card cannot be read.
    """
    found = reader.read(path)
    (protocol,) = found.protocols
    scans = protocol.acquisitions
    steps = tuple(_described(index, scan, scans, protocol.name) for index, scan in enumerate(scans))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Donor(
        file=str(path),
        sha256=digest,
        vendor="philips",
        release=_release_name(found.software),
        field_strength=found.field_strength,
        steps=steps,
    )


def _release_name(software: str | None) -> str | None:
    """Name a release as people do: ``5.7.1.0`` is R5.7."""
    parts = (software or "").split(".")
    return f"R{parts[0]}.{parts[1]}" if len(parts) > 1 else None


def _described(index: int, scan: Acquisition, scans: tuple[Acquisition, ...], card: str) -> DonorStep:
    values = scan.vendor["parameters"]
    return DonorStep(
        key=str(index),
        path=(card,),
        index=index,
        scan=scan.model_copy(update={"vendor": {}, "instruction": None}),
        region=matching.region_of(scan.body_part, (card,), scan.name),
        inversions=2 if inverts_twice(values) else None,
        is_localizer=scan.technique != "calibration" and _is_localizer(scan),
        is_calibration=scan.technique == "calibration",
        needs=tuple(_needs(index, scan, scans)),
        # A scheme of directions cannot be made up; a tensor scan can be made a trace scan.
        fixed=("diffusion_directions",) if values.get(facts.DIFFUSION) == "DWI" else (),
        inherited=tuple(inherited(scan)),
    )


def _is_localizer(scan: Acquisition) -> bool:
    """A survey is called so, has stacks in several planes, or the gradient mode that only surveys have."""
    values = scan.vendor["parameters"]
    stacks = values.get(facts.STACKS)
    is_several = scan.plane is None and isinstance(stacks, int) and stacks > 1
    # REGULAR in 7 of 7 surveys of R5.3 and R11.1, and in nothing else but coil surveys.
    return bool(_SURVEY.search(scan.name)) or is_several or values.get(facts.GRADIENT_MODE) == "REGULAR"


def _needs(index: int, scan: Acquisition, scans: tuple[Acquisition, ...]) -> Iterator[str]:
    """A scan with SENSE needs the reference scan before it, and that needs the coil survey before it."""
    values = scan.vendor["parameters"]
    if str(values.get(facts.PRE_SCAN)).startswith(_REFERENCE):
        kind = _COIL_SURVEY
    elif values.get(facts.SENSE) == "YES":
        kind = _REFERENCE
    else:
        return
    words = [str(other.vendor["parameters"].get(facts.PRE_SCAN)) for other in scans[:index]]
    before = [other for other, word in enumerate(words) if word.startswith(kind)]
    yield from map(str, before[-1:])


# --- building -----------------------------------------------------------------------------------------


@dataclass(slots=False)
class _Library:
    """One donor card, opened."""

    path: Path

    @cached_property
    def loaded(self) -> envelope.Envelope:
        return envelope.load(self.path, keep_tail=True)

    @cached_property
    def card(self) -> Card:
        card = graph.load(self.loaded)
        card.tail = card.newline.encode()
        return card

    @cached_property
    def release(self) -> graph.Release:
        release = graph.release_of(self.card)
        if release is None:
            raise UnusableInput(self.path, "the donor does not say which release saved it")
        return release

    @cached_property
    def rows(self) -> list[Row]:
        return graph.rows(self.card)

    @cached_property
    def samples(self) -> Mapping[str, Record]:
        """Records that come with a switch, by name, from the first scan that has them."""
        wanted = {name for one in facts.PARTNERS for name in (*one.records, *one.extra)}
        found: dict[str, Record] = {}
        for row in self.rows:
            values = Parameters(from_base64(row.block.base64))
            if names := [name for name in wanted if name in values and name not in found]:
                records = block.decode(from_base64(row.block.base64))
                found |= {name: record for name in names if (record := records.get(name))}
        return found


@dataclass
class _Build:
    """What the parts of one build share."""

    protocol: Protocol
    target: Target
    options: BuildOptions
    plan: matching.Plan
    reasons: Reasons
    remarks: list[Note] = field(default_factory=list)
    cards: dict[str, _Library] = field(default_factory=dict)
    origins: list[int | None] = field(default_factory=list)

    def card(self, donor: Donor) -> _Library:
        return self.cards.setdefault(donor.file, _Library(Path(donor.file)))


def build_from_donor(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Clone and patch the scans that a plan chose.

    Raises
    ------
    UnusableInput
        If a donor cannot be read, or its containers are not lossless.
    CannotBuild
        If no scan of the protocol has a donor step, or one is to be rendered in a release without templates.
    """
    plan = options.plan or _own_plan(protocol, target, options)
    made = _Build(protocol, target, options, plan, Reasons(known=facts.REASONS))
    chosen = {index: one for index, one in plan.choices.items() if one.step is not None}
    if not chosen:
        raise CannotBuild("no scan of the protocol has a donor step")
    main = made.card(_most_used(chosen))
    _refuse_templates(made, main)
    try:
        rows = list(_rows(made, chosen, main))
        _finish(made, main, rows)
    except (graph.BrokenCard, BadBlock) as error:
        raise UnusableInput(main.path, str(error)) from error
    donor = DonorFile(main.path.name, hashlib.sha256(main.loaded.content + main.loaded.tail).hexdigest())
    files = {writer.file_name(protocol): graph.dump(main.card)}
    return Export(
        "donor",
        files,
        notes=tuple(made.remarks),
        donor=donor,
        reasons=made.reasons,
        origins=tuple(made.origins),
    )


def _own_plan(protocol: Protocol, target: Target, options: BuildOptions) -> matching.Plan:
    """Plan from the one donor that a caller without a plan names. Raises CannotBuild for gaps."""
    assert options.donor is not None
    plan = matching.plan(protocol, target, [describe(options.donor)], options.pins, options.gaps)
    if plan.gaps and options.gaps == "refuse":
        missing = "; ".join(f"{one.scan.name}: {one.missing}" for one in plan.gaps)
        raise CannotBuild(f"the donor has no scan like {missing}")
    return plan


def _most_used(chosen: Mapping[int, Choice]) -> Donor:
    files = [one.donor.file for one in chosen.values()]
    most = max(dict.fromkeys(files), key=files.count)
    return next(one.donor for one in chosen.values() if one.donor.file == most)


def _rows(made: _Build, chosen: Mapping[int, Choice], main: _Library) -> Iterator[Row]:
    """Make the rows in order, those that come along before the scans that need them."""
    left = {index: one for index, one in made.plan.choices.items() if one.action in ("pause", "leave_out")}
    gaps = {index: one.text if one.action == "pause" else "" for index, one in left.items()}
    along = sorted(made.plan.along, key=lambda one: one.before)
    there = [*made.protocol.acquisitions, *(one.step.scan for one in along)]
    for scan in writer.plan(made.protocol, made.options, made.reasons, gaps):
        while along and along[0].before <= scan.index:
            yield _unpatched(made, along.pop(0))
        if scan.index in chosen:
            yield _patched(made, scan, chosen[scan.index])
            continue
        if writer.needs_reference(scan.acquisition, there):
            there.append(writer.REFERENCE.acquisition)
            yield _rendered(made, writer.REFERENCE, main)
        scan.lines.insert(0, TEMPLATE)
        yield _rendered(made, scan, main)


def _refuse_templates(made: _Build, main: _Library) -> None:
    """Refuse to render a gap in a release or for a field that templates are not for. Raises CannotBuild."""
    gap = next((one for one in made.plan.choices.values() if one.action == "template"), None)
    if gap is None:
        return
    writer.refuse_field(made.target)
    if main.release != writer.RELEASE:
        made_for, is_of = (".".join(map(str, release)) for release in (writer.RELEASE, main.release))
        raise CannotBuild(
            f"templates are made for R{made_for}, and the donor is of R{is_of}: {gap.scan.name} cannot be "
            "rendered; build with --gaps sheet, or add the scan to the export"
        )


def _rendered(made: _Build, scan: writer.Planned, main: _Library) -> Row:
    """Render a scan that no donor serves, for the scanner of a card."""
    row = writer.rendered(scan, made.target, made.reasons, made.protocol)
    values = Parameters(from_base64(row.block.base64))
    _set_licences(row, {bit: has(values.get) for bit, has in facts.LICENCES.items()})
    _take_systems(row, main.rows[0])
    if scan is writer.REFERENCE:
        made.origins.append(None)
        made.remarks.append(Note(code="reference-scan", message=writer.REFERENCE_ADDED))
    else:
        made.origins += [*scan.before, scan.index]
        made.remarks.append(Note(code="from-template", message=TEMPLATE, step=scan.index))
    return row


def _unpatched(made: _Build, one: Along) -> Row:
    """Clone a localizer or a reference scan as it is, without its note and its stop."""
    library = made.card(one.donor)
    row = graph.copy_row(library.rows[int(one.step.key)])
    settings = Settings(Parameters(from_base64(row.block.base64)), made.target.field_strength, False)
    _identify(made, settings, f"along {one.before} {one.step.key}")
    _write(row, settings, library)
    _be_plain(row, made.options.keep_notes)
    made.origins.append(None)
    made.remarks.append(
        Note(code="donor-along", message=f"{one.step.scan.name!r} of the donor comes along unchanged")
    )
    return row


def _patched(made: _Build, scan: writer.Planned, choice: Choice) -> Row:
    """Clone one scan, reset what it would inherit, and write into it what the spec states."""
    assert choice.step is not None
    library = made.card(choice.donor)
    original = library.rows[int(choice.step.key)]
    values = Parameters(from_base64(original.block.base64), facts.PROVED_R11)
    settings = Settings(
        values,
        made.target.field_strength,
        is_template=False,
        samples=library.samples,
        reasons=made.reasons.at(scan.index),
    )
    reset(settings, choice.reset)
    taken = _take_parameters(scan.acquisition, settings)
    express(scan.acquisition, settings, scan.duration)
    _identify(made, settings, f"{scan.index} {scan.acquisition.name}")
    row = graph.copy_row(original)
    edited, refused = _write(row, settings, library)
    _refuse_untaken(scan.acquisition.name, taken, refused, edited)
    writer.fill(row, scan, writer.dynamics(settings), library.release, made.options.keep_notes)
    _reset_plan(row, choice.reset)
    _set_licences(row, {bit: has(settings.now) for bit, has in facts.LICENCES.items()})
    for relation in broken(relations(), Parameters(edited.encode(), facts.PROVED_R11)):
        text = f"{relation.name}: {relation.text}"
        made.remarks.append(Note(code="relation", message=text, step=scan.index))
    made.origins += [*scan.before, scan.index]
    for text in [f"made from the donor's {original.name!r}", *settings.notes]:
        made.remarks.append(Note(code="donor-scan", message=text, step=scan.index))
    return row


def _take_parameters(wanted: Acquisition, settings: Settings) -> dict[str, Any]:
    """Take parameters of a side file that no neutral field speaks of, where the donor's scan has them too."""
    stated = wanted.vendor.get("parameters")
    if not isinstance(stated, Mapping):
        return {}
    settings.reasons.implied("vendor")
    taken = {}
    for name, value in stated.items():
        plain = name not in facts.ALL and not name.startswith(
            (_RESULTS, "GEX_", "EX_STACKS_", "EX_RESTSLABS_")
        )
        held = settings.current.get(name)
        value = tuple(value) if isinstance(value, list) else value
        if plain and held is not None and type(held) is type(value) and held != value:
            taken[name] = value
    settings.wanted.update(taken)
    return taken


def _refuse_untaken(scan: str, taken: Mapping[str, Any], refused: Iterable[str], edited: Block) -> None:
    """Refuse a value of a side file that its record cannot hold. Raises CannotBuild."""
    for name in refused:
        record = edited.get(name)
        if name in taken and record is not None:
            listed = f": its texts are {', '.join(record.choices)}" if record.choices else ""
            text = f"{scan}: the side file says {name} = {taken[name]!r}, which the donor's scan cannot hold"
            raise CannotBuild(f"{text}{listed}")


def _identify(made: _Build, settings: Settings, what: str) -> None:
    """Give a scan a number of its own, and take the patient's weight out of it."""
    if facts.SCAN_ID in settings.current:
        settings.set(facts.SCAN_ID, writer.scan_id(made.protocol, what))
    if facts.PATIENT_WEIGHT in settings.current and not made.options.keep_notes:
        settings.set(facts.PATIENT_WEIGHT, 0.0)


def _write(row: Row, settings: Settings, library: _Library) -> tuple[Block, list[str]]:
    """Write settings into the block of a row; results that nobody computed for it are taken out.

    Returns
    -------
    Block, list of str
        The block, and the parameters that it could not take.
    """
    edited = block.decode(from_base64(row.block.base64))
    before = {record.name for record in edited.records}
    refused = apply(edited, settings, ".".join(map(str, library.release)))
    if settings.wanted.keys() - {facts.SCAN_ID, facts.PATIENT_WEIGHT}:
        for name in before:
            if name.startswith(_RESULTS) and name != _SEPARATOR and settings.wanted.get(name) is None:
                edited.remove(name)
    row.procedure.set("parameterData", Bytes(base64.b64encode(edited.encode()).decode("ascii")))
    return edited, refused


def _finish(made: _Build, main: _Library, rows: list[Row]) -> None:
    """Name the card, put its rows in order, and leave out what belongs to the donor's site."""
    card, options = main.card, made.options
    _one_release(rows)
    gone = _empty_relations(card)
    graph.replace_rows(card, [row.instrument for row in rows])
    card.root.set("name", Text(made.protocol.name))
    if gone:
        text = f"{gone} post-processing steps of the donor are not carried over"
        made.remarks.append(Note(code="donor-processing", message=text))
    if region := facts.REGIONS.get(made.protocol.region or ""):
        _set_region(card.root, *region)
    if options.keep_notes:
        return
    _forget_geometries(card, rows)
    writer.set_card_note(card, writer.card_note(options, "Made from a card of this site."))
    if card.root.get("patientWeight") is not None:
        card.root.set("patientWeight", Plain("0"))
        text = "the patient weight of the donor is cleared: enter it on the console"
        made.remarks.append(Note(code="donor-weight", message=text))


def _one_release(rows: list[Row]) -> None:
    """Blocks of two releases in one card would disagree with each other. Raises CannotBuild."""
    found = {Parameters(from_base64(row.block.base64)).get(facts.RELEASE_ID) for row in rows}
    if len(found) > 1:
        raise CannotBuild(f"the donors mix parameter blocks of several releases: {sorted(map(str, found))}")


# --- proving ------------------------------------------------------------------------------------------


def gate(files: Mapping[str, bytes]) -> tuple[Note, ...]:
    """Name every relation that a scan of a card breaks; see :mod:`.fields.relations`."""
    found = []
    for name, content in files.items():
        if not name.endswith(".ExamCard"):
            continue
        card = reader.written(Path(name), content)
        for index, step in enumerate(reader.steps(card)):
            scan = card.string(step.procedure.field("name"))
            block = from_base64(card.packed(envelope.reference(step.procedure.field("parameterData")) or 0))
            found += [
                Note(code=code, step=index, message=f"{scan!r}: {text}, in every real card")
                for code, text in _broken(reader.anonymous(block))
            ]
    return tuple(found)


@lru_cache(maxsize=256)
def _broken(block: bytes) -> tuple[tuple[str, str], ...]:
    """Name and text of every relation that a block breaks."""
    return tuple((one.name, one.text) for one in broken(relations(), Parameters(block, facts.PROVED_R11)))


_EMPTY_TABLE = (("LoadFactor", "0.72"), ("Version", "0"), ("HashSize", "11"))


def _empty_relations(card: Card) -> int:
    """Take the post-processing steps out of a card; returns how many there were."""
    gone = sum(
        1 for thing in graph.walk(card.root) if isinstance(thing, Node) and thing.name == "ProcessingStepData"
    )
    data = graph.require(card.root, "data", Node)
    manager = data.get("processingStepManagerData")
    if isinstance(manager, Node):
        for name, _ in list(manager.members):
            manager.set(name, _empty_table())
    return gone


def _empty_table() -> Node:
    values = dict(_EMPTY_TABLE)
    members: list[tuple[str, graph.Value]] = []
    for name in graph.members("Hashtable", (5, 7)) or ():
        if name in values:
            members.append((name, Plain(values[name])))
        elif name in ("Keys", "Values"):
            members.append((name, Array("", "xsd:anyType", 0)))
        else:
            members.append((name, Null(False)))
    return Node(graph.COLLECTIONS, "Hashtable", members)


_NO_SMART_PLAN = "AWPLAN_SMARTPLAN_TYPE_NONE"


def _reset_plan(row: Row, names: frozenset[str]) -> None:
    """Reset what the objects of a scan say of an anatomy or a plan; real cards leave its region empty."""
    if "auto_align" in names and isinstance(kind := row.single.get("smartGeoType"), Typed):
        row.single.set("smartGeoType", Typed(kind.namespace, kind.type, _NO_SMART_PLAN))
    if "laterality" in names and row.procedure.get("laterality") is not None:
        row.procedure.set("laterality", Text("unpaired"))
    for name in ("anatomicRegion", "anatomicalRegion"):
        if isinstance(old := row.procedure.get(name), Text) and old.value:
            row.procedure.set(name, Text(""))


def _required(row: Row, name: str) -> Array | None:
    """Return the words of a bit set of what a scan requires; ``None`` where the card has no such sets."""
    found: graph.Value | None = row.single
    for member in ("scanProperties", "requiredConfiguration", name, "m_array"):
        found = found.get(member) if isinstance(found, Node) else None
    return found if isinstance(found, Array) else None


def _take_systems(row: Row, other: Row) -> None:
    """Take over the systems that a scan is allowed on: all scans of a card name the same (5 of 5 cards)."""
    mine, theirs = (_required(one, "allowedMainSystemTypes") for one in (row, other))
    if mine is not None and theirs is not None:
        mine.items = list(theirs.items)


def _set_licences(row: Row, wanted: Mapping[int, bool]) -> None:
    """Set or clear software bits of what a scan requires; cards without the set are left alone."""
    found = _required(row, "swOptions")
    if found is None:
        return
    for bit, is_on in wanted.items():
        word, place = divmod(bit, 32)
        if word >= len(found.items) or not isinstance(held := found.items[word], Plain):
            continue
        number = int(held.value) & 0xFFFFFFFF
        number = number | 1 << place if is_on else number & ~(1 << place)
        # .NET writes the words as signed numbers.
        found.items[word] = Plain(str(number - (1 << 32) if number >> 31 else number))


def _set_region(root: Node, region: str, anatomy: str) -> None:
    """Write the body region of a card, of which both sides are the same."""
    for name, text in (("anatomicRegion", region), ("anatomy", anatomy)):
        if root.get(name) is not None:
            root.set(name, Text(text))
    if graph.text_of(root.get("laterality")).casefold() != "unpaired":
        root.set("laterality", Text("unpaired"))


def _be_plain(row: Row, keep_notes: bool) -> None:
    """Take stop, injection, note and origin out of a scan that comes along."""
    graph.require(row.single, "scanProperties", Node).set("pause", Plain("false"))
    row.execution.set("contrast", Plain("false"))
    if not keep_notes:
        writer.set_note(row, "")
        writer.forget_history(row)


def _forget_geometries(card: Card, rows: list[Row]) -> None:
    """Leave out the names the site gave its plans: each scan is planned anew."""
    names = card.root.get("namedGeometries")
    if isinstance(names, Array):
        card.root.set("namedGeometries", Array(names.namespace, names.type, 0))
    for row in rows:
        row.single.set("geometryName", Text(""))
        row.single.set("reuseStackSizes", Plain("false"))
