"""A synthetic card dressed as one of another release: its classes, members and records, as the notes say."""

from __future__ import annotations

from pathlib import Path

from generator.vendors.philips.container import envelope, graph
from generator.vendors.philips.container.block import ENUM, pack
from generator.vendors.philips.container.graph import Bytes, Node, Null, Text, Typed, walk
from tests.vendors.philips import cards

# Enum-typed members of R11.1 are in other namespaces; their position words begin differently.
_POSITION_R11 = "http://schemas.microsoft.com/clr/nsassem/Philips.PmsMR.Scanning.IMethods/philips.pmsmr.iscanning.sharedtypes_cs"
_MODES_59 = "SV,1D,2D,3D,MS,M2D"
# Arrays of stacks to R5.7, and their counterpart in the sets of R5.9.
SETS = {
    "EX_GEO_stacks_slices": "EX_STACKS_0__slices",
    "EX_GEO_stacks_orientations": "EX_STACKS_0__orientation",
    "EX_GEO_stacks_prep_dirs": "EX_STACKS_0__prep_dir",
    "EX_GEO_stacks_fat_shift_dirs": "EX_STACKS_0__fat_shift_dir",
    "EX_GEO_stacks_slice_gaps": "EX_STACKS_0__slice_gap",
    "EX_GEO_stacks_fov_ss": "EX_STACKS_0__fov_s",
}


def dress(path: Path, release: graph.Release) -> Path:
    """Rewrite a template card as one of another release."""
    card = graph.load(envelope.load(path, keep_tail=True))
    for row in graph.rows(card):
        row.procedure.set("parameterData", Bytes(_block(row, release)))
        if release < (5, 0):
            _nest(row)
    for thing in list(walk(card.root)):
        if isinstance(thing, Node) and (names := graph.members(thing.name, release)):
            held = dict(thing.members)
            thing.members = [(name, held.get(name, Null())) for name in names]
    version = card.root.get("version")
    assert isinstance(version, Node)
    version.set("swVersion", Text(f"{release[0]}.{release[1]}.0.0"))
    if release >= (11, 1):
        version.set("methodsVersion", Text(""))
        card.root.set(
            "patientOrientation", Typed(_POSITION_R11, "IMLDM_PATIENT_POSITION_ENUM", "IMLDM_PP_HFS")
        )
    path.write_bytes(graph.dump(card))
    return path


def _nest(row: graph.Row) -> None:
    """Put the ScanStep of R3.2 between a row and its scans."""
    scan_set = row.instrument.get("scanSet")
    assert isinstance(scan_set, Node)
    step = Node(row.instrument.namespace, "ScanStep", [("name", Text("")), ("currentScanSet", scan_set)])
    row.instrument.members = [("scanStep", step)]
    row.single.members.insert(0, ("name", Text(row.name)))


def _block(row: graph.Row, release: graph.Release) -> str:
    edited = cards.block_of(row)
    for record in edited.records:
        if release >= (5, 9) and record.name in SETS:
            edited.remove(record.name)
            record.name, record.raw = SETS[record.name], record.raw[:4]
            record.rest = b"\0" * (32 - len(record.name))
            edited.insert(0, record)
        if release >= (5, 9) and record.name == "EX_ACQ_scan_mode":
            mode = record.choices[record.numbers[0]]
            record.texts, record.raw = _MODES_59.encode(), pack(ENUM, [_MODES_59.split(",").index(mode)])
        if release >= (11, 1):
            record.texts, record.flag = None, 0
    if release < (5, 3):
        for name in ("EX_GEO_acq_voxel_size_s", "EX_GEO_acq_slice_thickness", "IF_act_slice_gap"):
            edited.remove(name)
    return cards.packed(edited)
