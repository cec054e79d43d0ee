from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.errors import UsageError
from generator.model.tree import Acquisition, Contrast, Loss, Pause, Protocol, Reformat, Target
from generator.vendors.account import NO_REASON
from generator.vendors.ge import DIALECT, facts, writer
from generator.vendors.ge.container import archive, lxprotocol, session
from generator.vendors.ge.facts import DERIVED, OFF
from tests.support.golden import Golden
from tests.support.kitchen import kitchen_sink
from tests.support.oracles import Oracles
from tests.support.translate import assert_translates, write_export
from tests.vendors.ge.support import (
    TARGET,
    build,
    options,
    oracle_pairs,
    same_value,
    sink,
    tar_files,
    template,
)


def scan(**fields: object) -> Acquisition:
    base = {
        "name": "scan",
        "technique": "turbo_spin_echo",
        "mr_acquisition_type": "2D",
        "plane": "transverse",
    }
    return Acquisition(**{**base, "field_of_view": (240.0, 240.0), "slice_thickness": 3.0, **fields})


def pairs_of(step: Acquisition, target: Target = TARGET) -> dict[str, str]:
    protocol = Protocol(name="one", region="brain", steps=(step,))
    files = tar_files(build(protocol, target, options(protocol)))
    (text,) = (data for name, data in files.items() if name.endswith("/LxProtocol"))
    return dict(lxprotocol.parse(text, "one"))


def losses_of(step: Acquisition) -> dict[str | None, str]:
    protocol = Protocol(name="one", steps=(step,))
    return {loss.field: loss.kind for loss in template(protocol).losses}


def found_losses(step: Acquisition, name: str | None) -> list[Loss]:
    losses = template(Protocol(name="one", steps=(step,))).losses
    return [loss for loss in losses if loss.field == name]


@pytest.mark.parametrize("field", [1.5, 3.0])
@pytest.mark.parametrize("software", [None, "DV25.1"])
def test_every_loss_has_a_reason(field: float, software: str | None) -> None:
    target = Target(vendor="ge", field_strength=field, software=software)
    protocol = kitchen_sink(target)
    losses = build(protocol, target, options(protocol)).losses
    assert [(loss.step_name, loss.field) for loss in losses if loss.reason == NO_REASON] == []


def test_golden(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "946684800")
    export = template(sink())
    files = {name: data for name, data in export.files.items() if name != writer.TAR}
    golden.check("ge/kitchen-sink", {**files, **tar_files(export)})


def test_golden_of_older_software_at_another_field(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "946684800")
    target = Target(vendor="ge", field_strength=1.5, model="SIGNA Artist", software="DV25.1")
    protocol = kitchen_sink(target)
    texts = tar_files(build(protocol, target, options(protocol)))
    kept = {name: data for name, data in texts.items() if not name.endswith(".html")}
    golden.check("ge/kitchen-sink-1.5T", kept)


def test_same_bytes_every_time() -> None:
    assert template(sink()).files == template(sink()).files


def test_read_back_equals_the_spec_or_its_losses(tmp_path: Path) -> None:
    protocol = sink()
    assert_translates(
        protocol,
        TARGET,
        options(protocol),
        lambda export: write_export(export, tmp_path),
        off=OFF,
        ignore=(*DERIVED, "echo_train_length"),
    )


def test_steps_without_a_type_of_their_own_come_back(tmp_path: Path) -> None:
    protocol = sink()
    read = DIALECT.read(write_export(template(protocol), tmp_path)).protocols[0]
    wanted = [step for step in protocol.steps if not isinstance(step, Acquisition)]
    assert [step for step in read.steps if not isinstance(step, Acquisition)] == wanted
    assert [step.kind for step in read.steps] == [step.kind for step in protocol.steps]


def test_what_only_a_note_can_hold_comes_back(tmp_path: Path) -> None:
    protocol = sink()
    read = DIALECT.read(write_export(template(protocol), tmp_path)).protocols[0]
    for wanted, got in zip(protocol.acquisitions, read.acquisitions, strict=True):
        for field in ("plane_reference", "coverage", "output_maps", "optional"):
            assert getattr(got, field) == getattr(wanted, field), (wanted.name, field)
        assert (got.instruction or "").strip() == (wanted.instruction or "").strip()


