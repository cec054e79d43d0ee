"""Archives made from exports of the site's own scanner: described, cloned, reset, patched, renamed, ordered.

Contents that nothing is said about keep their bytes. Author and machine of the donor do not travel.
Source: formats/siemens.md section 9.1.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from generator.errors import CannotBuild, UnusableInput, damage
from generator.model.tree import Acquisition, Note, Protocol, Target
from generator.vendors.account import Reasons
from generator.vendors.dialect import BuildOptions, DonorFile, Export
from generator.vendors.matching import TEMPLATE, Binding, Choice, Donor, DonorStep, Inherited, Plan, region_of
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container import ascconv, edx, exar, graph
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.container.graph import Store, add_tree, assemble, tagged, text_hash
from generator.vendors.siemens.fields import doubt, elements, geometry, read_fields, write_fields
from generator.vendors.siemens.fields.block import (
    Changes,
    Fields,
    MrProt,
    Says,
    pruned_preview,
    update_preview,
)
from generator.vendors.siemens.fields.relations import Draft
from generator.vendors.siemens.inspect import integrity
from generator.vendors.siemens.reader import Context, checked, software_of, where_of
from generator.vendors.siemens.writer import (
    Planned,
    check_release,
    compile_scan,
    describe_program,
    file_name,
    finish_program,
    folders,
    label_note,
    measurement,
    origins,
    pause,
    plan,
    protocol_name,
    seed_of,
    static_content,
)

# --- describing ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """One protocol text of a donor and where it hangs.

    Attributes
    ----------
    handle : str
        Element of the step in an archive, number of the record in an .edx.
    document : dict
        Of the step; empty for an .edx.
    copies : str
        From which other step it takes its slices, empty for none.
    """

    handle: str
    name: str
    path: tuple[str, ...]
    index: int
    text: str
    preview: Any = None
    document: Mapping[str, Any] = field(default_factory=dict)
    program: Mapping[str, Any] = field(default_factory=dict)
    branch: str | None = None
    copies: str = ""


def describe(path: Path) -> Donor:
    """Describe every scan of an archive with what a clone of it would bring along.

    Raises
    ------
    UnusableInput
        If the file is damaged, or one of the kinds that cannot be a donor.
    """
    if path.suffix.lower() in (".pro", ".xml"):
        raise UnusableInput(
            path, "a donor is an archive (.exar1 or .edx), no single protocol and no printout"
        )
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    context = Context()
    if is_edx(path):
        sources, release = list(_records(edx.read(path))), None
    else:
        tree = graph.load(exar.read(path, exar.TREE_TABLES))
        sources, release = list(_measurements(tree)), software_of(tree.baseline)
    steps = _placed(step for source in sources for step in _steps(source, context))
    strength = context.strengths.most_common(1)[0][0] if context.strengths else None
    versions = context.versions.most_common(1)
    return Donor(
        file=str(path), sha256=digest, vendor="siemens", field_strength=strength, steps=steps,
        release=release or (f.release(versions[0][0]) if versions else None),
    )  # fmt: skip


def _placed(steps: Iterable[DonorStep]) -> tuple[DonorStep, ...]:
    """Give programs whose texts name no region that of a spine coil, if any of their scans selects one."""
    known = list(steps)
    coils = [(one.path, " ".join(one.scan.receive_coils or ()).lower()) for one in known]
    spines = {path for path, names in coils if "spine" in names}
    return tuple(
        one.model_copy(update={"region": "spine"}) if one.region is None and one.path in spines else one
        for one in known
    )


def is_edx(path: Path) -> bool:
    """Whether a file is an archive of a VB or VD console."""
    return path.suffix.lower() == ".edx"


def _measurements(tree: graph.Tree) -> Iterator[Source]:
    for place, program in graph.programs(tree):
        document = tree.document(program)
        copied = _copied(document)
        for index, entry in enumerate(graph.steps(tree, program)):
            protocol = next(iter(tree.children(entry.node, "EdfProtocol")), None)
            if entry.node.kind != "EdfMeasurementStep" or protocol is None or not protocol.hash:
                continue
            content = tree.archive.fresh_document(protocol.hash)
            branch = ", ".join(f"{b.condition} = {b.choice}" for b in entry.branches) or None
            yield Source(
                entry.node.element, tree.name(entry.node), place, index, str(content.get("Data", "")),
                content.get("Preview"), tree.document(entry.node), document, branch,
                copied.get(entry.node.object_id, ""),
            )  # fmt: skip


def _copied(program: Mapping[str, Any]) -> dict[str, str]:
    """By object id of a step, what it copies from another."""
    found = {}
    for value in graph.as_dict(program.get("RelationsFrom")).values():
        for relation in graph.as_list(value):
            if graph.as_dict(relation).get("Kind") == "CopyReference":
                found[str(relation.get("TargetId"))] = "slices of another step"
    return found


def _records(archive: edx.Edx) -> Iterator[Source]:
    exam = next((r.value("MrEdbName") for r in archive.records if r.value("MrEdbType") == "Exam"), None)
    for program, records in edx.in_order(archive):
        name = program.name if program else ""
        path = tuple(filter(None, (exam, name)))
        for index, record in enumerate(records):
            handle = str(archive.records.index(record))
            yield Source(handle, record.name, path, index, record.protocol)


def _steps(source: Source, context: Context) -> Iterator[DonorStep]:
    """One donor step for each station of a text; a text without a block gives none."""
    try:
        blocks = ascconv.stations(source.text)
    except ascconv.NoProtocol:
        return
    for number, block in enumerate(blocks):
        fields, p = read_fields(block)
        context.count(block, p.version, source.preview)
        where = where_of(source.document, source.program) | {"branch": source.branch}
        if len(blocks) > 1:
            where["station"] = source.name
        scan, _ = checked(source.name, {}, fields | where)
        private = p.sequence.trust == "none" or f.CUSTOMER in (block.text(f.SEQUENCE) or "")
        yield DonorStep(
            key=f"{source.handle}/{number}", path=source.path, index=source.index, scan=scan,
            region=region_of(scan.body_part, source.path, source.name),
            is_localizer=_is_localizer(source.name, p.binary, scan),
            is_calibration=scan.technique == "calibration",
            research=f"sequence {p.binary!r}" if private else "",
            fixed=("number_of_shots",) if p.sequence.train == "segmented" else (),
            inherited=(*inherited(p, fields), *_of_the_step(source, len(blocks))),
        )  # fmt: skip


def _is_localizer(name: str, binary: str, scan: Acquisition) -> bool:
    """By its sequence, its name, or slices in several planes of a short scan."""
    if binary.lower() == "aalscout" or f.LOCALIZER.search(name.lower()):
        return True
    short = (scan.acquisition_duration or 0.0) <= f.LONGEST_LOCALIZER
    return scan.plane is None and short and scan.technique in f.LOCALIZER_TECHNIQUES


def _of_the_step(source: Source, stations: int) -> Iterator[Inherited]:
    """What is no member of the protocol text."""
    document = source.document
    if (side := document.get("Laterality")) in ("L", "R"):
        yield Inherited(what="laterality", value=str(side), field="laterality", resets_to="none")
    if part := document.get("BodyPartExamined"):
        yield Inherited(what="body_part", value=part, field="body_part", resets_to="none")
    if comment := document.get("ImageComment"):
        yield Inherited(what="comment", value=str(comment), bound_to="patient", resets_to="none")
    if source.copies:
        yield Inherited(what="copy_reference", value=source.copies, bound_to="plan", resets_to="none")
    if stations > 1:
        yield Inherited(what="stations", value=f"{stations}", bound_to="plan", resets_to="this one alone")


# --- what a clone brings along that is bound to a body, a patient or a plan ------------------------------
# The neutral values are those that real files have where the setting is off.


@dataclass(frozen=True)
class Setting:
    """One kind of inherited state.

    Attributes
    ----------
    show : callable
        The setting for people, from the block and its neutral fields; empty where it is neutral.
    reset : callable or None
        Members that make it neutral.
    """

    what: str
    bound_to: Binding
    show: Callable[[MrProt, Fields], str]
    reset: Callable[[Ascconv], Changes] | None = None
    resets_to: str | None = None
    field: str | None = None


def inherited(p: MrProt, fields: Fields) -> tuple[Inherited, ...]:
    """List the settings of a block that are not neutral."""
    found = ((one, one.show(p, fields)) for one in SETTINGS)
    return tuple(
        Inherited(what=s.what, value=text, bound_to=s.bound_to, field=s.field, resets_to=s.resets_to)
        for s, text in found
        if text
    )


def reset(block: Ascconv, what: frozenset[str]) -> Changes:
    """Members that make settings neutral, each seeing what those before it changed."""
    changes: Changes = {}
    for one in SETTINGS:
        if one.what in what and one.reset:
            changes |= one.reset(Draft(block, changes).block)
    return changes


def _without(block: Ascconv, fits: Callable[[str], bool]) -> Changes:
    return {key: None for key in block.raw if fits(key)}


# --- saturation, triggering, zoom, shim -----------------------------------------------------------------


def _bands(_: MrProt, fields: Fields) -> str:
    places = fields.get("saturation_band_positions") or ()
    return f"{len(places)}: {', '.join(places)}" if places else ""


def _no_bands(block: Ascconv) -> Changes:
    return {f.SATURATION_BANDS: None, f.TRACKING: None} | _without(
        block, lambda k: k.startswith(f"{f.BAND}[")
    )


def _gating(p: MrProt, _: Fields) -> str:
    signal = p.block.whole(f.SIGNAL, 1)
    return "" if signal == 1 else f"{f.SIGNALS.get(signal, 'other')}, signal {signal}"


def _breathing(p: MrProt, _: Fields) -> str:
    code = p.block.integer(f.RESPIRATION, f.RESPIRATION_OFF)
    return "" if code == f.RESPIRATION_OFF else f"respiratory control {code}"


def _zoom(p: MrProt, _: Fields) -> str:
    return "zoomed excitation" if p.block.integer(f.EXCITATION) == f.EXCITATION_ZOOMED else ""


def _no_zoom(block: Ascconv) -> Changes:
    return {f.EXCITATION: f.EXCITATION_STANDARD} | _without(block, lambda k: bool(f.ZOOM_MEMBERS.match(k)))


def _shim(p: MrProt, _: Fields) -> str:
    if not p.block.flag(f.SHIM_VALID):
        return ""
    sides = (p.block.real(f"{f.SHIM_VOLUME}.{side}") for side in f.VOLUME_SIDES)
    return f"{' x '.join(f'{side:.0f}' for side in sides)} mm"


def _no_shim(block: Ascconv) -> Changes:
    return {f.SHIM_VALID: None} | _without(block, lambda k: k.startswith(f"{f.SHIM_VOLUME}."))


# --- where the slices are -------------------------------------------------------------------------------


def _orientation(p: MrProt, fields: Fields) -> str:
    angles, plane = fields.get("oblique_angles"), fields.get("plane")
    return f"{plane}, turned by {angles[0]:g} and {angles[1]:g} deg" if angles and any(angles) else ""


def _straight(block: Ascconv) -> Changes:
    return geometry.placed_anew(block, straight=True)


def _position(p: MrProt, _: Fields) -> str:
    if p.block.whole(f.GROUPS, 1) > 1:
        return ""
    centre = geometry.placement_of(p.block, p.block.whole(f.SLICES)).centre
    words = [f"{sign[x > 0]}{abs(x):.0f}" for sign, x in zip(("RL", "AP", "FH"), centre, strict=True)]
    return f"{' '.join(words)} mm" if max(map(abs, centre)) >= _MILLIMETRE / 2 else ""


_MILLIMETRE = 1.0


def _central(block: Ascconv) -> Changes:
    return geometry.placed_anew(block, central=True)


def _table(_: MrProt, fields: Fields) -> str:
    position = fields.get("table_position")
    return f"{position:+.0f} mm" if position else ""


def _auto_align(p: MrProt, _: Fields) -> str:
    codes = [p.block.whole(key, 1) for key in f.AUTO_ALIGN]
    return "" if set(codes) == {1} else f"region {codes[1]}, reference {codes[2]}"


def _several(p: MrProt, _: Fields) -> str:
    count = p.block.whole(f.REPETITIONS) + 1
    alone = p.sequence.technique in ("arterial_spin_labelling", "echo_planar_bold") or p.version < f.FIRST_VE
    return "" if count == 1 or alone else f"{count} measurements"


# --- coil, filters, reconstruction ----------------------------------------------------------------------


def _elements(p: MrProt, fields: Fields) -> str:
    coils = fields.get("receive_coils") or ()
    return f"{', '.join(coils)}: {', '.join(elements(p.block, 'tElement'))}" if coils else ""


def _filters(p: MrProt, _: Fields) -> str:
    return ", ".join(name for name, key in f.FILTERS.items() if p.block.flag(key))


def _told(name: str, neutral: object) -> Callable[[MrProt, Fields], str]:
    """Show a neutral field unless it has the neutral value."""

    def show(_: MrProt, fields: Fields) -> str:
        value = fields.get(name)
        return "" if value is None or value == neutral else str(value)

    return show


def _reference(p: MrProt, _: Fields) -> str:
    value = p.block.number(f.REFERENCE_SNR)
    return f"{value:.6g}" if value else ""


SETTINGS: tuple[Setting, ...] = (
    Setting("saturation_bands", "anatomy", _bands, _no_bands, "none", "saturation_bands"),
    Setting("gating", "patient", _gating, lambda _: {f.SIGNAL: 1, f.METHOD: 1}, "none", "gating"),
    Setting("breath_hold", "patient", _breathing,
            lambda _: {f.RESPIRATION: f.RESPIRATION_OFF}, "off", "breath_hold"),
    Setting("zoom", "anatomy", _zoom, _no_zoom, "standard excitation"),
    Setting("shim_volume", "anatomy", _shim, _no_shim, "the volume of the slices"),
    Setting("coil_elements", "anatomy", _elements, None, None, "receive_coils"),
    Setting("auto_align", "plan", _auto_align, lambda _: dict.fromkeys(f.AUTO_ALIGN, 1), "none"),
    Setting("orientation", "plan", _orientation, _straight, "straight", "oblique_angles"),
    Setting("position", "plan", _position, _central, "isocentre"),
    Setting("table_position", "plan", _table, lambda _: {f.TABLE: 0.0}, "isocentre", "table_position"),
    Setting("measurements", "plan", _several,
            lambda _: {f.REPETITIONS: None}, "1", "number_of_temporal_positions"),
    Setting("magnetization_transfer", "plan", _told("magnetization_transfer", False),
            lambda _: {f.MTC: None}, "off", "magnetization_transfer"),
    Setting("reference_snr", "plan", _reference),
    Setting("filters", "scanner", _filters),
    Setting("distortion_correction", "scanner", _told("distortion_correction", "none"),
            field="distortion_correction"),
    Setting("intensity_normalization", "scanner", _told("intensity_normalization", False),
            field="intensity_normalization"),
    Setting("interpolation", "scanner", _told("interpolation", 1.0), field="interpolation"),
    Setting("deep_learning", "scanner", _told("deep_learning_reconstruction", "none"),
            field="deep_learning_reconstruction"),
)  # fmt: skip


# --- building -----------------------------------------------------------------------------------------


def build_from_donors(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Clone, reset and patch the steps that a plan chose.

    Raises
    ------
    UnusableInput
        If a donor is no readable archive.
    CannotBuild
        If the donors are of several kinds, or no scan has a step.
    """
    chosen = options.plan or Plan({})
    donors = {one.donor.file: one.donor for one in chosen.choices.values() if one.step}
    if not donors:
        raise CannotBuild(f"no donor step serves a scan of {protocol.name}")
    if len({is_edx(Path(file)) for file in donors}) > 1:
        raise CannotBuild(f".edx and .exar1 cannot be mixed in one card: {', '.join(donors)}")
    reasons, notes = Reasons(known=f.REASONS), label_note(options)
    steps = _planned(plan(protocol, options, reasons), chosen)
    notes += _of_gaps(chosen, target, reasons)
    first, donor = next(iter(donors.items()))
    make = _Records if is_edx(Path(first)) else _Archive
    name, data, order = make(protocol, target.field_strength, options, reasons, notes, [*donors]).build(steps)
    return Export(
        "donor", {name: data}, notes=tuple(notes), donor=DonorFile(Path(first).name, donor.sha256),
        reasons=reasons, origins=order, card=name,
    )  # fmt: skip


