"""A card cloned out of the site's own: scans described, reset, patched, renamed and put in order.

What a console needs and no one can make up (coil connectors, licences, gradient chain, internal records)
comes from the donor's scans. What is bound to an anatomy, a patient or a plan is reset, what the spec states
is patched in, together with the records that come with it, and results that no longer hold are taken out.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, Target
from generator.vendors import matching
from generator.vendors.account import Reasons
from generator.vendors.dialect import BuildOptions, DonorFile, Export
from generator.vendors.gate import Relation, broken
from generator.vendors.matching import TEMPLATE, Along, Binding, Choice, Donor, DonorStep, Inherited
from generator.vendors.philips import facts as k
from generator.vendors.philips import reader, writer
from generator.vendors.philips.container import block, envelope, graph, notes
from generator.vendors.philips.container.block import BadBlock, Block, Parameters, Record, from_base64
from generator.vendors.philips.container.graph import Array, Bytes, Card, Node, Null, Plain, Row, Text, Typed
from generator.vendors.philips.fields import express
from generator.vendors.philips.fields.contrast import set_gating
from generator.vendors.philips.fields.sampling import TR_KEYS, inverts_twice, set_multiband
from generator.vendors.philips.fields.scan import Settings, apply, orders

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
        fixed=("diffusion_directions",) if values.get(k.DIFFUSION) == "DWI" else (),
        inherited=tuple(inherited(scan)),
    )


def _is_localizer(scan: Acquisition) -> bool:
    """A survey is called so, has stacks in several planes, or the gradient mode that only surveys have."""
    values = scan.vendor["parameters"]
    stacks = values.get(k.STACKS)
    is_several = scan.plane is None and isinstance(stacks, int) and stacks > 1
    # REGULAR in 7 of 7 surveys of R5.3 and R11.1, and in nothing else but coil surveys.
    return bool(_SURVEY.search(scan.name)) or is_several or values.get(k.GRADIENT_MODE) == "REGULAR"


def _needs(index: int, scan: Acquisition, scans: tuple[Acquisition, ...]) -> Iterator[str]:
    """A scan with SENSE needs the reference scan before it, and that needs the coil survey before it."""
    values = scan.vendor["parameters"]
    if str(values.get(k.PRE_SCAN)).startswith(_REFERENCE):
        kind = _COIL_SURVEY
    elif values.get(k.SENSE) == "YES":
        kind = _REFERENCE
    else:
        return
    words = [str(other.vendor["parameters"].get(k.PRE_SCAN)) for other in scans[:index]]
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
        wanted = {name for one in k.PARTNERS for name in (*one.records, *one.extra)}
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
    made = _Build(protocol, target, options, plan, Reasons(known=k.REASONS))
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
    plan = matching.plan(
        protocol, target, [describe(options.donor)], options.pins, options.gaps == "template"
    )
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
    _set_licences(row, {bit: has(values.get) for bit, has in k.LICENCES.items()})
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
    values = Parameters(from_base64(original.block.base64), k.PROVED_R11)
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
    said, keep_notes = writer.Said.of(scan, writer.dynamics(settings)), made.options.keep_notes
    writer.fill(row, said, scan.injection, library.release)
    if scan.note or not keep_notes:
        writer.set_note(row, said.note)
    if not keep_notes:
        writer.forget_history(row)
    _reset_plan(row, choice.reset)
    _set_licences(row, {bit: has(settings.now) for bit, has in k.LICENCES.items()})
    for relation in broken(relations(), Parameters(edited.encode(), k.PROVED_R11)):
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
        plain = name not in k.ALL and not name.startswith((_RESULTS, "GEX_", "EX_STACKS_", "EX_RESTSLABS_"))
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
    if k.SCAN_ID in settings.current:
        settings.set(k.SCAN_ID, writer.scan_id(made.protocol, what))
    if k.PATIENT_WEIGHT in settings.current and not made.options.keep_notes:
        settings.set(k.PATIENT_WEIGHT, 0.0)


def _write(row: Row, settings: Settings, library: _Library) -> tuple[Block, list[str]]:
    """Write settings into the block of a row; return it, and the parameters that it could not take.

    Results that nobody computed for it are taken out.
    """
    edited = block.decode(from_base64(row.block.base64))
    before = {record.name for record in edited.records}
    refused = apply(edited, settings, ".".join(map(str, library.release)))
    if settings.wanted.keys() - {k.SCAN_ID, k.PATIENT_WEIGHT}:
        for name in before:
            if name.startswith(_RESULTS) and name != _SEPARATOR and settings.wanted.get(name) is None:
                edited.remove(name)
    row.procedure.set("parameterData", Bytes(base64.b64encode(edited.encode()).decode("ascii")))
    return edited, refused


def _finish(made: _Build, main: _Library, rows: list[Row]) -> None:
    """Name the card, put its rows in order, and leave out what belongs to the donor's site."""
    card = main.card
    _one_release(rows)
    gone = _empty_relations(card)
    graph.replace_rows(card, [row.instrument for row in rows])
    card.root.set("name", Text(made.protocol.name))
    if gone:
        text = f"{gone} post-processing steps of the donor are not carried over"
        made.remarks.append(Note(code="donor-processing", message=text))
    if region := k.REGIONS.get(made.protocol.region or ""):
        _set_region(card.root, *region)
    if not made.options.keep_notes:
        _forget_site(made, card, rows)