def test_dicompare_reads_the_same_pairs(oracles: Oracles, tmp_path: Path) -> None:
    texts = {name: data for name, data in tar_files(template(sink())).items() if name.endswith("/LxProtocol")}
    theirs = oracle_pairs(oracles, texts, tmp_path)
    for name, text in texts.items():
        ours = dict(lxprotocol.parse(text, name))
        assert set(ours) == set(theirs[name])
        assert [key for key in ours if not same_value(ours[key], theirs[name][key])] == []


def test_keys_stand_in_canonical_order_and_are_complete() -> None:
    order = facts.key_order()
    for name, text in tar_files(template(sink())).items():
        if name.endswith("/LxProtocol"):
            keys = [key for key, _ in lxprotocol.parse(text, name)]
            assert keys == sorted(keys, key=order.order.index)
            needed = {
                *order.always,
                *order.since_mr29,
                "PLANE",
                "IMODE",
                "PSEQ",
                "IOPT",
                "PLUG",
                "FOV",
                "SLTHICK",
            }
            assert needed | {"SWAPPF", "ANATOMY"} <= set(keys)


def test_archive_is_what_consoles_write() -> None:
    tar = template(sink()).files[writer.TAR]
    assert len(tar) % archive.RECORD == 0
    assert {member.owner for member in archive.read(tar, "tar").members} == {"sdc/informix"}


def test_units_of_the_console() -> None:
    pairs = pairs_of(
        scan(field_of_view=(240.0, 180.0), voxel_size=(0.9375, 0.9375, 3.0), pixel_bandwidth=244.0)
    )
    assert (pairs["FOV"], pairs["PHASEFOV"], pairs["MATRIXX"], pairs["MATRIXY"]) == (
        "24.0",
        "0.75",
        "256",
        "256",
    )
    assert pairs["RBW"] == "31.25"


def test_old_software_writes_its_own_decimals_and_keys() -> None:
    old = Target(vendor="ge", field_strength=3.0, software="DV25.1")
    assert pairs_of(scan(), old)["SLTHICK"] == "3.0"
    assert "CALINPRESCAN" not in pairs_of(scan(), old)
    assert pairs_of(scan())["SLTHICK"] == "3.00"


def test_unknown_software_is_named() -> None:
    with pytest.raises(UsageError, match=r"MR30\.0"):
        pairs_of(scan(), Target(vendor="ge", field_strength=3.0, software="XA61A"))


PREPARED = {
    "technique": "magnetization_prepared_gradient_echo", "mr_acquisition_type": "3D",
    "repetition_time_preparation": 2300.0, "repetition_time_excitation": 7.4, "inversion_time": 450.0,
    "echo_train_length": 160, "number_of_slices": 160, "slice_thickness": 1.0,
}  # fmt: skip
OLD = Target(vendor="ge", field_strength=3.0, software="DV25.1")


def test_bravo_of_older_software_shows_the_time_between_excitations() -> None:
    found = pairs_of(scan(**PREPARED), OLD)
    assert (found["TR"], found["TI"], found["PSEQ"], found["PLUG"]) == ("7.4", "450", "SPGR", "6")
    protocol = Protocol(name="one", steps=(scan(**PREPARED),))
    lost = [loss.field for loss in build(protocol, OLD, options(protocol)).losses]
    assert "repetition_time_preparation" in lost


def test_mp_rage_holds_the_inversion_cycle_by_its_recovery_time() -> None:
    """2300 ms = 450 ms to the middle of the train + 160 / 2 x 7.4 ms of it + 1258 ms of recovery."""
    found = pairs_of(scan(**PREPARED))
    assert (found["PSEQ"], found["PLUG"], found["TR"], found["TI"]) == ("MP-RAGE", "84", "7.4", "450")
    assert found["RECOVERYTIME"] == "1258"
    assert "repetition_time_preparation" not in losses_of(scan(**PREPARED))


def test_a_cycle_without_room_for_recovery_is_a_loss() -> None:
    step = scan(**{**PREPARED, "repetition_time_preparation": 900.0})
    assert "RECOVERYTIME" not in pairs_of(step)
    assert losses_of(step)["repetition_time_preparation"] == "unsupported"