def _of_gaps(chosen: Plan, target: Target, reasons: Reasons) -> Iterator[Note]:
    """Say why scans are missing, and which of them are rendered. Raises CannotBuild if they cannot be."""
    for index, choice in chosen.choices.items():
        if choice.step is None:
            reasons.why(index, "kind", f"no donor step serves it: {choice.missing}")
        if choice.action == "template":
            check_release(target.model_copy(update={"software": chosen.release}))
            yield Note(code="from-template", message=TEMPLATE, step=index)


@dataclass(frozen=True)
class Cloned:
    """One step to write: a clone, or without a source a rendered scan or a pause."""

    step: Planned
    file: str = ""
    key: str = ""
    choice: Choice | None = None

    @property
    def place(self) -> tuple[str, int]:
        """Handle and number of the station."""
        handle, _, number = self.key.rpartition("/")
        return handle, int(number)


def _planned(steps: Sequence[Planned], chosen: Plan) -> list[Cloned]:
    """Every step to write in order: what comes along before its scan, gaps as pauses or not at all."""
    found: list[Cloned] = []
    along = list(chosen.along)
    for step in steps:
        choice = chosen.choices.get(step.index)
        if choice is not None and choice.action == "leave_out":
            continue
        while along and along[0].before <= step.index:
            one = along.pop(0)
            beside = Planned(step.index, one.step.scan.name, own=False)
            found.append(Cloned(beside, one.donor.file, one.step.key))
        if step.acquisition is None or choice is None:
            found.append(Cloned(step))
        elif choice.action == "template":
            found.append(Cloned(replace(step, remarks=(TEMPLATE, *step.remarks))))
        elif choice.step is None:
            found.append(Cloned(Planned(step.index, choice.text, own=False)))
        else:
            found.append(Cloned(step, choice.donor.file, choice.step.key, choice))
    return found


