"""Rules of meaning and their doubts."""

from __future__ import annotations

import pytest

from generator.model.tree import Acquisition
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields import read_fields, times


def with_members(raw: dict[str, str]) -> tuple[dict[str, object], list[str]]:
    base = {"ulVersion": "66110001", "tSequenceFileName": '"%SiemensSeq%\\gre"', "sKSpace.ucDimension": "2"}
    found, protocol = read_fields(Ascconv(base | raw, waves=any("Wave" in key for key in raw)))
    return found, [what for _, what, _ in protocol.doubts]


BANDWIDTH = {"sKSpace.lBaseResolution": "256", "sRXSPEC.alDwellTime[0]": "7500"}


@pytest.mark.parametrize(
    "members",
    [
        {"tSequenceFileName": '"%CustomerSeq%\\something_new"'},
        {"sPat.ucPATMode": "64"},
        {"sPat.ucPATMode": "1024"},
        {"sKSpace.ucUndersamplingPattern": "4"},
        {"sKSpace.ucWaveEncoding": "0x1"},
        {"sKSpace.ucTrajectory": "2"},
    ],
)
def test_where_the_rule_is_not_known_to_hold_there_is_no_bandwidth(members: dict[str, str]) -> None:
    assert with_members(BANDWIDTH)[0]["pixel_bandwidth"] == pytest.approx(260.417)
    fields, doubts = with_members(BANDWIDTH | members)
    assert fields["pixel_bandwidth"] is None
    assert "pixel_bandwidth" in doubts


def test_compressed_sensing_is_said_to_be_unknown() -> None:
    fields, doubts = with_members({"sPat.ucPATMode": "64", "sPat.lAccelFactPE": "3"})
    assert fields["compressed_sensing_factor"] is None
    assert fields["parallel_reduction_factor_in_plane"] is None
    assert "compressed_sensing_factor" in doubts


def test_an_automatic_partial_fourier_is_no_number() -> None:
    fields, doubts = with_members({"sKSpace.ucPhasePartialFourier": "32"})
    assert fields["partial_fourier_phase"] is None
    assert "partial_fourier_phase" in doubts


@pytest.mark.parametrize(("binary", "value"), [("haste", 0.625), ("gre", None)])
def test_the_half_fourier_code_means_what_the_sequence_prints(binary: str, value: float | None) -> None:
    members = {"tSequenceFileName": f'"%SiemensSeq%\\{binary}"', "sKSpace.ucPhasePartialFourier": "1"}
    assert with_members(members)[0]["partial_fourier_phase"] == value


def test_averages_of_vb_diffusion_are_its_repetitions() -> None:
    members = {"ulVersion": "0x14b44b6", "tSequenceFileName": '"%SiemensSeq%\\ep2d_diff"', "lAverages": "1"}
    assert with_members(members | {"lRepetitions": "3"})[0]["number_of_averages"] == 4
    assert (
        with_members(members | {"lRepetitions": "3", "ulVersion": "51130001"})[0]["number_of_averages"] == 1
    )


def test_the_turbo_factor_of_mprage_is_stale_before_xa60() -> None:
    members = {
        "tSequenceFileName": '"%SiemensSeq%\\tfl"',
        "sFastImaging.lTurboFactor": "16",
        "sKSpace.lPartitions": "176",
        "sKSpace.ucSlicePartialFourier": "8",
        "sPrepPulses.ucInversion": "2",
    }
    assert with_members(members)[0]["echo_train_length"] == 16
    for version in ("0x14b44b6", "51130001", "61120000", "65010000"):
        assert with_members(members | {"ulVersion": version})[0]["echo_train_length"] == 154
    disagreeing = members | {"ulVersion": "65110001", "sFastImaging.lTurboFactor": "120"}
    fields, doubts = with_members(disagreeing)
    assert fields["echo_train_length"] is None
    assert "echo_train_length" in doubts


@pytest.mark.parametrize(
    ("members", "technique"),
    [
        ({}, "gradient_echo"),
        ({"ucSWI": "0x1"}, "susceptibility_weighted"),
        ({"lContrasts": "3"}, "multi_echo_gradient_echo"),
        ({"tSequenceFileName": '"%SiemensSeq%\\tfl"'}, "gradient_echo"),
        (
            {
                "tSequenceFileName": '"%SiemensSeq%\\tfl"',
                "sPrepPulses.ucInversion": "2",
                "lInvContrasts": "2",
            },
            "mp2rage",
        ),
        ({"tSequenceFileName": '"%CustomerSeq%\\cmrr_mbep2d_diff"'}, "echo_planar_diffusion"),
        ({"tSequenceFileName": '"%CustomerSeq%\\new"'}, "other"),
    ],
)
def test_the_technique_follows_from_sequence_and_switches(members: dict[str, str], technique: str) -> None:
    assert with_members(members)[0]["technique"] == technique


