"""Templates: what is written is read back; what is not is a loss; goldens show every byte of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import CannotBuild, UsageError
from generator.model.tree import Acquisition, Reformat, Target
from generator.vendors.account import build
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.siemens import DIALECT, facts
from generator.vendors.siemens.container import exar
from generator.vendors.siemens.inspect import integrity, verify
from tests.support.golden import Golden
from tests.support.kitchen import kitchen_sink
from tests.support.translate import assert_translates
from tests.vendors.siemens.make import (
    DWI,
    MPRAGE,
    SITE_CARD,
    T2_TSE,
    XA61,
    archive,
    losses,
    protocol,
    scan,
    written,
)

PLAIN = BuildOptions()


def built(*steps: Acquisition, target: Target = XA61, options: BuildOptions = PLAIN) -> Export:
    return build(DIALECT, protocol(*steps), target, options)


@pytest.mark.parametrize("field_strength", [1.5, 3.0])
def test_the_kitchen_sink_comes_back(field_strength: float, tmp_path: Path) -> None:
    target = Target(vendor="siemens", field_strength=field_strength)
    read_path = lambda e: written(tmp_path, archive(e))  # noqa: E731
    assert_translates(kitchen_sink(target), target, PLAIN, read_path, ignore=facts.COMPUTED)


def test_the_losses_of_the_kitchen_sink_are_the_ones_that_are_known(golden: Golden) -> None:
    target = Target(vendor="siemens", field_strength=3.0)
    export = build(DIALECT, kitchen_sink(target), target, PLAIN)
    lines = [f"{x.step} {x.step_name}: {x.kind} {x.field}: {x.wanted} -> {x.got}\n" for x in export.losses]
    golden.check("siemens/kitchen-sink-losses", {"losses.txt": "".join(lines).encode()})


def test_what_a_console_stores_exactly_costs_nothing() -> None:
    export = built(scan("t1", MPRAGE), scan("t2", T2_TSE))
    assert losses(export) == []
    assert export.kind == "template"
    assert any("untested on a console" in note.message for note in export.notes)


def test_an_archive_from_templates_passes_all_checks(tmp_path: Path) -> None:
    data = archive(built(scan("t1", MPRAGE), scan("dwi", DWI)))
    assert integrity(data) == []
    read = exar.read(written(tmp_path, data))
    assert verify(read) == []
    changes = read.tables["ChangeSet"]
    assert {row[1] for row in changes} == {row[4] for row in changes} == {"examcard"}
    assert DIALECT.inspect(written(tmp_path, data)).warnings == ()


def test_the_same_input_gives_the_same_bytes_and_another_gives_other_ids() -> None:
    one, again, other = built(scan("a", MPRAGE)), built(scan("a", MPRAGE)), built(scan("b", MPRAGE))
    assert dict(one.files) == dict(again.files)
    assert archive(one) != archive(other)


def test_the_export_of_the_site_card_is_the_accepted_one(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    export = build(DIALECT, SITE_CARD, XA61, PLAIN)
    files = {name: content for name, content in export.files.items() if name.endswith(".pro")}
    tables = exar.read(written(tmp_path, archive(export))).tables
    for key, packed, _ in tables.pop("Content"):
        content = exar.inflate(packed, "golden", key)
        files[f"content/{exar.loads(content)[0]}-{key[:12]}.json"] = content
    for table, rows in tables.items():
        shown = ["|".join(v.hex() if isinstance(v, bytes) else str(v) for v in row) for row in rows]
        files[f"tables/{table}.txt"] = "\n".join([*shown, ""]).encode()
    golden.check("siemens/site-card", files)


def test_every_scan_has_a_file_of_its_own_that_reads_the_same(tmp_path: Path) -> None:
    export = built(scan("3D T1 µ", MPRAGE), scan("t2/w", T2_TSE))
    names = [name for name in export.files if name.endswith(".pro")]
    assert names == ["pro/01-3D-T1.pro", "pro/02-t2-w.pro"]
    whole = DIALECT.read(written(tmp_path, archive(export))).protocols[0].acquisitions
    for name, step in zip(names, whole, strict=True):
        alone = DIALECT.read(written(tmp_path, export.files[name], "a.pro")).protocols[0].acquisitions[0]
        hidden = {"name", "vendor"}
        assert alone.model_dump(exclude=hidden) == step.model_dump(exclude=hidden)
    assert whole[0].name == "3D T1 µ"


def test_pauses_are_left_to_injections_and_waits(tmp_path: Path) -> None:
    flair = scan("t2", T2_TSE, instruction="Check the\nangle", plane_reference="subcallosal")
    steps = (*SITE_CARD.steps, flair, Reformat(source="t2", plane="coronal", slice_thickness=3.0))
    export = build(DIALECT, protocol(*steps), XA61, PLAIN)
    read = DIALECT.read(written(tmp_path, archive(export)))
    texts = [s.text for s in read.protocols[0].steps if s.kind == "pause"]  # type: ignore[union-attr]
    assert texts[1:] == ["Inject gadobutrol 0.1 mmol/kg; by hand"]
    assert ("approximated", "contrast") in losses(export, 3)
    assert ("unsupported", "plane_reference") in losses(export, 5)
    assert losses(export, 6) == [("approximated", "reformat")]
    comment = read.protocols[0].acquisitions[-1].vendor["description"]
    assert comment == "plane: subcallosal; Check the / angle; Reformat t2, coronal, 3 mm"


def test_a_time_is_written_whole_and_an_estimate_is_taken() -> None:
    scan_without = scan("t1", MPRAGE, acquisition_duration=None)
    export = built(scan_without, options=BuildOptions(durations=(123.4,)))
    text = next(content for name, content in export.files.items() if name.endswith(".pro"))
    assert b"lTotalScanTimeSec\t = \t123\r\n" in text
    assert losses(built(scan("t1", MPRAGE, acquisition_duration=99.5))) == [
        ("rounded", "acquisition_duration")
    ]


def test_a_release_that_no_template_is_made_for_is_refused() -> None:
    target = Target(vendor="siemens", field_strength=3.0, software="VE11C")
    with pytest.raises(CannotBuild, match=r"made for XA61A; for VE11C build from a donor"):
        built(scan("t1", MPRAGE), target=target)


@pytest.mark.parametrize(("echoes", "binary"), [((14.0,), "medic"), ((5.0, 10.0), "gre")])
def test_echoes_that_are_combined_are_a_medic(echoes: tuple[float, ...], binary: str) -> None:
    values = T2_TSE | {"technique": "multi_echo_gradient_echo", "refocusing_flip_angle": None}
    export = built(scan("t2*", values, echo_times=echoes))
    text = next(content for name, content in export.files.items() if name.endswith(".pro")).decode()
    assert f'"%SiemensSeq%\\{binary}"' in text


@pytest.mark.parametrize(
    ("values", "changes", "loss"),
    [
        (T2_TSE, {"flip_angle": 90.0}, ("approximated", "flip_angle")),
        (T2_TSE, {"pixel_bandwidth": 251.0}, ("rounded", "pixel_bandwidth")),
        (T2_TSE, {"number_of_averages": 1.4}, ("approximated", "number_of_averages")),
        (
            T2_TSE,
            {"parallel_reduction_factor_in_plane": 1.5},
            ("approximated", "parallel_reduction_factor_in_plane"),
        ),
        (T2_TSE, {"compressed_sensing_factor": 3.0}, ("approximated", "compressed_sensing_factor")),
        (T2_TSE, {"inversion_time": 160.0, "fat_suppression": "stir"}, ("approximated", "fat_suppression")),
        (T2_TSE, {"fat_suppression": "dixon"}, ("approximated", "fat_suppression")),
        (T2_TSE, {"gating": "cardiac"}, ("approximated", "gating")),
        (MPRAGE, {"refocusing_flip_angle": 150.0}, ("unsupported", "refocusing_flip_angle")),
        (MPRAGE, {"repetition_time": 7.0}, ("approximated", "repetition_time")),
        (MPRAGE, {"partial_fourier_phase": 0.7}, ("approximated", "partial_fourier_phase")),
        (MPRAGE, {"phase_encoding_direction": "LR"}, ("approximated", "phase_encoding_direction")),
        (MPRAGE, {"vendor": {"x": 1}}, ("unsupported", "vendor")),
    ],
)
def test_what_cannot_be_said_is_a_loss(values: dict, changes: dict, loss: tuple[str, str]) -> None:  # type: ignore[type-arg]
    assert losses(built(scan("x", values))) == []
    assert loss in losses(built(scan("x", values, **changes)))


@pytest.mark.parametrize(
    ("changes", "members"),
    [
        ({"inversion_time": 1800.0}, {"sPrepPulses.ucInversion\t = \t2", "alTI[0]\t = \t1800000"}),
        (
            {"inversion_time": 3000.0, "second_inversion_time": 450.0},
            {"sPrepPulses.ucInversion\t = \t16", "alTI[1]\t = \t450000"},
        ),
        ({}, {"sPrepPulses.ucInversion\t = \t4"}),
    ],
)
def test_the_inversion_of_a_3d_spin_echo_train(changes: dict[str, float], members: set[str]) -> None:
    space = {
        "technique": "turbo_spin_echo",
        "mr_acquisition_type": "3D",
        "slice_gap": None,
        "concatenations": None,
    }
    export = built(scan("space", T2_TSE | space, **changes))
    text = next(content for name, content in export.files.items() if name.endswith(".pro")).decode()
    assert members <= set(text.split("\r\n"))
    assert '"%SiemensSeq%\\space"' in text


def test_slices_lie_around_the_centre_with_thickness_and_gap() -> None:
    export = built(scan("t2", T2_TSE, number_of_slices=3))
    text = next(content for name, content in export.files.items() if name.endswith(".pro")).decode()
    positions = [line.split("\t = \t")[1] for line in text.split("\r\n") if "sPosition.dTra" in line]
    assert positions == ["-3.3", "3.3"]  # the middle one is zero, and zero is absent
    assert "sGroupArray.anMember[3]\t = \t-1" in text


def test_the_label_and_the_warnings_stand_in_the_comment_of_the_program(tmp_path: Path) -> None:
    options = BuildOptions(label="test 1.0", warnings=("built with --force",))
    read = exar.read(written(tmp_path, archive(built(scan("t1", MPRAGE), options=options))))
    texts = [read.content(row[2]).decode() for row in read.tables["Instance"] if row[8] == "EdfString"]
    assert any('"test 1.0; built with --force"' in text for text in texts)


def test_the_date_of_the_store_is_told_and_never_the_clocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    tables = exar.read(written(tmp_path, archive(built(scan("t1", MPRAGE))))).tables
    assert {row[2] for row in tables["ChangeSet"]} == {"2023-11-14 22:13:20.0000000"}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(UsageError, match="yesterday"):
        built(scan("t1", MPRAGE))


def test_an_exam_of_a_region_begins_with_a_localizer_in_three_planes(tmp_path: Path) -> None:
    card = protocol(scan("t1", MPRAGE)).model_copy(update={"region": "brain"})
    export = build(DIALECT, card, XA61, PLAIN)
    path = written(tmp_path, archive(export))
    first, second = DIALECT.read(path).protocols[0].acquisitions
    assert (first.name, first.plane, first.number_of_slices) == ("localizer", None, 3)
    groups = {first.vendor["ascconv"][f"sSliceArray.asSlice[{i}].sNormal.{axis}"]
              for i, axis in enumerate(("dSag", "dCor", "dTra"))}  # fmt: skip
    assert groups == {"1.0"}
    assert (second.name, losses(export)) == ("t1", [])
    assert DIALECT.gate(export.files) == ()
    assert [step.is_localizer for step in DIALECT.describe(path).steps] == [True, False]
    own = card.model_copy(update={"steps": (scan("survey", T2_TSE, role="localizer"), *card.steps)})
    assert (
        len(DIALECT.read(written(tmp_path, archive(build(DIALECT, own, XA61, PLAIN)))).protocols[0].steps)
        == 2
    )