def test_turbo_spin_echo_shows_the_refocusing_angle() -> None:
    step = scan(flip_angle=90.0, refocusing_flip_angle=142.0)
    assert pairs_of(step)["FLIPANG"] == "142"
    assert losses_of(step)["flip_angle"] == "approximated"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"inversion_time": 2300.0}, "approximated"),
        ({"mr_acquisition_type": "3D", "inversion_time": 1800.0}, "approximated"),
    ],
)
def test_codes_that_are_not_proven_are_a_loss(fields: dict[str, object], kind: str) -> None:
    assert losses_of(scan(**fields))["technique"] == kind


def test_a_double_inversion_is_not_written_as_a_single_one() -> None:
    dir_ = {"mr_acquisition_type": "3D", "inversion_time": 3000.0, "second_inversion_time": 450.0}
    assert pairs_of(scan(**dir_))["PSEQ"] != "Cube"
    (loss,) = found_losses(scan(**dir_), None)
    assert (loss.severity, loss.reason) == ("image", facts.FAMILIES["unknown_3d"].assumed)


def test_the_note_says_what_is_left_to_the_operator() -> None:
    export = template(Protocol(name="p", steps=(scan(echo_times=(11.0, 88.0), fat_suppression="dixon"),)))
    (note,) = (data for name, data in tar_files(export).items() if name.endswith("notes.html"))
    assert b"To be set by hand: echo_times = 11 ms, 88 ms" in b" ".join(note.split())


def test_proven_codes_are_no_loss() -> None:
    assert "technique" not in losses_of(scan())
    assert "technique" not in losses_of(scan(inversion_time=150.0, fat_suppression="stir"))


def test_codes_of_the_site_in_the_spec_replace_the_stand_in() -> None:
    site = {"PSEQ": "SWAN", "PLUG": "99", "IOPT": "FC, EDR, Fast", "COILPLUGS": "Head", "foreign": 1}
    step = scan(technique="susceptibility_weighted", mr_acquisition_type="3D", vendor=site)
    pairs = pairs_of(step)
    assert {key: pairs[key] for key in ("PSEQ", "PLUG", "IOPT", "COILPLUGS")} == {
        key: site[key] for key in ("PSEQ", "PLUG", "IOPT", "COILPLUGS")
    }
    assert losses_of(step)["vendor"] == "unsupported"


def test_series_after_the_injection_say_so() -> None:
    steps = (
        scan(name="before"),
        Contrast(agent="gadobutrol", dose=0.1, minimum_delay=300.0),
        scan(name="after"),
    )
    files = tar_files(template(Protocol(name="p", steps=steps)))
    contrast = {
        name.split("/")[1].split("_")[0]: data for name, data in files.items() if "LxProtocol" in name
    }
    assert b'set CONTRAST "No"' in contrast["before"]
    assert b'set CONTRAST "Yes"' in contrast["after"]
    assert b'set CONTAG "gadobutrol"' in contrast["after"]
    note = next(data for name, data in files.items() if "after" in name and name.endswith("notes.html"))
    assert b"dose = 0.1 mmol/kg; minimum_delay = 300 s" in b" ".join(note.split())


def test_trailing_steps_and_empty_protocols() -> None:
    last = (scan(), Pause(text="Stop"), Reformat(source="scan", plane="coronal"))
    assert len(template(Protocol(name="p", steps=last)).losses) >= 2
    alone = template(Protocol(name="p", steps=(Pause(text="Stop"),)))
    (loss,) = alone.losses
    assert (loss.kind, loss.wanted, loss.severity) == ("unsupported", "pause", "operator")


def test_forbidden_characters_in_the_name_are_a_note() -> None:
    export = template(Protocol(name="MS: brain", steps=(scan(),)))
    assert [note.code for note in export.notes] == ["name-changed"]


def test_markup_in_the_spec_stays_text(tmp_path: Path) -> None:
    text = '<script>alert("x")</script> & more'
    protocol = Protocol(name=text, steps=(Pause(text=text), scan(name=text, instruction=text)))
    read = DIALECT.read(write_export(template(protocol), tmp_path)).protocols[0]
    assert read.steps[0] == Pause(text=text)
    assert read.acquisitions[0].instruction == text