@pytest.mark.parametrize(
    ("members", "factor"),
    [
        ({}, None),
        ({"sWipMemBlock.alFree[13]": "4"}, 4),
        ({"sWiPMemBlock.alFree[13]": "0x4"}, 4),
        ({"sWipMemBlock.alFree[13]": "52"}, None),
        ({"sWipMemBlock.alFree[13]": "7"}, None),
        ({"sSliceAcceleration.lMultiBandFactor": "3"}, 3),
    ],
)
def test_the_multiband_factor_of_cmrr_is_private_and_must_divide_the_slices(
    members: dict[str, str], factor: int | None
) -> None:
    cmrr = {"tSequenceFileName": '"%CustomerSeq%\\cmrr_mbep2d_diff"', "sSliceArray.lSize": "60"}
    fields, doubts = with_members(cmrr | members)
    assert fields["multiband_factor"] == factor
    assert ("multiband_factor" in doubts) == (factor != 3)


def test_an_unverified_code_comes_with_a_doubt() -> None:
    fields, doubts = with_members({"sPrepPulses.lFatWaterContrast": "8192"})
    assert fields["fat_suppression"] == "dixon"
    assert "fat_suppression" in doubts
    assert with_members({"sPrepPulses.lFatWaterContrast": "77"})[0]["fat_suppression"] is None


def test_slice_groups_of_different_planes_have_no_one_plane() -> None:
    stem = "sSliceArray.asSlice"
    raw = {
        "sSliceArray.lSize": "2",
        "sGroupArray.lSize": "2",
        "sGroupArray.asGroup[0].nSize": "1",
        "sGroupArray.asGroup[1].nSize": "1",
        "sGroupArray.asGroup[1].dDistFact": "0.5",
        f"{stem}[0].dThickness": "5.0",
        f"{stem}[1].dThickness": "5.0",
        f"{stem}[0].sNormal.dTra": "1.0",
        f"{stem}[1].sNormal.dSag": "1.0",
    }
    fields, doubts = with_members(raw)
    assert (fields["plane"], fields["slice_gap"], fields["number_of_slices"]) == (None, None, 2)
    assert {"plane", "slice_gap"} <= set(doubts)


@pytest.mark.parametrize(
    ("total", "repetitions", "one"),
    [
        (373, 499, 1),
        (228, 299, 1),
        (137, 9, 13),
        (175, 9, 17),
    ],  # BOLD and ASL as an XA11B console stored them
)
def test_the_time_of_one_measurement_is_that_of_a_console(total: int, repetitions: int, one: int) -> None:
    changes = times.scan_times(total, {"lRepetitions": repetitions}, Ascconv({}))
    assert changes["lTotalScanTimeSec"] == total
    assert changes["lScanTimeSec"] == pytest.approx(one, abs=1)


def test_a_time_without_repetitions_keeps_what_the_console_adds() -> None:
    """XA61 stored 284 s in total of which 282 are the measurement; 2 s are added whatever is measured."""
    old = Ascconv({"lTotalScanTimeSec": "284", "lScanTimeSec": "282"})
    assert times.scan_times(100, {}, old) == {"lTotalScanTimeSec": 100, "lScanTimeSec": 98}


def test_all_echoes_have_the_dwell_time_of_the_first() -> None:
    """XA11B prints 252 Hz/Px at base resolution 320 for PD and T2 of one TSE and stores 6200 ns twice."""
    scan = Acquisition(name="pd+t2", technique="turbo_spin_echo", acquisition_matrix=(320, 200),
                       echo_times=(11.0, 88.0), pixel_bandwidth=252.0)  # fmt: skip
    changes = times.write_readout(scan, Ascconv({"tSequenceFileName": '"%SiemensSeq%\\tse"'}))
    assert [changes[f"sRXSPEC.alDwellTime[{i}]"] for i in (0, 1)] == [6200, 6200]


@pytest.mark.parametrize(("version", "averages"), [("0x14b44b6", 4.0), ("51130001", 1.0)])
def test_vb_counts_the_averages_of_diffusion_as_repetitions(version: str, averages: float) -> None:
    """A VB17 console prints Averages 4 where it stores three repetitions and one average."""
    members = {"ulVersion": version, "tSequenceFileName": '"%SiemensSeq%\\ep2d_diff"', "lAverages": "1",
               "lRepetitions": "3"}  # fmt: skip
    assert read_fields(Ascconv(members))[0]["number_of_averages"] == averages
    old = Ascconv(members | {"lRepetitions": "0"})
    changes = times.write_repetition(Acquisition(name="x", number_of_averages=4.0), old)
    assert changes == ({"lRepetitions": 3} if averages == 4.0 else {"lAverages": 4})
