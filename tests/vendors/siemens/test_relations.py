"""The relations of real files: counted again over the corpus, and each broken by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.vendors.gate import hold
from generator.vendors.siemens.container import ascconv, edx, exar, graph
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import Said
from generator.vendors.siemens.fields.relations import RELATIONS, Draft

BY_NAME = {one.name: one for one in RELATIONS}
COUNTED = {
    "multiband-mode": (7, 220), "factors": (7, 200), "reference-scan": (7, 220), "reference-lines": (7, 173),
    "total-acceleration": (4, 192), "slices-and-multiband": (2, 16), "slice-resolution": (7, 55),
    "partitions": (7, 55), "base-resolution": (7, 220), "phase-resolution": (7, 217), "phase-lines": (7, 220),
    "full-trains": (2, 113), "repetition-time": (7, 220), "echo-time": (7, 220), "inversion-time": (7, 44),
    "times": (7, 220), "dwell-time": (7, 220), "diffusion-directions": (7, 17),
    "diffusion-weightings": (7, 17), "trigger": (7, 220), "zoomed-excitation": (7, 220),
    "shim-volume": (7, 220), "slices": (7, 220),
}  # fmt: skip
"""Files and steps of the collected archives that speak of each relation, all of them keeping it."""


def _blocks(corpus: Path) -> Iterator[tuple[str, Ascconv]]:
    for path in sorted((corpus / "siemens").rglob("*.exar1")):
        tree = graph.load(exar.read(path))
        for _, program in graph.programs(tree):
            steps = [s.node for s in graph.steps(tree, program) if s.node.kind == "EdfMeasurementStep"]
            for node in steps:
                (protocol,) = tree.children(node, "EdfProtocol")
                for block in ascconv.stations(tree.document(protocol)["Data"]):
                    yield path.name, block
    for path in sorted((corpus / "siemens").rglob("*.edx")):
        for record in edx.read(path).records:
            if record.value("MrEdbType") == "Prot":
                yield path.name, ascconv.parse(record.protocol)


@pytest.mark.corpus
def test_every_relation_holds_in_every_real_file_and_is_counted_right(corpus: Path) -> None:
    files: dict[str, set[str]] = {name: set() for name in BY_NAME}
    steps = dict.fromkeys(BY_NAME, 0)
    for file, block in _blocks(corpus):
        draft = Draft(block, {})
        for name, one in BY_NAME.items():
            holds = one.holds(draft)
            assert holds is not False, f"{name}: {file}: {block.text('tProtocolName')}"
            if holds:
                files[name].add(file)
                steps[name] += 1
    assert {name: (len(files[name]), steps[name]) for name in BY_NAME} == COUNTED


PAT, PE, PE_3D = "sPat.ucPATMode", "sPat.lAccelFactPE", "sPat.lAccelFact3D"
REF, REF_LINES, TOTAL = "sPat.ucRefScanMode", "sPat.lRefLinesPE", "sPat.dTotalAccelFact"
BANDS, SLICES, SLICE = "sSliceAcceleration.lMultiBandFactor", "sSliceArray.lSize", "sSliceArray.asSlice"
IMAGES, PARTITIONS, EXTRA = (
    "sKSpace.lImagesPerSlab",
    "sKSpace.lPartitions",
    "sKSpace.dSliceOversamplingForDialog",
)
SLICE_PART, PHASE_PART = "sKSpace.dSliceResolution", "sKSpace.dPhaseResolution"
BASE, LINES, MEASURED = (
    "sKSpace.lBaseResolution",
    "sKSpace.lPhaseEncodingLines",
    "sKSpace.lPhaseEncodingLinesPat",
)
TURBO, SEQUENCE, THREE = "sFastImaging.lTurboFactor", "tSequenceFileName", {"sKSpace.ucDimension": 4}
TR, TE, TI, IR = "alTR[0]", "alTE[0]", "alTI[0]", "sPrepPulses.ucInversion"
MODE, DIRECTIONS, WEIGHTINGS, B = (
    f"sDiffusion.{x}" for x in ("ulMode", "lDiffDirections", "lDiffWeightings", "alBValue")
)
SIGNAL, METHOD = "sPhysioImaging.lSignal1", "sPhysioImaging.lMethod1"
EXCITATION, VOLUME = "sTXSPEC.ucExcitMode", "sPTXData.asPTXVolume[0].dThickness"
SHIM, SHIM_VOLUME = "sAdjData.uiAdjVolumeValid", "sAdjData.sAdjVolume.dThickness"
GROUP, MEMBER = "sGroupArray.asGroup", "sGroupArray.anMember"
OVERSAMPLING = "sKSpace.dPhaseOversamplingForDialog"
FOV = {f"{SLICE}[0].dReadoutFOV": 200.0, f"{SLICE}[0].dPhaseFOV": 150.0}  # three quarters in phase
ASL, EPI, TSE = ({SEQUENCE: f'"%SiemensSeq%\\{name}"'} for name in ("tgse_asl", "ep2d_diff", "tse"))
TRAIN = TSE | FOV | {f"{SLICE}[0].dPhaseFOV": 200.0, PAT: 2, "sKSpace.ucDimension": 2, PHASE_PART: 1.0}
# XA51: R 4, turbo 17, oversampling 100 %, separate reference: 102 of 408 lines are measured
SEPARATE = TSE | {
    BASE: 272, PHASE_PART: 0.75, f"{SLICE}[0].dReadoutFOV": 230.0, f"{SLICE}[0].dPhaseFOV": 207.92, PAT: 2,
    PE: 4, TURBO: 17, REF: 512, OVERSAMPLING: 1.0, LINES: 408, MEASURED: 102,
}  # fmt: skip
# XA51: R 2, turbo 21, 162 lines: 105 are measured, 47 of them for reference
INTEGRATED = TRAIN | {REF: 2, PE: 2, TURBO: 21, LINES: 162, REF_LINES: 47, MEASURED: 105}
TWO = {SLICES: 2, f"{GROUP}[0].nSize": 2, f"{SLICE}[0].dThickness": 4.0, f"{SLICE}[1].dThickness": 4.0}
Members = dict[str, object]

# Relation, members, and whether they keep it; None where it does not speak of them.
HOLDS: list[tuple[str, Members, bool | None]] = [
    ("multiband-mode", {PAT: 32, BANDS: 2}, True),
    ("multiband-mode", {PAT: 32, BANDS: 1}, False),
    ("multiband-mode", {PAT: 32}, False),
    ("multiband-mode", {PAT: 2, BANDS: 2}, False),
    ("multiband-mode", {}, True),
    ("factors", {PAT: 1, PE: 1, PE_3D: 1}, True),
    ("factors", {PE: 2}, False),
    ("factors", {PAT: 256, PE: 1}, True),
    ("factors", {PAT: 256, PE: 2}, False),
    ("factors", {PAT: 128, PE: 2}, False),
    ("factors", {PAT: 2, PE: 2}, True),
    ("factors", {PAT: 2, PE: 0, PE_3D: 2}, True),
    ("factors", {PAT: 2, PE: 2, PE_3D: 0}, True),
    ("factors", {PAT: 2, PE: 1, PE_3D: 1}, False),
    ("factors", {PAT: 16, PE: 1}, None),
    ("reference-scan", {}, True),
    ("reference-scan", {PAT: 1, REF: 2}, False),
    ("reference-scan", {PAT: 2, REF: 1}, False),
    ("reference-scan", {PAT: 2, REF: 256}, True),
    ("reference-lines", {PAT: 2, REF_LINES: 1}, True),
    ("reference-lines", {PAT: 2}, False),
    ("reference-lines", {PAT: 16}, None),
    ("total-acceleration", {PAT: 2, PE: 2, PE_3D: 2}, None),
    ("total-acceleration", ASL | {TOTAL: 9.0}, None),
    ("total-acceleration", {PAT: 2, PE: 2, PE_3D: 2, TOTAL: 4.0}, True),
    ("total-acceleration", {PAT: 2, PE: 2, PE_3D: 2, TOTAL: 2.0}, False),
    ("total-acceleration", {PAT: 256, TOTAL: 5.0}, True),
    ("total-acceleration", {PAT: 256, TOTAL: 1.0}, False),
    ("slices-and-multiband", {BANDS: 1, SLICES: 45}, None),
    ("slices-and-multiband", {BANDS: 2, SLICES: 46}, True),
    ("slices-and-multiband", {BANDS: 2, SLICES: 45}, False),
    ("slice-resolution", {SLICE_PART: 2.0}, None),
    ("slice-resolution", THREE | {SLICE_PART: 1.0}, True),
    ("slice-resolution", THREE | {SLICE_PART: 1.01}, False),
    ("slice-resolution", THREE, True),
    ("partitions", {PARTITIONS: 3}, None),
    ("partitions", THREE | {IMAGES: 176, PARTITIONS: 176}, True),
    ("partitions", THREE | {IMAGES: 160, EXTRA: 0.2, SLICE_PART: 0.5, PARTITIONS: 96}, True),
    ("partitions", THREE | {IMAGES: 160, EXTRA: 0.2, PARTITIONS: 190}, False),
    ("partitions", THREE | {IMAGES: 175, PARTITIONS: 175}, False),
    ("base-resolution", {BASE: 320}, True),
    ("base-resolution", {BASE: 321}, False),
    ("phase-resolution", {BASE: 320}, None),
    ("phase-resolution", ASL | {BASE: 320, PHASE_PART: 0.8123}, None),
    ("phase-resolution", {BASE: 320, PHASE_PART: 0.81}, True),
    ("phase-resolution", {BASE: 320, PHASE_PART: 0.815625}, True),
    ("phase-resolution", {BASE: 320, PHASE_PART: 0.8123}, False),
    ("phase-resolution", {BASE: 320, PHASE_PART: 0.75000005}, True),
    ("phase-resolution", {BASE: 320, PHASE_PART: 0.75000015}, False),
    ("phase-lines", {LINES: 100, BASE: 200}, None),
    ("phase-lines", FOV | {BASE: 200}, None),
    ("phase-lines", FOV | {BASE: 200, LINES: 149}, True),
    ("phase-lines", FOV | {BASE: 200, LINES: 148}, False),
    ("phase-lines", FOV | {BASE: 200, PHASE_PART: 0.8, OVERSAMPLING: 0.5, LINES: 179}, True),
    ("phase-lines", FOV | {BASE: 200, PHASE_PART: 0.8, OVERSAMPLING: 0.5, LINES: 178}, False),
    ("full-trains", SEPARATE, True),
    ("full-trains", SEPARATE | {LINES: 414}, True),
    ("full-trains", SEPARATE | {LINES: 415}, False),
    ("full-trains", SEPARATE | {MEASURED: 101}, False),
    ("full-trains", SEPARATE | {TURBO: 0}, True),
    ("full-trains", SEPARATE | THREE | {MEASURED: 101}, None),
    ("full-trains", SEPARATE | EPI | {MEASURED: 101}, None),
    ("full-trains", SEPARATE | {PAT: 1, MEASURED: 101}, None),
    ("full-trains", {key: x for key, x in SEPARATE.items() if key != MEASURED}, None),
    ("full-trains", INTEGRATED, True),
    ("full-trains", INTEGRATED | {REF_LINES: 51}, True),
    ("full-trains", INTEGRATED | {REF_LINES: 52}, False),
    ("full-trains", INTEGRATED | {REF: 512}, False),
    ("repetition-time", {}, None),
    ("repetition-time", {TR: 15010}, True),
    ("repetition-time", {TR: 15005}, False),
    ("repetition-time", {TR: 99990}, True),
    ("repetition-time", {TR: 100010}, False),
    ("repetition-time", {TR: 999000}, True),
    ("repetition-time", {TR: 1001000}, False),
    ("repetition-time", {TR: 1010000}, True),
    ("echo-time", {TE: 88005}, False),
    ("echo-time", {TE: 88010}, True),
    ("echo-time", {TE: 150010}, False),
    ("echo-time", {TE: 1501000}, True),
    ("inversion-time", {TI: 150500}, None),
    ("inversion-time", {TI: 150500, IR: 2}, False),
    ("inversion-time", {TI: 2001000, IR: 1}, True),
    ("times", {TR: 5000, TE: 5000}, False),
    ("times", {TR: 5010, TE: 5000}, True),
    ("times", {TR: 5010, TE: 100, "lContrasts": 2, "alTE[1]": 6000}, False),
    ("times", {TR: 5010, TE: 100, "alTE[1]": 6000}, True),
    ("times", {TR: 5010, TE: 100, TI: 6000, IR: 2}, False),
    ("times", {TR: 5010, TE: 100, TI: 6000}, True),
    ("times", {}, True),
    ("dwell-time", {"sRXSPEC.alDwellTime[0]": 2700}, True),
    ("dwell-time", {"sRXSPEC.alDwellTime[0]": 2750}, False),
    ("diffusion-directions", TSE | {MODE: 256, DIRECTIONS: 3}, None),
    ("diffusion-directions", EPI | {MODE: 256, DIRECTIONS: 6}, True),
    ("diffusion-directions", EPI | {MODE: 256, DIRECTIONS: 5}, False),
    ("diffusion-directions", EPI | {MODE: 512, DIRECTIONS: 1}, True),
    ("diffusion-directions", EPI | {MODE: 1024, DIRECTIONS: 3}, False),
    ("diffusion-directions", EPI | {MODE: 64, DIRECTIONS: 3}, True),
    ("diffusion-directions", EPI | {MODE: 128, DIRECTIONS: 3}, None),
    ("diffusion-directions", EPI | {DIRECTIONS: 3}, None),
    ("diffusion-weightings", {f"{B}[1]": 500}, None),
    ("diffusion-weightings", EPI | {f"{B}[1]": 500}, False),
    ("diffusion-weightings", EPI | {WEIGHTINGS: 2, f"{B}[1]": 500}, True),
    ("diffusion-weightings", EPI | {WEIGHTINGS: 2, f"{B}[63]": 500}, False),
    ("diffusion-weightings", EPI, True),
    ("trigger", {}, True),
    ("trigger", {SIGNAL: 4, METHOD: 2}, True),
    ("trigger", {SIGNAL: 4, METHOD: 1}, False),
    ("trigger", {SIGNAL: 1, METHOD: 2}, False),
    ("zoomed-excitation", {EXCITATION: 32}, True),
    ("zoomed-excitation", {EXCITATION: 64}, False),
    ("zoomed-excitation", {EXCITATION: 64, VOLUME: 9.0}, True),
    ("zoomed-excitation", {EXCITATION: 32, VOLUME: 9.0}, False),
    ("shim-volume", {}, True),
    ("shim-volume", {SHIM: 1}, False),
    ("shim-volume", {SHIM: 1, SHIM_VOLUME: 75.0}, True),
    ("shim-volume", {SHIM: 0, SHIM_VOLUME: 75.0}, False),
    ("slices", TWO, True),
    ("slices", TWO | {f"{MEMBER}[2]": -1}, True),
    ("slices", TWO | {f"{MEMBER}[2]": 2}, False),
    ("slices", TWO | {f"{SLICE}[2].dThickness": 4.0}, False),
    ("slices", TWO | {f"{GROUP}[0].nSize": 1}, False),
    ("slices", TWO | {f"{GROUP}[0].nSize": 1, f"{GROUP}[1].nSize": 1, "sGroupArray.lSize": 2}, True),
    ("slices", {key: x for key, x in TWO.items() if key != f"{SLICE}[1].dThickness"}, False),
    ("slices", {f"{GROUP}[0].nSize": 1, f"{SLICE}[0].dThickness": 4.0}, True),
]

# Relation, members that break it, all that is changed, and the field that gets a reason.
MENDED: list[tuple[str, Members, Members, str | None]] = [
    ("multiband-mode", {PAT: 32, PE: 2}, {PAT: 2}, None),
    ("multiband-mode", {PAT: 32}, {PAT: 1}, None),
    ("multiband-mode", {PAT: 2, BANDS: 2}, {PAT: 32}, None),
    ("reference-scan", {PAT: 1, REF: 2}, {REF: 1}, "reference_scan"),
    ("reference-scan", {PAT: 2, REF: 1}, {REF: 2}, "reference_scan"),
    ("reference-lines", {PAT: 2}, {REF_LINES: 24}, "reference_lines"),
    ("total-acceleration", {PAT: 2, PE: 2, PE_3D: 2, TOTAL: 2.0}, {TOTAL: 4.0}, None),
    ("slice-resolution", THREE | {SLICE_PART: 1.2}, {SLICE_PART: 1.0}, "voxel_size"),
    ("partitions", THREE | {IMAGES: 176, PARTITIONS: 170}, {PARTITIONS: 176}, "slice_oversampling"),
    ("partitions", THREE | {IMAGES: 176, PARTITIONS: 170, EXTRA: 0.0}, {PARTITIONS: 176, EXTRA: 0.0},
     "slice_oversampling"),
    ("partitions", THREE | {IMAGES: 100, EXTRA: 0.1, SLICE_PART: 0.5, PARTITIONS: 55},
     {PARTITIONS: 56, EXTRA: 0.11}, "slice_oversampling"),
    ("base-resolution", {BASE: 321}, {BASE: 322}, "acquisition_matrix"),
    ("phase-resolution", FOV | {BASE: 200, PHASE_PART: 1.0199}, {PHASE_PART: 1.0, LINES: 150}, "voxel_size"),
    ("phase-resolution", FOV | {BASE: 200, PHASE_PART: 1.0231}, {PHASE_PART: 1.02, LINES: 153}, "voxel_size"),
    ("phase-resolution", FOV | {BASE: 200, PHASE_PART: 0.8123}, {PHASE_PART: 0.81, LINES: 122}, "voxel_size"),
    ("phase-lines", FOV | {BASE: 200, LINES: 100}, {LINES: 150}, "acquisition_matrix"),
    ("full-trains", SEPARATE | {LINES: 369, MEASURED: 93}, {LINES: 408, MEASURED: 102}, "reference_lines"),
    ("full-trains", INTEGRATED | {REF_LINES: 32, MEASURED: 81}, {REF_LINES: 47, MEASURED: 105},
     "reference_lines"),
    # 100 lines, R 2, trains of 11: five trains, of which the last line is the first that is not doubled
    ("full-trains", TRAIN | {BASE: 100, REF: 512, PE: 2, TURBO: 11, LINES: 100, MEASURED: 50},
     {LINES: 109, MEASURED: 55}, "reference_lines"),
    ("full-trains", TRAIN | {BASE: 100, REF: 512, PE: 3, TURBO: 7, LINES: 100, MEASURED: 33},
     {LINES: 105, MEASURED: 35}, "reference_lines"),
    ("full-trains", TRAIN | {BASE: 101, REF: 512, PE: 2, TURBO: 10, LINES: 101, MEASURED: 51},
     {LINES: 101, MEASURED: 50}, "reference_lines"),
    ("repetition-time", {TR: 15004}, {TR: 15000}, "repetition_time"),
    ("repetition-time", {TR: 999400}, {TR: 999000}, "repetition_time"),
    ("repetition-time", {TR: 5003000}, {TR: 5000000}, "repetition_time"),
    ("echo-time", {TE: 88004}, {TE: 88000}, "echo_times"),
    ("inversion-time", {TI: 900400, IR: 2}, {TI: 900000}, "inversion_time"),
    ("times", {TR: 3000, TE: 5000}, {TR: 10000}, "repetition_time"),
    ("times", {TR: 800000, TE: 3000, TI: 900000, IR: 2}, {TR: 1810000}, "repetition_time"),
    ("diffusion-directions", EPI | {MODE: 256, DIRECTIONS: 3}, {DIRECTIONS: 6}, "diffusion_directions"),
    ("diffusion-directions", EPI | {MODE: 1024, DIRECTIONS: 3}, {DIRECTIONS: 4}, "diffusion_directions"),
    ("trigger", {SIGNAL: 1, METHOD: 2}, {METHOD: 1}, None),
    ("trigger", {SIGNAL: 4, METHOD: 1}, {METHOD: 2}, None),
]  # fmt: skip
NOT_MENDED: list[tuple[str, Members]] = [
    ("factors", {PAT: 256, PE: 2}),
    ("total-acceleration", {PAT: 256, TOTAL: 1.0}),
    ("slices-and-multiband", {BANDS: 2, SLICES: 45}),
    ("dwell-time", {"sRXSPEC.alDwellTime[0]": 2750}),
    ("diffusion-weightings", EPI | {f"{B}[1]": 500}),
    ("zoomed-excitation", {EXCITATION: 64}),
    ("shim-volume", {SHIM: 1}),
    ("slices", TWO | {f"{MEMBER}[2]": 2}),
]


def _draft(members: Members) -> Draft:
    return Draft(Ascconv({key: str(value) for key, value in members.items()}), {})


def test_every_relation_is_counted_and_spoken_of() -> None:
    assert {one.name: (one.files, one.steps) for one in RELATIONS} == COUNTED
    assert {name for name, _, holds in HOLDS if holds is not None} == set(COUNTED)
    assert _draft({}).factors == 1


def test_what_keeps_a_relation_and_what_breaks_it() -> None:
    wrong = [
        f"{name} {members}: not {holds}"
        for name, members, holds in HOLDS
        if BY_NAME[name].holds(_draft(members)) is not holds
    ]
    assert "\n".join(wrong) == ""


def test_what_breaks_a_relation_is_corrected_and_said() -> None:
    found = []
    for name, members, _, _ in MENDED:
        draft, said = _draft(members), Said()
        assert BY_NAME[name].holds(draft) is False, (name, members)
        assert hold([BY_NAME[name]], draft, said) == [], (name, members)
        found.append((name, members, draft.changes, said.all[0][1] if said.all else None))
    assert found == MENDED


def test_what_cannot_be_corrected_stays_and_is_broken() -> None:
    for name, members in NOT_MENDED:
        draft = _draft(members)
        assert hold([BY_NAME[name]], draft, Said()) == [BY_NAME[name]], name
        assert draft.changes == {}


def test_a_correction_is_seen_by_the_relations_after_it() -> None:
    """240 points at base 321 are a whole number of them, at base 322 not: a whole percent is taken."""
    draft = _draft(FOV | {BASE: 321, PHASE_PART: 240 / (321 * 0.75), LINES: 240})
    assert hold([BY_NAME["base-resolution"], BY_NAME["phase-resolution"]], draft, Said()) == []
    assert draft.changes == {BASE: 322, PHASE_PART: 1.0, LINES: 242}