@dataclass
class _Builder:
    """What archives of both kinds share: the patching of one protocol text."""

    protocol: Protocol
    field_strength: float
    options: BuildOptions
    reasons: Reasons
    notes: list[Note]
    files: Sequence[str]

    def text_of(self, text: str, one: Cloned) -> str:
        """Cut, reset and patch the text of a donor step; a step that only comes along keeps its values."""
        a = one.step.acquisition
        bare = self._public(ascconv.one_station(text, one.place[1]), one)
        if a is None or one.choice is None:
            return bare
        said = self.reasons.at(one.step.index, a.name)
        before = ascconv.parse(bare)
        neutral = ascconv.edit(bare, reset(before, one.choice.reset))
        made = patched(neutral, a, one.step.duration, said)
        doubt(a, ascconv.parse(made), before, said)
        return made

    def _public(self, text: str, one: Cloned) -> str:
        """The donor's text, without the description that somebody of the site may have written."""
        bare = text if self.options.keep_notes else ascconv.without_description(text)
        if bare != text:
            self._dropped(f"the description of {one.step.text!r} is left out: it may hold site texts")
        return bare

    def _dropped(self, message: str) -> None:
        self.notes.append(Note(code="notes-dropped", message=message))

    def seed(self) -> str:
        """Seed of all new ids."""
        chosen = self.options.plan or Plan({})
        steps = [(i, one.step.key if one.step else "") for i, one in chosen.choices.items()]
        given = (self.options.durations, self.options.keep_notes)
        return seed_of(
            [donor.sha256 for donor in chosen.donors], steps, self.protocol.model_dump_json(), *given
        )


