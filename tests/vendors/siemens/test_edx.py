"""Archives of VB consoles: read, described, cloned; the archive is of our own making."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition, Pause, Protocol, Target
from generator.vendors.account import build
from generator.vendors.siemens import DIALECT
from generator.vendors.siemens.container import ascconv, edx
from tests.vendors.siemens.make import losses, planned, template, written

VB17 = Target(vendor="siemens", field_strength=3.0, software="VB17A")
DESCRIBED = '<ParamString."Description">  { "call Dr. Nobody"  }'
MEMBERS = r"""
ulVersion = 0x14b44b6
tSequenceFileName = "%SiemensSeq%\gre"
tProtocolName = "old+AF8-name"
lContrasts = 1
lAverages = 1
alTR[0] = 500000
alTE[0] = 10000
adFlipAngleDegree[0] = 70
lTotalScanTimeSec = 130
lScanTimeSec = 128
sProtConsistencyInfo.flNominalB0 = 2.8936
sPrepPulses.ucFatSat = 0x4
sPrepPulses.ucInversion = 0x4
sKSpace.ucDimension = 0x2
sKSpace.lBaseResolution = 256
sKSpace.dPhaseResolution = 1
sKSpace.lPhaseEncodingLines = 256
sSliceArray.lSize = 1
sSliceArray.asSlice[0].dThickness = 5
sSliceArray.asSlice[0].dReadoutFOV = 220
sSliceArray.asSlice[0].dPhaseFOV = 220
sSliceArray.asSlice[0].sNormal.dTra = 1
sGroupArray.asGroup[0].nSize = 1
sPat.ucPATMode = 0x1
sPat.ucRefScanMode = 0x1
sPhysioImaging.lSignal1 = 0x1
sPhysioImaging.lMethod1 = 0x1
"""
SCAN = Acquisition(name="T1_new", technique="gradient_echo", mr_acquisition_type="2D", repetition_time=600.0,
                   echo_times=(10.0,), flip_angle=70.0, acquisition_duration=156.0,
                   plane_reference="subcallosal")  # fmt: skip
CARD = Protocol(name="New card", path=("Head", "New card"), steps=(Pause(text="Check the coil"), SCAN))


def text(**other: str) -> str:
    """A protocol text as VB writes it: keys in 41 columns, hexadecimal enumerations."""
    lines = [line.split(" = ", 1) for line in MEMBERS.strip().splitlines()]
    body = "".join(f"{key:<41}= {other.get(key, value)}\n" for key, value in lines)
    head = f'<XProtocol> \n{{\n  {DESCRIBED}\n  <ParamString."ProtocolName">  {{ "old+AF8-name"  }}\n}}\n'
    return f"{head}### ASCCONV BEGIN ###\n{body}### ASCCONV END ###\n"


def record(kind: str, name: str, content: str, *parts: str) -> bytes:
    head = [
        "MrEdbVersion=VB15A",
        f"MrEdbType={kind}",
        f"MrEdbName={name}",
        "MrEdbText=a text",
        "MrEdbDesc=a remark",
    ]
    head += [f"MrEdbPartname={part}" for part in parts]
    body = "\r\n".join([*head, "*" * 10, content]).encode()
    return b"@" * 30 + b"\r\n%d\r\n%d\r\n%s" % (len(body), len(parts), body)


def site(folder: Path, *more: bytes, parts: tuple[str, ...] = ("T1", "T2+AF8-a"), **other: str) -> Path:
    protocols = [
        record("Prot", name, f"CopyRefUpToDate=0\r\nVersionUpgradeInfo=\r\n{text(**other)}")
        for name in ("T2+AF8-a", "T1")
    ]
    records = [
        record("Exam", "head", ""), record("Prog", "my+AF8-brain", "Archive=1\r\n", *parts), *protocols, *more
    ]  # fmt: skip
    return written(
        folder, zlib.compress(b"MrEdxFile\r\n11300\r\nExam\r\n\r\n" + b"\r\n".join(records), 9), "s.edx"
    )


def test_an_archive_is_read_in_the_order_of_its_program(tmp_path: Path) -> None:
    found = DIALECT.read(site(tmp_path))
    (card,) = found.protocols
    assert (found.format, found.software, found.field_strength) == ("siemens-edx", "VB17A", 3.0)
    assert (card.name, card.path) == ("my_brain", ("head", "my_brain"))
    assert [(a.name, a.repetition_time) for a in card.acquisitions] == [("T1", 500.0), ("T2_a", 500.0)]
    assert card.acquisition_duration == 260.0
    assert card.acquisitions[0].vendor["record"][:3] == [
        "MrEdbVersion=VB15A",
        "MrEdbType=Prot",
        "MrEdbName=T1",
    ]
    assert {note.code for note in found.notes} == {"not-stored"}


def test_what_an_archive_lacks_or_has_beside_its_program_is_said(tmp_path: Path) -> None:
    found = DIALECT.read(site(tmp_path, parts=("T1", "T9", "T1")))
    assert [(p.name, p.path, len(p.acquisitions)) for p in found.protocols] == [
        ("my_brain", ("head", "my_brain"), 1), ("(no program)", ("head", "(no program)"), 1),
    ]  # fmt: skip
    missing = [(note.message, note.protocol) for note in found.notes if note.code == "missing-part"]
    assert (
        missing
        == [
            ("the program names 'T1', but the file does not hold it", 0),
            ("the program names 'T9', but the file does not hold it", 0),
        ]
        or missing[::-1] == missing
    )
    empty = written(tmp_path, zlib.compress(b"MrEdxFile\r\n\r\n" + record("Exam", "head", "")), "empty.edx")
    with pytest.raises(UnusableInput, match="without a protocol"):
        DIALECT.read(empty)


def test_an_archive_is_described_as_a_donor(tmp_path: Path) -> None:
    donor = DIALECT.describe(site(tmp_path))
    assert (donor.release, donor.field_strength, donor.vendor) == ("VB17A", 3.0, "siemens")
    steps = [(one.key, one.path, one.index, one.scan.name, one.region) for one in donor.steps]
    assert steps == [
        ("3/0", ("head", "my_brain"), 0, "T1", "brain"), ("2/0", ("head", "my_brain"), 1, "T2_a", "brain"),
    ]  # fmt: skip


def test_a_card_from_an_archive_is_an_archive_without_pauses(tmp_path: Path) -> None:
    export = build(DIALECT, CARD, VB17, planned(CARD, site(tmp_path), target=VB17))
    ((name, data),) = export.files.items()
    assert (name, export.kind, export.card) == ("New-card.edx", "donor", name)
    assert set(losses(export, 0)) == {("unsupported", "text"), ("unsupported", None)}
    made = edx.parse(zlib.decompress(data), Path(name))
    program, scan = made.records
    assert made.preamble == b"MrEdxFile\r\n11300\r\nProg\r\n\r\n"
    assert [program.value(f"MrEdb{x}") for x in ("Type", "Name", "Text", "Desc")] == [
        "Prog",
        "New card",
        "",
        "",
    ]
    assert program.values("MrEdbPartname") == ["T1_new"]
    assert scan.content.startswith(b"CopyRefUpToDate=0\r\nVersionUpgradeInfo=\r\n<XProtocol>")
    before, after = ascconv.parse(text()).raw, ascconv.parse(scan.protocol).raw
    assert {key: value for key, value in after.items() if before.get(key) != value} == {
        "tProtocolName": '"T1+AF8-new"', "alTR[0]": "600000", "lTotalScanTimeSec": "156",
        "lScanTimeSec": "154",
    }  # fmt: skip
    assert before.keys() == after.keys()
    assert DESCRIBED not in scan.protocol and '{ "T1+AF8-new"  }' in scan.protocol
    assert [note.code for note in export.notes] == ["notes-dropped"]
    (read,) = DIALECT.read(written(tmp_path, data, "new.edx")).protocols
    assert [(a.name, a.repetition_time) for a in read.acquisitions] == [("T1_new", 600.0)]
    assert DIALECT.gate(export.files) == ()
    broken = zlib.compress(zlib.decompress(data).replace(b"= 600000", b"= 600004"), 9)
    assert [note.code for note in DIALECT.gate({name: broken})] == ["gate-repetition-time"]


def test_the_bytes_depend_on_what_is_asked_for_alone(tmp_path: Path) -> None:
    one, other = (
        build(DIALECT, CARD, VB17, planned(CARD, site(tmp_path), target=VB17, keep_notes=keep))
        for keep in (False, True)
    )
    kept = zlib.decompress(next(iter(other.files.values())))
    assert DESCRIBED.encode() in kept and other.notes == () and one.files != other.files


def test_archives_of_both_kinds_are_not_mixed(tmp_path: Path) -> None:
    two = CARD.model_copy(update={"steps": (SCAN, SCAN.model_copy(update={"name": "again"}))})
    options = planned(two, site(tmp_path), target=VB17)
    assert options.plan is not None
    first, second = options.plan.choices.values()
    assert second.found is not None
    donor = DIALECT.describe(written(tmp_path, template())).model_copy(update={"file": "other.exar1"})
    mixed = {0: first, 1: replace(second, found=replace(second.found, donor=donor))}
    with pytest.raises(CannotBuild, match=r"cannot be mixed in one card: .*s\.edx, other\.exar1"):
        build(DIALECT, two, VB17, replace(options, plan=replace(options.plan, choices=mixed)))
    with pytest.raises(CannotBuild, match="no donor step serves a scan of New card"):
        build(DIALECT, two, VB17, replace(options, plan=replace(options.plan, choices={})))