def test_source_date_epoch_dates_the_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert all("_20231114221320" in name for name in tar_files(template(sink())))


EPI = {"technique": "echo_planar_diffusion", "b_values": (0.0, 1000.0), "diffusion_directions": 3}


@pytest.mark.parametrize("name", OFF)
def test_what_is_off_without_a_key_is_no_loss(name: str) -> None:
    old = Target(vendor="ge", field_strength=3.0, software="DV25.1")
    protocol = Protocol(name="one", region="brain", steps=(scan(**{name: OFF[name]}),))
    assert name not in [loss.field for loss in build(protocol, old, options(protocol)).losses]


def test_a_partial_that_cannot_be_switched_off_is_a_loss() -> None:
    for fields in (EPI, {"technique": "single_shot_turbo_spin_echo"}):
        assert losses_of(scan(**fields, partial_fourier_phase=1.0))["partial_fourier_phase"] == "unsupported"
    assert "concatenations" not in losses_of(scan(concatenations=2))  # the console makes them
    assert losses_of(scan(elliptical_scanning=True))["elliptical_scanning"] == "unsupported"


def test_epi_counts_its_phase_points_over_the_field_that_is_left() -> None:
    field = {"field_of_view": (200.0, 100.0), "acquisition_matrix": (100, 50), "voxel_size": (2.0, 2.0, 3.0)}
    assert pairs_of(scan(**field))["MATRIXY"] == "100"
    (loss,) = [
        one
        for one in template(Protocol(name="one", steps=(scan(**field),))).losses
        if one.field == "acquisition_matrix"
    ]
    assert (loss.got, loss.severity) == ((100, 100), "derived")
    assert pairs_of(scan(**EPI, **field))["MATRIXY"] == "50"
    assert not {"acquisition_matrix", "voxel_size", "field_of_view"} & set(losses_of(scan(**EPI, **field)))


def test_old_software_gets_no_key_that_it_does_not_have() -> None:
    old = Target(vendor="ge", field_strength=3.0, software="DV25.1")
    volume = scan(mr_acquisition_type="3D", phase_oversampling=0.5, slice_oversampling=0.2)
    assert not {"NPW_FACTOR", "NSW_FACTOR", "MATRIXZ"} & set(pairs_of(volume, old))
    assert "NPW" in pairs_of(volume, old)["IOPT"]
    assert pairs_of(volume)["NPW_FACTOR"] == "1.50"


@pytest.mark.parametrize(
    ("wanted", "option", "axis"),
    [
        ("none", False, None),
        ("yes", True, None),
        ("readout", True, "Freq"),
        ("slice", True, "Slice"),
        ("all", True, None),
    ],
)
def test_flow_compensation_is_an_option_and_the_axis_beside_it(
    wanted: str, option: bool, axis: str | None
) -> None:
    scan = Acquisition.model_validate({"name": "T2", "flow_compensation": wanted})
    draft = writer.encode(scan, facts.FAMILIES["merge"], "MR30.0")  # which has the option of its own
    assert ("FC" in draft.values["IOPT"].split(", "), draft.values.get("FLDIR")) == (option, axis)
    assert "FLDIR" in draft.removed, "a donor's axis does not outlive the option"


# --- names, ids, summaries and defaults, one by one -------------------------------------------------------


def test_software_versions_are_those_of_the_format_note() -> None:
    versions = {
        None: "MR30.0",
        "MR30.1_R01": "MR30.0",
        "mr29": "MR29.0",
        "DV25.1": "DV25.1",
        "DV25.0_R02": "DV25.1",
    }
    found = {
        name: writer.software_of(Target(vendor="ge", field_strength=3.0, software=name)) for name in versions
    }
    assert found == versions