class _Archive(_Builder):
    """An .exar1 archive."""

    def build(self, steps: Sequence[Cloned]) -> tuple[str, bytes, tuple[int | None, ...]]:
        """Write program, steps and tree."""
        self.trees = {
            file: graph.load(exar.read(Path(file))) for file in sorted({s.file for s in steps if s.file})
        }
        self.store, self.taken = Store(self.seed()), set[str]()
        home, host = self._host(steps)
        folder_names, name = folders(self.protocol)
        program = replace(host, children=[], label=None, description=None, parent=None)
        self.store.nodes.append(program)
        self.store.labelled(program, name)
        describe_program(self.store, program, self.options)
        nodes = [self._step(program, one, i, home) for i, one in enumerate(steps)]
        keeping = (n.object_id for n, one in zip(nodes, steps, strict=True) if _keeps_copies(one))
        finish_program(self.store, program, nodes, self._program_document(home, host), set(keeping))
        line = "VE" if home.baseline.startswith("N4_") else "XA"
        top = add_tree(self.store, program, folder_names, self._directory(home), line)
        data = assemble(self.store, top, home.baseline, line)
        if broken := integrity(data):
            raise CannotBuild(f"the archive that was written is not sound: {broken[0]}")
        return (
            f"{file_name(self.protocol.id or self.protocol.name)}.exar1",
            data,
            origins([s.step for s in steps]),
        )

    def _host(self, steps: Sequence[Cloned]) -> tuple[graph.Tree, graph.Node]:
        """The donor's program that gives most steps, and its tree."""
        elements = [(one.file, one.place[0]) for one in steps if one.choice]
        parents = [(file, self.trees[file].nodes[element].parent or "") for file, element in elements]
        file, parent = Counter(parents).most_common(1)[0][0]
        tree = self.trees[file]
        programs = (n for n in tree.nodes.values() if n.kind == "EdfProgram")
        found = tree.nodes.get(parent) or next(n for n in programs if _holds(n, elements, file))
        return tree, found

    def _program_document(self, home: graph.Tree, host: graph.Node) -> dict[str, Any]:
        document = _document(home, host)
        if not self.options.keep_notes and document.get("Attachments"):
            document["Attachments"] = {}
            self._dropped("attachments of the donor's program are left out")
        document |= {"BodyPartExamined": "", "Laterality": ""}
        return document | ({"Groups": []} if "Groups" in document else {})

    def _directory(self, home: graph.Tree) -> dict[str, Any]:
        node = next((n for n in home.nodes.values() if n.kind == "EdfDirectory"), None)
        document = _document(home, node) if node else static_content("EdfDirectory")
        return document | {"IsProtected": False, "Password": "", "BodyPartExamined": "", "Laterality": ""}

    def _step(self, program: graph.Node, one: Cloned, number: int, home: graph.Tree) -> graph.Node:
        if not one.file:
            return self._rendered(program, one.step, number, home)
        tree = self.trees[one.file]
        old = tree.nodes[one.place[0]]
        node = self._clone(tree, old, f"step {number}", program.element)
        own = next(iter(tree.children(old, "EdfProtocol")))
        protocol = self._clone(tree, own, f"protocol {number}", node.element)
        self._patch(tree, own, protocol, one)
        self._neutral(tree, old, node, one)
        node.children = [protocol.element, *self._add_ins(tree, old, node, number)]
        if one.step.comment:
            node.description = self.store.string(one.step.comment, node.element, f"comment {number}").element
        return self._labelled(tree, old, node, one.step.text, number)

    def _rendered(self, program: graph.Node, step: Planned, number: int, home: graph.Tree) -> graph.Node:
        if step.acquisition is None:
            return pause(self.store, program, step, number, _injector(home))
        scan = compile_scan(step.acquisition, step.duration, self.field_strength)
        scan.said.to(self.reasons.at(step.index, step.acquisition.name))
        return measurement(self.store, program, step, number, scan)

    def _neutral(self, tree: graph.Tree, old: graph.Node, node: graph.Node, one: Cloned) -> None:
        """Side, body part and comment of the step: those of the scan, else none; the rest stays."""
        kind, document = tree.archive.spelled(old.hash or "")
        gone, a = (one.choice.reset if one.choice else frozenset(("comment",))), one.step.acquisition
        wanted = {
            "Laterality": (a.laterality if a else None) or ("" if "laterality" in gone else None),
            "BodyPartExamined": _upper(a.body_part if a else None, "body_part" in gone),
            "ImageComment": "" if "comment" in gone else None,
        }
        changed = {k: v for k, v in wanted.items() if v is not None and document.get(k) not in (v, None)}
        if changed:
            node.hash = self.store.raw_content(exar.dumps(kind, {**document, **changed}))

    def _labelled(
        self, tree: graph.Tree, old: graph.Node, node: graph.Node, text: str, number: int
    ) -> graph.Node:
        """Label a step; a label that says the same already is the donor's own."""
        own = tree.nodes.get(old.label or "")
        if own is None or tree.name(old) != text:
            return self.store.labelled(node, text)
        node.label = self._clone(tree, own, f"label {number}", node.element).element
        return node

    def _clone(self, tree: graph.Tree, old: graph.Node, what: str, parent: str) -> graph.Node:
        """A donor node with its ids the first time, with new ids every further time."""
        if old.kind not in graph.ELEMENT_TYPES:
            where = f"row {old.instance}"
            raise UnusableInput(tree.archive.path, f"{old.kind or 'nothing'!r} is no type of a node", where)
        new = replace(old, children=[], label=None, description=None, parent=parent)
        # Object ids repeat where a program was exported several times into the donor.
        if self.taken & {old.element, old.object_id}:
            for part in ("element", "instance", "object_id"):
                setattr(new, part, self.store.new_id(f"{part} {what}"))
        self.taken |= {old.element, old.object_id}
        self.store.nodes.append(new)
        if old.hash:
            self.store.raw_content(tree.archive.content(old.hash), tree.archive.contents[old.hash])
        return new

    def _add_ins(self, tree: graph.Tree, old: graph.Node, node: graph.Node, number: int) -> list[str]:
        """Add-in configurations of the step: they may hold pictures and texts of the site."""
        own = tree.children(old, "EdfAddInConfig")
        if own and not self.options.keep_notes:
            self._dropped(
                f"the add-in data of {tree.name(old)!r} is left out: it may hold site texts and pictures"
            )
            return []
        return [
            self._clone(tree, add_in, f"add-in {i} {number}", node.element).element
            for i, add_in in enumerate(own)
        ]

    def _patch(self, tree: graph.Tree, own: graph.Node, node: graph.Node, one: Cloned) -> None:
        """Set the protocol's values, names, preview and hashes."""
        kind, document = tree.archive.spelled(own.hash or "")
        old = document["Data"]
        text = self.text_of(old, one)
        if text == old:
            return
        shown = document.get("Preview") or {}
        after = ascconv.parse(text)
        update_preview(shown, ascconv.parse(old), after)
        document["Data"] = text
        if f.TOTAL_TIME not in after.raw or len(ascconv.stations(old)) > 1:
            with damage(tree.archive.path, f"row {own.hash}"):
                document = exar.number(pruned_preview(exar.unwrap(document), after))
        node.hash = self.store.raw_content(exar.dumps(kind, document))
        node.tags = tagged(node.tags, {"ContentHash": text_hash(text)})