def _forget_site(made: _Build, card: Card, rows: list[Row]) -> None:
    """Clear the geometries, the note and the patient weight of the donor."""
    _forget_geometries(card, rows)
    writer.set_card_note(card, notes.write(writer.card_note(made.options, "Made from a card of this site.")))
    if card.root.get("patientWeight") is not None:
        card.root.set("patientWeight", Plain("0"))
        text = "the patient weight of the donor is cleared: enter it on the console"
        made.remarks.append(Note(code="donor-weight", message=text))


def _one_release(rows: list[Row]) -> None:
    """Blocks of two releases in one card would disagree with each other. Raises CannotBuild."""
    found = {Parameters(from_base64(row.block.base64)).get(k.RELEASE_ID) for row in rows}
    if len(found) > 1:
        raise CannotBuild(f"the donors mix parameter blocks of several releases: {sorted(map(str, found))}")


# --- proving ------------------------------------------------------------------------------------------


def gate(files: Mapping[str, bytes]) -> tuple[Note, ...]:
    """Name every relation that a scan of a card breaks; see :func:`relations`."""
    found = []
    for name, content in files.items():
        if not name.endswith(".ExamCard"):
            continue
        card = reader.written(Path(name), content)
        for index, step in enumerate(card.steps):
            for code, text in _broken(card.anonymous[step.number]):
                scan = card.envelope.string(step.procedure.field("name"))
                found.append(Note(code=code, step=index, message=f"{scan!r}: {text}, in every real card"))
    return tuple(found)


@lru_cache(maxsize=256)
def _broken(block: bytes) -> tuple[tuple[str, str], ...]:
    """Name and text of every relation that a block breaks."""
    return tuple((one.name, one.text) for one in broken(relations(), Parameters(block, k.PROVED_R11)))


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
        writer.set_note(row, notes.write(""))
        writer.forget_history(row)


def _forget_geometries(card: Card, rows: list[Row]) -> None:
    """Leave out the names the site gave its plans: each scan is planned anew."""
    names = card.root.get("namedGeometries")
    if isinstance(names, Array):
        card.root.set("namedGeometries", Array(names.namespace, names.type, 0))
    for row in rows:
        row.single.set("geometryName", Text(""))
        row.single.set("reuseStackSizes", Plain("false"))


Values = Mapping[str, Any]

# --- inherited settings -------------------------------------------------------------------------------

_NEAR_ZERO = 0.05


@dataclass(frozen=True, slots=True)
class State:
    """One setting that is bound to an anatomy, a patient, a plan or a scanner.

    Attributes
    ----------
    find : callable
        Takes the scan as it is read, with its parameters under ``vendor``; returns the setting for people,
        empty if there is none.
    reset : callable, optional
        Writes the neutral value into the settings; what is not in the block is reset with the row.
    """

    what: str
    bound_to: Binding
    resets_to: str | None
    find: Callable[[Acquisition, Values], str]
    reset: Callable[[Settings], None] | None = None
    field: str | None = None


def inherited(scan: Acquisition) -> Iterator[Inherited]:
    """Name every setting of a scan that a clone of it would bring along."""
    values = scan.vendor["parameters"]
    for state in STATES:
        if text := state.find(scan, values):
            yield Inherited(
                what=state.what,
                value=text,
                bound_to=state.bound_to,
                field=state.field,
                resets_to=state.resets_to,
            )