def test_names_are_cleaned_as_consoles_do() -> None:
    assert writer.folder_name("Sag T2 (1/2) & _-+.ä") == "SagT212_-+"
    assert (writer.folder_name("x" * 70), writer.folder_name("&")) == ("x" * 64, "unnamed")
    assert writer.session_name('a*b?c/d{e:f@g[h"i]j\\k') == "a-b-c-d-e-f-g-h-i-j-k"
    assert writer.name_notes(Protocol(name="plain")) == []
    assert [writer.milliseconds(seconds) for seconds in (61.0, 61.4, 61.5, 0.49)] == [61000, 61000, 62000, 0]


def test_directories_and_ids_are_derived_from_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a date in the environment the stamp lies in the years 2000 to 2019."""
    protocol = Protocol(name="MS brain", region="brain")
    seed = int.from_bytes(
        hashlib.sha256(protocol.model_dump_json(exclude_defaults=True).encode()).digest()[:8], "big"
    )
    for epoch, second, part in (
        ("", 946_684_800 + seed % 631_152_000, seed % 1000), ("86400", 86400, 0),
    ):  # fmt: skip
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        names = writer.Names(protocol)
        stamp = datetime.fromtimestamp(second, UTC).strftime("%Y%m%d%H%M%S") + str(part)
        assert names.protocol_folder(protocol) == f"adult_head_MSbrain_{stamp}_1"
        assert names.protocol_folder(protocol, "child", "knee") == f"child_knee_MSbrain_{stamp}_1"
        assert [names.series_folder("T 2") for _ in "ab"] == [f"T2_{stamp}_1", f"T2_{stamp}_2"]
        assert names.mtime == (86400 if epoch else 0)
        first, other = names.data_id(), names.data_id()
        number = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        assert first == f"data.{number // 2**39}.{second * 1000 + part}"
        number = (number * 6364136223846793005 + 1442695040888963407) % 2**64
        assert other == f"data.{number // 2**39}.{second * 1000 + part}"
    assert "_other_" in writer.Names(protocol).protocol_folder(Protocol(name="x", region="knee"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert writer.epoch() is None


def test_the_summary_of_a_series() -> None:
    """The field of view is in mm there; the rest repeats the keys."""
    pairs = {
        "MATRIXX": "320", "MATRIXY": "256", "PHASEFOV": "0.80", "SLTHICK": "3.00", "SPC": "0.3",
        "IMODE": "2D",
        "PLANE": "AXIAL", "CONTRAST": "No", "MULTIBVALUE": "800.0;", "FOV": "24.5", "NECHO": "2",
        "IOPT": "EDR, Calib",
    }  # fmt: skip
    never = ("DATA_PHASES", "DATA_MPHIMAGES", "DATA_MGROUP", "DATA_PURE", "DATA_SCIC", "DATA_OTREG")
    assert writer.image_attributes(pairs, "SPGR", "brain") == {
        "DATA_NUMPIXELX": "320", "DATA_NUMPIXELY": "256", "DATA_PHFOV": "0.80", "DATA_SLTHICK": "3.00",
        "DATA_SPACING": "0.3", "DATA_MODE": "2D", "DATA_PLANE": "AXIAL", "DATA_CONTRAST": "No",
        "DATA_BVALUE": "800.0;", "DATA_FOV": "245", "DATA_APP": "SPGR", "DATA_MECHO": "true",
        "DATA_CALIB": "true", **dict.fromkeys(never, "false"), "DATA_ANATOMY": "Brain",
    }  # fmt: skip
    bare = writer.image_attributes({"IOPT": "None"}, "Cube", None)
    assert bare == {
        "DATA_APP": "Cube", "DATA_MECHO": "false", "DATA_CALIB": "false", **dict.fromkeys(never, "false"),
        "DATA_ANATOMY": "Other",
    }  # fmt: skip
    for echoes in ("1", ""):
        assert writer.image_attributes({"IOPT": "", "NECHO": echoes}, "x", None)["DATA_MECHO"] == "false"


def test_what_a_silent_spec_is_written_with() -> None:
    """Keys that every file holds; what is invented is a loss under its field."""
    bare = Acquisition(name="bare", technique="echo_planar_diffusion", b_values=(0.0, 800.0))
    pairs = pairs_of(bare)
    expected = {
        "PLANE": "AXIAL", "FOV": "24.0", "SLTHICK": "5.00", "SWAPPF": "Unswap", "DFAX": "7",
        "DIFNUMDIRS": "3",
        "CONTRAST": "No", "ANATOMY": "SRT%5CNone%5CT-A0100", "NUMSHOTS": "1", "IMODE": "2D",
    }  # fmt: skip
    assert {key: pairs[key] for key in expected} == expected
    invented = {"plane", "field_of_view", "slice_thickness", "diffusion_scheme", "diffusion_directions"}
    losses = template(Protocol(name="one", steps=(bare,))).losses
    found = {loss.field: loss for loss in losses if "every GE series holds" in loss.reason}
    assert set(found) == invented
    assert {loss.kind for loss in found.values()} == {"approximated"}
    assert (found["plane"].got, found["field_of_view"].got) == ("AXIAL", "24.0")
    plain = pairs_of(scan(technique="gradient_echo"))
    assert not {"DFAX", "DIFNUMDIRS"} & set(plain)


def test_keys_of_a_ge_file_in_the_spec_are_handed_on() -> None:
    """But places of slices, where the spec places them, and what no line of a file can hold."""
    own = {"FILTCHOICE": "B", "SLOC2": "L5.0", "GRIP_NUMSLGROUPS": "1", "GRIP_SLGROUP1": "1", "NOTES": "x",
    "TR": "9.0",
           "HOS": 'a"b', "TAG_TYPE": "ä", "FLDIR": "a\nb", "REOPT": 5}  # fmt: skip
    planned = pairs_of(scan(vendor=own, number_of_slices=3, repetition_time=500.0))
    assert (planned["FILTCHOICE"], planned["TR"], planned["GRIP_NUMSLGROUPS"]) == ("B", "500.0", "0")
    assert not {"SLOC2", "GRIP_SLGROUP1", "NOTES"} & set(planned)
    assert (planned["HOS"], planned["TAG_TYPE"], planned["REOPT"]) == ("0", "None", "1")
    unplanned = pairs_of(scan(vendor=own))
    assert (unplanned["SLOC2"], unplanned["GRIP_SLGROUP1"], unplanned["GRIP_NUMSLGROUPS"]) == (
        "L5.0",
        "1",
        "1",
    )


def test_how_the_patient_lies_is_one_for_the_session() -> None:
    steps = (scan(name="a"), scan(name="b", patient_position="FFP"), scan(name="c", patient_position="HFS"))
    assert writer.entry(Protocol(name="p", steps=steps)) == ("Feet First", "Prone")
    assert writer.entry(Protocol(name="p", steps=steps[:1])) == ("Head First", "Supine")


def test_the_session_of_a_protocol() -> None:
    target = Target(vendor="ge", field_strength=1.5, model="SIGNA Artist", software="DV25")
    protocol = Protocol(name="Knee: 1", region="knee", steps=(scan(name="T2", body_part="knee"),))
    made = build(protocol, target, options(protocol))
    (text,) = (data for name, data in tar_files(made).items() if name.endswith("session.xml"))
    found = session.read(text, "x")
    assert found.name == "Knee- 1"
    assert found.scanner == {
        "fieldstrength": "15000", "gradcoil": "11", "MR_VERSION": "DV25.1#0", "entry": "Head First",
        "position": "Supine", "tabentry": "None", "autostart": "0",
    }  # fmt: skip
    meta = {name: found.meta[name] for name in ("carearea", "humanoid", "anatomy", "library")}
    assert meta == {"carearea": "other", "humanoid": "adult", "anatomy": "other", "library": "Site"}
    assert found.meta["description"].startswith(writer.FACE)
    assert [(task.name, task.scan_time) for task in found.tasks] == [("T2", 100.0)]
    assert b"RXRFDRIVEMODE=0;RXPSEQ=FSE-XL;" in text
    report = next(name for name in made.files if name != ".rawProtocol/Protocol0.tar")
    assert (len(made.files), report[:20], report[-5:]) == (2, "GE_ProtocolExchange/", ".html")
    page = made.files[report]
    assert b"1:40" in page and b"Knee: 1" in page
    assert made.origins == (0,)
    unknown = Protocol(name="p", steps=(Pause(text="a"), scan(technique="mp2rage"), Pause(text="b")))
    assert template(unknown).origins == (0, None, 2)