def _upper(part: str | None, reset: bool) -> str | None:
    return part.upper() if part else "" if reset else None


def _keeps_copies(one: Cloned) -> bool:
    return one.choice is None or "copy_reference" not in one.choice.reset


def _holds(program: graph.Node, elements: Sequence[tuple[str, str]], file: str) -> bool:
    return any(element in program.children for name, element in elements if name == file)


def _document(tree: graph.Tree, node: graph.Node) -> dict[str, Any]:
    with damage(tree.archive.path, f"row {node.hash}"):
        found: dict[str, Any] = exar.unwrap(tree.archive.spelled(node.hash or "")[1])
    return found


def _injector(home: graph.Tree) -> bool:
    """Whether pauses have the newer members: as the donor's own pauses, else by release."""
    own = next((n for n in home.nodes.values() if n.kind == "EdfPauseStep"), None)
    if own:
        return "OpenInjectorControl" in _document(home, own)
    return (software_of(home.baseline) or "") >= "XA61"


class _Records(_Builder):
    """An .edx archive: it has no pauses, so what a pause would say is a loss."""

    @cached_property
    def archives(self) -> dict[str, edx.Edx]:
        """The donors' archives."""
        return {file: edx.read(Path(file)) for file in self.files}

    def build(self, steps: Sequence[Cloned]) -> tuple[str, bytes, tuple[int | None, ...]]:
        """Write a program record and a record for each scan."""
        scans = [one for one in steps if one.file]
        for one in steps:
            if not one.file:
                text = f"this release has no pauses; for the operator: {one.step.text}"
                self.reasons.at(one.step.index).add("unsupported", "text", text, wanted=one.step.text)
        records = [self._record(one) for one in scans]
        home = self.archives[self.files[0]]
        program = next((r for r in home.records if r.value("MrEdbType") == "Prog"), None)
        if program is None:
            raise CannotBuild(f"{self.files[0]} holds no program to clone")
        names = [("MrEdbPartname", record.name) for record in records]
        own = program.with_head(
            {"MrEdbName": folders(self.protocol)[1], "MrEdbText": "", "MrEdbDesc": ""}, names
        )
        preamble = home.preamble.replace(b"\r\nExam\r\n", b"\r\nProg\r\n", 1)
        data = edx.Edx(preamble, (own, *records)).to_bytes()
        return (
            f"{file_name(self.protocol.id or self.protocol.name)}.edx",
            data,
            origins([s.step for s in scans]),
        )

    def _record(self, one: Cloned) -> edx.Record:
        old = self.archives[one.file].records[int(one.place[0])]
        text = self.text_of(old.protocol, one)
        head = {"MrEdbName": one.step.text, "MrEdbText": "", "MrEdbDesc": one.step.comment}
        return old.with_protocol(text).with_head(head, [])


def patched(text: str, a: Acquisition, duration: float | None, reasons: Says) -> str:
    """A protocol text with the values and the name of an acquisition; everything else stays.

    Without a known duration the stored one goes if anything changes: it is never the donor's.
    """
    block = ascconv.parse(text)
    name = protocol_name(a.name)
    named = edx.to_utf7(name) if 0 < block.whole(f.VERSION) < f.FIRST_VE else name
    changes = write_fields(a, duration, block, reasons)
    if changes and duration is None:
        changes |= {f.TOTAL_TIME: None, f.SCAN_TIME: None}
    byte_wise = {key: None for key in block.raw if key.startswith(f"{f.NAME}.")}
    return ascconv.set_names(ascconv.edit(text, {**changes, **byte_wise, f.NAME: named}), named)