def reset(settings: Settings, names: frozenset[str]) -> None:
    """Reset the settings of a scan that are named."""
    for state in STATES:
        if state.what in names and state.reset is not None:
            state.reset(settings)


def _bands(scan: Acquisition, values: Values) -> str:
    if not scan.saturation_bands:
        return ""
    return f"{scan.saturation_bands}: {', '.join(scan.saturation_band_positions or ('side not known',))}"


def _no_bands(settings: Settings) -> None:
    settings.forget(*k.BAND_RECORDS)
    settings.set(k.SATURATION_BANDS, 0)


def _foldover(text: str) -> Callable[[Acquisition, Values], str]:
    return lambda scan, values: text.lower() if values.get(k.FOLDOVER) == text else ""


def _no_suppression(settings: Settings) -> None:
    settings.turn(k.FOLDOVER, "NO")


def _shim(scan: Acquisition, values: Values) -> str:
    count = values.get(k.SHIM_VOLUMES)
    return f"{count} planned" if count else ""


def _default_shim(settings: Settings) -> None:
    settings.turn(k.SHIM, "DEFAULT")


def _stack_numbers(values: Values, slots: dict[str, k.Key], sets: dict[str, str]) -> dict[str, float]:
    """Numbers of the first stack that are not zero, by axis."""
    found = {}
    for axis, slot in slots.items():
        value = values.get(slot, values.get(sets[axis].format(0)))
        first = value[0] if isinstance(value, tuple) and value else value
        if isinstance(first, float) and abs(first) >= _NEAR_ZERO:
            found[axis] = first
    return found


def _places(slots: dict[str, k.Key], sets: dict[str, str], unit: str) -> Callable[[Acquisition, Values], str]:
    def find(scan: Acquisition, values: Values) -> str:
        found = _stack_numbers(values, slots, sets)
        return ", ".join(f"{axis.upper()} {number:.4g} {unit}" for axis, number in found.items())

    return find


def _zero(slots: dict[str, k.Key], sets: dict[str, str]) -> Callable[[Settings], None]:
    def write(settings: Settings) -> None:
        for axis, slot in slots.items():
            if slot in settings.current:
                settings.set(slot, [0.0] * k.MAX_STACKS)
            for index in range(k.MAX_STACKS):
                if (name := sets[axis].format(index)) in settings.current:
                    settings.wanted[name] = 0.0

    return write


def _table(scan: Acquisition, values: Values) -> str:
    return "" if scan.table_position is None else f"{scan.table_position:g} mm"


def _table_unset(settings: Settings) -> None:
    settings.set(k.TABLE_POSITION, [k.UNSET_POSITION] * k.MAX_STACKS)


def _repetitions(scan: Acquisition, values: Values) -> str:
    count = scan.number_of_temporal_positions or 1
    return str(count) if count > 1 else ""


def _one_repetition(settings: Settings) -> None:
    settings.turn(k.DYNAMIC, "NO")


def _lying(scan: Acquisition, values: Values) -> str:
    """Anything but head first, supine, even where the number of a position is not proven."""
    entry, lying = values.get(k.ENTRY, "HEAD_FIRST"), values.get(k.LYING, "SUPINE")
    return "" if (entry, lying) == ("HEAD_FIRST", "SUPINE") else f"{entry} {lying}"


def _supine(settings: Settings) -> None:
    settings.set(k.ENTRY, "HEAD_FIRST")
    settings.set(k.LYING, "SUPINE")


def _member(obj: str, name: str, usual: frozenset[str]) -> Callable[[Acquisition, Values], str]:
    def find(scan: Acquisition, values: Values) -> str:
        text = str(scan.vendor.get(obj, {}).get(name, ""))
        return "" if text.casefold() in usual else text

    return find


def _comment(scan: Acquisition, values: Values) -> str:
    is_own = "note" in scan.vendor
    return f"a note of {len(scan.instruction)} characters" if scan.instruction and not is_own else ""


def _coils(scan: Acquisition, values: Values) -> str:
    return ", ".join(scan.receive_coils or ())


