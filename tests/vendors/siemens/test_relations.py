"""The relations of real files: counted again over the corpus, and each broken by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.vendors.gate import broken, hold
from generator.vendors.siemens.container import ascconv, edx, exar, graph
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import Said
from generator.vendors.siemens.fields.relations import RELATIONS, Draft

BY_NAME = {one.name: one for one in RELATIONS}


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
    assert {name: (len(files[name]), steps[name]) for name in BY_NAME} == {
        name: (one.files, one.steps) for name, one in BY_NAME.items()
    }


TSE = {
    "tSequenceFileName": '"%SiemensSeq%\\tse"',
    "sKSpace.ucDimension": "2",
    "sKSpace.lBaseResolution": "272",
    "sKSpace.dPhaseResolution": "0.75",
    "sSliceArray.asSlice[0].dReadoutFOV": "230.0",
    "sSliceArray.asSlice[0].dPhaseFOV": "207.92",
    "sPat.ucPATMode": "2",
    "sPat.lAccelFactPE": "4",
    "sFastImaging.lTurboFactor": "17",
}
SPACE = {"sKSpace.ucDimension": "4", "sKSpace.lImagesPerSlab": "176", "sKSpace.lPartitions": "192"}


@pytest.mark.parametrize(
    ("relation", "members", "mended"),
    [
        # XA51: R 4, turbo 17, oversampling 100 %, separate reference: 102 of 408 lines are measured.
        ("full-trains", TSE | {"sPat.ucRefScanMode": "512", "sKSpace.dPhaseOversamplingForDialog": "1.0",
                               "sKSpace.lPhaseEncodingLines": "369", "sKSpace.lPhaseEncodingLinesPat": "93"},
         {"sKSpace.lPhaseEncodingLines": 408, "sKSpace.lPhaseEncodingLinesPat": 102}),
        # XA51: R 2, turbo 21, 162 lines: 105 are measured, 47 of them for reference.
        ("full-trains", TSE | {"sPat.ucRefScanMode": "2", "sPat.lAccelFactPE": "2", "sPat.lRefLinesPE": "32",
                               "sFastImaging.lTurboFactor": "21", "sKSpace.lPhaseEncodingLines": "162",
                               "sKSpace.lPhaseEncodingLinesPat": "81"},
         {"sPat.lRefLinesPE": 47, "sKSpace.lPhaseEncodingLinesPat": 105}),
        ("multiband-mode", {"sPat.ucPATMode": "32", "sPat.lAccelFactPE": "2"}, {"sPat.ucPATMode": 2}),
        ("multiband-mode", {"sPat.ucPATMode": "2", "sSliceAcceleration.lMultiBandFactor": "2"},
         {"sPat.ucPATMode": 32}),
        ("phase-resolution", TSE | {"sKSpace.dPhaseResolution": "1.0018"}, {"sKSpace.dPhaseResolution": 1.0}),
        ("partitions", SPACE | {"sKSpace.dSliceOversamplingForDialog": "0.18"}, {"sKSpace.lPartitions": 208}),
        ("partitions", SPACE | {"sKSpace.lImagesPerSlab": "175"}, {"sKSpace.lPartitions": 176}),
        ("trigger", {"sPhysioImaging.lSignal1": "1", "sPhysioImaging.lMethod1": "2"},
         {"sPhysioImaging.lMethod1": 1}),
        ("diffusion-directions", {"tSequenceFileName": '"ep2d_diff"', "sDiffusion.ulMode": "256",
                                  "sDiffusion.lDiffDirections": "3"}, {"sDiffusion.lDiffDirections": 6}),
        ("repetition-time", {"alTR[0]": "5003000"}, {"alTR[0]": 5000000}),
        ("reference-scan", {"sPat.ucPATMode": "1", "sPat.ucRefScanMode": "2"}, {"sPat.ucRefScanMode": 1}),
    ],
)  # fmt: skip
def test_what_breaks_a_relation_is_corrected(
    relation: str, members: dict[str, str], mended: dict[str, float]
) -> None:
    draft = Draft(Ascconv(dict(members)), {})
    one = BY_NAME[relation]
    assert one.holds(draft) is False
    assert hold([one], draft, Said()) == []
    assert mended.items() <= draft.changes.items()


@pytest.mark.parametrize(
    ("relation", "members"),
    [
        ("times", {"alTR[0]": "3000", "alTE[0]": "5000"}),
        ("slices-and-multiband", {"sSliceAcceleration.lMultiBandFactor": "2", "sSliceArray.lSize": "45"}),
        ("zoomed-excitation", {"sTXSPEC.ucExcitMode": "64"}),
        ("shim-volume", {"sAdjData.uiAdjVolumeValid": "0x1"}),
        ("slices", {"sSliceArray.lSize": "3", "sGroupArray.asGroup[0].nSize": "2"}),
        ("factors", {"sPat.ucPATMode": "256", "sPat.lAccelFactPE": "2"}),
    ],
)
def test_what_cannot_be_corrected_is_broken(relation: str, members: dict[str, str]) -> None:
    assert [one.name for one in broken([BY_NAME[relation]], Draft(Ascconv(members), {}))] == [relation]