def _mode_word(key: k.Key, usual: frozenset[str]) -> Callable[[Acquisition, Values], str]:
    def find(scan: Acquisition, values: Values) -> str:
        value = values.get(key)
        return value if isinstance(value, str) and value not in usual else ""

    return find


# Neutral values are those of scans in real cards that do not use the setting (records absent in all of them,
# offsets and tilts 0 in scans that were never planned, table 2.1e9 in 7 of 7 of R5.3).
STATES = (
    State("saturation_bands", "anatomy", "none", _bands, _no_bands, "saturation_bands"),
    State("gating", "patient", "none", lambda s, v: "" if s.gating in (None, "none") else s.gating,
          lambda s: set_gating("none", s), "gating"),
    State("breath_hold", "patient", "no", lambda s, v: "yes" if s.breath_hold else "",
          lambda s: set_gating("none", s), "breath_hold"),
    State("zoom", "anatomy", "off", _foldover("ZOOM"), _no_suppression),
    State("fold_over_bands", "anatomy", "off", _foldover("REST"), _no_suppression),
    State("shim_volume", "anatomy", "the default shim", _shim, _default_shim),
    State("orientation", "plan", "no tilt", _places(k.ANGLES, k.SET_ANGLES, "deg"),
          _zero(k.ANGLES, k.SET_ANGLES), "oblique_angles"),
    State("position", "plan", "isocentre", _places(k.OFFCENTRES, k.SET_OFFCENTRES, "mm"),
          _zero(k.OFFCENTRES, k.SET_OFFCENTRES)),
    State("table_position", "plan", "not moved", _table, _table_unset, "table_position"),
    State("repetitions", "plan", "1",
          _repetitions, _one_repetition, "number_of_temporal_positions"),
    State("multiband", "plan", "1", lambda s, v: f"{n}" if (n := s.multiband_factor or 1) > 1 else "",
          lambda s: set_multiband(1, s), "multiband_factor"),
    State("magnetization_transfer", "plan", "off", lambda s, v: "on" if s.magnetization_transfer else "",
          lambda s: s.put(k.TRANSFER, "NO"), "magnetization_transfer"),
    State("patient_position", "patient", "HFS",
          _lying, _supine,
          "patient_position"),
    State("laterality", "anatomy", "unpaired", lambda s, v: s.laterality or "", None, "laterality"),
    State("auto_align", "plan", "none", _member("SingleScan", "smartGeoType",
          frozenset({"", "awplan_smartplan_type_none"}))),
    State("comment", "patient", "left out", _comment),
    State("coil_elements", "scanner", None, _coils, None, "receive_coils"),
    State("deep_learning", "scanner", None, _mode_word(k.ACCELERATION, frozenset({"NO", "CS"})), None,
          "deep_learning_reconstruction"),
    State("distortion_correction", "scanner", None,
          _mode_word(k.GEOMETRY_CORRECTION, frozenset({"DEFAULT"})), None,
          "distortion_correction"),
    State("filter", "scanner", None, _mode_word(k.FILTER, frozenset({"DEFAULT", "NO"}))),
)  # fmt: skip


# --- relations ----------------------------------------------------------------------------------------

# Relative difference that 32-bit storage and a console's rounding leave (measured: at most 0.1 %).
_CLOSE = 2e-3
# A release may lack a few names that only its neighbours were seen with (SPAIR in R5.7).
_FEW = 5


def _partner(partner: k.Partner) -> Relation[Values]:
    names = ", ".join(partner.records)

    def holds(values: Values) -> bool | None:
        text = values.get(partner.switch)
        if not isinstance(text, str):
            return None  # absent, or a bare number of R11.1 that is not proven
        there = [name in values for name in partner.records]
        return all(there) if text in partner.texts else not any(there)

    texts = " or ".join(sorted(partner.texts))
    return Relation(
        f"{partner.switch}-{'-'.join(sorted(partner.texts))}", f"{names} exist if and only if it is {texts}",
        partner.files, partner.scans, holds,
    )  # fmt: skip


def _number(values: Values, key: str) -> float | None:
    value = values.get(key)
    return value if isinstance(value, (int, float)) else None


def _same(one: float | None, other: float | None) -> bool | None:
    return None if one is None or other is None else abs(one - other) <= _CLOSE * max(1.0, abs(other))


def _phase(values: Values) -> bool | None:
    read, share = _number(values, k.FOV), _number(values, k.FOV_PERCENT)
    return None if read is None or share is None else _same(_number(values, k.FOV_PHASE), read * share / 100)


def _stacks(values: Values) -> bool | None:
    """The height of every stack is that of its slices and gaps."""
    thickness, count = _number(values, k.THICKNESS), values.get(k.STACKS)
    if thickness is None or not isinstance(count, int) or values.get(k.SCAN_TYPE) == "SPECTRO":
        return None
    return all(_stack(values, index, thickness) is not False for index in range(min(count, k.MAX_STACKS)))


def _stack(values: Values, index: int, thickness: float) -> bool | None:
    slices, height, gap = (
        _entry(values, slot, pattern, index)
        for slot, pattern in (
            (k.STACK_SLICES, k.SET_SLICES), (k.FOV_SLICE, k.SET_FOV), (k.STACK_GAPS, k.SET_GAP)
        )
    )  # fmt: skip
    if slices is None or height is None or slices < 1:
        return None
    if values.get(k.SCAN_MODE) == "3D":
        gap = 0.0
    elif values.get(k.GAP_MODE) == "DEFAULT":
        gap = 0.1 * thickness
    return _same(height, slices * thickness + (slices - 1) * (gap or 0.0))


def _entry(values: Values, slot: str, pattern: str, index: int) -> float | None:
    value = values.get(slot, values.get(pattern.format(index)))
    entries = value if isinstance(value, tuple) else (value,)
    found = entries[index] if slot in values and index < len(entries) else entries[0]
    return found if isinstance(found, (int, float)) else None


def _repetition(values: Values) -> bool | None:
    mode, key = TR_KEYS.get(str(values.get(k.SEQUENCE)), TR_KEYS["FFE"])
    shown = str(values.get(k.ACTUAL_TIMES, "")).split(" / ")[0]
    stated = _number(values, key)
    if values.get(mode) != "USER_DEF" or stated is None or not shown.replace(".", "", 1).isdecimal():
        return None
    return abs(float(shown) - stated) <= max(0.06, _CLOSE * stated)


def _matrix(values: Values) -> bool | None:
    shown, read = str(values.get(k.MATRIX_SHOWN, "")).split(" x ")[0], _number(values, k.MATRIX_READ)
    return None if not shown.isdecimal() or read is None else int(shown) == read


def _echoes(values: Values) -> bool | None:
    count = _number(values, k.ECHOES)
    return None if count is None else (k.ECHO_STEP_MODE in values) == (count > 2)


def _band_records(values: Values) -> bool | None:
    count = _number(values, k.SATURATION_BANDS)
    return None if count is None else ("EX_REST_in_segm" in values) == (count > 0)


def _order(values: Values) -> bool | None:
    """Records have the order of a release that knows all but a few of them."""
    known = {release: [order[n] for n in values if n in order] for release, order in orders().items()}
    most = max(map(len, known.values()))
    return any(
        all(map(int.__le__, ranks, ranks[1:])) for ranks in known.values() if len(ranks) >= most - _FEW
    )


@cache
def relations() -> tuple[Relation[Values], ...]:
    """All relations; the counts are those of the five cards of the corpus (56 scans)."""
    measured = tuple(_partner(partner) for partner in k.PARTNERS if partner.is_held)
    return (
        *measured,
        Relation("phase-field-of-view", "EX_GEO_fov_p is EX_GEO_fov times its percentage", 5, 56, _phase),
        Relation("stack-height", "the height of a stack is that of its slices and gaps", 5, 56, _stacks),
        Relation("slice-thickness", "EX_GEO_slice_thickness is EX_GEO_voxel_size_s", 5, 56,
                 lambda v: _same(_number(v, k.THICKNESS), _number(v, k.VOXEL_SLICE_SHOWN))),
        Relation("shown-repetition-time", "a stated TR is the first of the actual times", 3, 15, _repetition),
        Relation("shown-matrix", "the shown matrix begins with EX_ACQ_scan_resol", 4, 47, _matrix),
        Relation("echo-step", "a step of echoes exists if there are more than two", 5, 56, _echoes),
        Relation("rest-slabs", "REST records exist if and only if there are slabs", 5, 56, _band_records),
        Relation("record-order", "records have the order of their release", 5, 56, _order),
    )  # fmt: skip
