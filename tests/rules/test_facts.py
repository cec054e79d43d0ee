"""What follows from the fields of a scan, worked by hand beside each vector."""

from __future__ import annotations

from typing import Any

import pytest

from generator.rules.facts.physics import signal_to_noise
from generator.rules.facts.table import facts
from generator.rules.facts.view import Facts, Unstated

SLICES = {"number_of_slices": 30, "concatenations": 2}
TRAIN = {"echo_train_length": 10, "echo_spacing": 9.0}
VECTORS: list[tuple[str, dict[str, Any], Any]] = [
    # --- geometry
    ("in_plane_size", {"voxel_size": (0.5, 0.6, 3.0)}, [0.5, 0.6]),
    ("through_plane_size", {"voxel_size": (0.5, 0.6, 3.0)}, 3.0),
    ("anisotropy", {"voxel_size": (1.5, 0.5, 3.0)}, 6.0),
    ("anisotropy", {"voxel_size": (1.5, None, 3.0)}, None),
    ("contrast_family", {"technique": "single_shot_turbo_spin_echo"}, "spin_echo"),
    ("contrast_family", {"technique": "mp2rage"}, "gradient_echo"),
    ("inverted", {"technique": "spin_echo"}, False),
    ("inverted", {"technique": "spin_echo", "inversion_time": 150.0}, True),
    ("fat_suppressed", {"fat_suppression": "none"}, False),
    ("fat_suppressed", {"fat_suppression": "stir"}, True),
    ("slice_spacing", {"slice_thickness": 3.0, "slice_gap": 0.3}, 3.3),
    ("slab_extent", {"number_of_slices": 10, "slice_thickness": 3.0, "slice_gap": 0.5}, 34.5),
    ("slab_extent", {"number_of_slices": 10, "slice_thickness": 3.0}, 30.0),
    ("phase_axis", {"phase_encoding_direction": "PA"}, "AP"),
    ("phase_axis", {"phase_encoding_direction": "RL"}, "LR"),
    ("phase_axis", {"phase_encoding_direction": "HF"}, "FH"),
    ("phase_field_of_view", {"field_of_view": (250.0, 180.0)}, 180.0),
    ("head_foot_extent", {"field_of_view": (250.0, 180.0), "plane": "transverse"}, None),
    ("head_foot_extent",
     {"field_of_view": (250.0, 180.0), "plane": "sagittal", "phase_encoding_direction": "AP"}, 250.0),
    ("head_foot_extent",
     {"field_of_view": (250.0, 180.0), "plane": "coronal", "phase_encoding_direction": "HF"}, 180.0),
    ("head_foot_extent", {"field_of_view": (250.0, 250.0), "plane": "sagittal"}, 250.0),
    ("coil_acceleration", {"parallel_reduction_factor_in_plane": 2.0}, 2.0),
    ("coil_acceleration", {"parallel_reduction_factor_out_of_plane": 1.5}, 1.5),
    ("coil_acceleration",
     {"parallel_reduction_factor_in_plane": 2.0, "parallel_reduction_factor_out_of_plane": 1.5}, 3.0),
    ("coil_acceleration", {}, None),
    ("total_acceleration", {"parallel_reduction_factor_in_plane": 2.0}, 2.0),
    ("total_acceleration", {"parallel_reduction_factor_in_plane": 2.0, "multiband_factor": 3}, 6.0),
    ("total_acceleration",
     {"parallel_reduction_factor_in_plane": 2.0, "multiband_factor": 3, "compressed_sensing_factor": 1.5},
     9.0),
    ("multislice_acceleration", {"multiband_factor": 3}, 3.0),
    ("multislice_acceleration", {"multiband_factor": 3, "parallel_reduction_factor_in_plane": 2.0}, 6.0),
    ("sparse_or_multislice", {"multiband_factor": 1, "compressed_sensing_factor": 1.0}, False),
    ("sparse_or_multislice", {"multiband_factor": 2}, True),
    ("sparse_or_multislice", {"compressed_sensing_factor": 1.2}, True),
    ("object_width", {"phase_encoding_direction": "AP", "region": "brain"}, 200.0),
    ("object_width", {"phase_encoding_direction": "RL", "region": "brain"}, 160.0),
    ("object_width", {"phase_encoding_direction": "HF", "region": "brain"}, None),
    ("object_width", {"phase_encoding_direction": "AP", "region": "spine"}, None),
    ("covered_phase_extent", {"field_of_view": (250.0, 200.0), "phase_oversampling": 0.2}, 240.0),
    # --- times
    ("scan_duration", {"acquisition_duration": 300.0, "estimated_duration": 310.0}, 300.0),
    ("scan_duration", {"estimated_duration": 310.0}, 310.0),
    # The console's 300 s against 200 +- 50: the nearest is 250, 300 / 250.
    ("time_disagreement",
     {"acquisition_duration": 300.0, "estimated_duration": 200.0, "estimate_uncertainty": 50.0}, 1.2),
    ("time_disagreement",
     {"acquisition_duration": 100.0, "estimated_duration": 200.0, "estimate_uncertainty": 50.0}, 1.5),
    ("time_disagreement",
     {"acquisition_duration": 230.0, "estimated_duration": 200.0, "estimate_uncertainty": 50.0}, 1.0),
    ("time_disagreement", {"acquisition_duration": 300.0, "estimated_duration": 200.0}, 1.5),
    ("excitation_interval", {"repetition_time": 2300.0, "repetition_time_excitation": 8.0}, 8.0),
    ("excitation_interval", {"repetition_time": 2300.0}, 2300.0),
    ("inversion_interval", {"repetition_time": 8.0, "repetition_time_preparation": 2300.0}, 2300.0),
    ("inversion_interval", {"repetition_time": 2300.0}, 2300.0),
    ("inversion_interval", {"repetition_time": 50.0}, 50.0),
    ("inversion_interval", {"repetition_time": 49.0}, None),
    ("cycle_time", {"technique": "spin_echo", "repetition_time": 500.0}, 500.0),
    ("cycle_time",
     {"technique": "mp2rage", "repetition_time": 8.0, "repetition_time_preparation": 5000.0,
      "inversion_time": 700.0}, 5000.0),
    ("inversion_times", {"inversion_time": 700.0, "second_inversion_time": 2500.0}, [700.0, 2500.0]),
    ("inversion_times", {"inversion_time": 700.0}, [700.0]),
    ("train_spacing", {"echo_spacing": 7.0, "repetition_time_excitation": 8.0}, 7.0),
    ("train_spacing", {"repetition_time_excitation": 8.0}, 8.0),
    ("train_duration", TRAIN, 90.0),
    ("train_duration", TRAIN | {"echo_train_duration": 95.0}, 95.0),
    ("nominal_train_duration", TRAIN | {"echo_train_duration": 95.0}, 90.0),
    ("reachable_echo_time", TRAIN | {"echo_times": (20.0, 80.0)}, 180.0),
    # 85 / 9 = 9.44 and 18 / 9 = 2.
    ("echo_position_errors", TRAIN | {"echo_times": (18.0, 85.0)}, [0.0, 4 / 9]),
    ("echo_position_errors", TRAIN | {"echo_times": (86.0,)}, [4 / 9]),
    ("echo_times_ascend", {"echo_times": (10.0, 20.0, 20.0)}, False),
    ("echo_times_ascend", {"echo_times": (10.0, 20.0, 30.0)}, True),
    # --- readout and slices
    ("largest_b_value", {"b_values": (0.0, 1000.0, 500.0)}, 1000.0),
    ("readout_duration", {"pixel_bandwidth": 250.0}, 4.0),
    ("readout_duration",
     {"pixel_bandwidth": 250.0, "technique": "echo_planar_diffusion", "number_of_shots": 5}, 0.8),
    ("readout_duration", {"pixel_bandwidth": 250.0, "technique": "spin_echo", "number_of_shots": 5}, 4.0),
    ("shortest_train_duration", TRAIN | {"pixel_bandwidth": 250.0}, 40.0),
    ("spacing_over_readout", TRAIN | {"pixel_bandwidth": 250.0}, 2.25),
    ("slices_per_repetition", SLICES, 15),
    ("slices_per_repetition", SLICES | {"multiband_factor": 2}, 8),
    ("slices_per_repetition", SLICES | {"multiband_factor": 15}, 1),
    # 15 slices of 90 ms and 5 ms; with an echo at 100 ms, of 105 ms.
    ("shortest_multislice_repetition", SLICES | TRAIN, 1425.0),
    ("shortest_multislice_repetition", SLICES | TRAIN | {"echo_times": (100.0,)}, 1575.0),
    # 30 slices of 95 ms are 2850: two packages of 1500 ms, three of 1400, one for two at once.
    ("needed_concatenations", SLICES | TRAIN | {"repetition_time": 1500.0}, 2),
    ("needed_concatenations", SLICES | TRAIN | {"repetition_time": 1400.0}, 3),
    ("needed_concatenations", SLICES | TRAIN | {"repetition_time": 1500.0, "multiband_factor": 2}, 1),
    # 80 ms, 64 / 2 / 2 lines of 0.5 ms and 10 ms: 98 ms, 30 times; 15 times with two slices at once.
    ("shortest_epi_repetition",
     {"number_of_slices": 30, "echo_times": (80.0,), "echo_train_length": 64, "echo_spacing": 0.5,
      "parallel_reduction_factor_in_plane": 2.0}, 2940.0),
    ("shortest_epi_repetition",
     {"number_of_slices": 30, "echo_times": (80.0,), "echo_train_length": 64, "echo_spacing": 0.5,
      "parallel_reduction_factor_in_plane": 2.0, "multiband_factor": 2}, 1470.0),
    # 10 pulses of each of 15 slices in 3 s.
    ("refocusing_pulse_rate", SLICES | TRAIN | {"repetition_time": 3000.0}, 50.0),
    # 0.1 ml/kg of 1 mmol/ml; a dose that is stated beside the volume is the dose.
    ("dose_of_volume", {"volume": 0.1, "concentration": 1.0}, 0.1),
    ("given_dose", {"dose": 0.1}, 0.1),
    ("given_dose", {"volume": 0.2, "concentration": 0.5}, 0.1),
    ("given_dose", {"volume": 0.2, "concentration": 0.5, "dose": 0.15}, 0.15),
    ("fat_frequency_at_3t",
     {"water_fat_shift": 2.0, "pixel_bandwidth": 217.0, "field_strength": 1.5}, 868.0),
    # (267.522e6 x 0.04 T/m x 20.542 ms)^2 x (2/3 x 20.542 + 7) ms = 1000 s/mm2; 2 x (20.542 + 15.5)
    ("shortest_diffusion_echo", {"b_values": (0.0, 1000.0), "gradient_amplitude": 40.0}, 72.085),
    ("shortest_diffusion_echo", {"b_values": (0.0,), "gradient_amplitude": 40.0}, 31.0),
    # T1 of CSF 4300 ms: 4300 x ln(2 / (1 + exp(-9000 / 4300)))
    ("csf_null_time", {"repetition_time": 9000.0}, 2480.5),
    ("inversion_interval", {"technique": "mp2rage", "vendor": "philips", "repetition_time": 2300.0}, None),
    ("inversion_interval", {"technique": "mp2rage", "vendor": "siemens", "repetition_time": 2300.0}, 2300.0),
    ("inversion_interval", {"technique": "mp2rage", "repetition_time": 2300.0}, 2300.0),
    ("inversion_interval", {"technique": "spin_echo", "vendor": "ge", "repetition_time": 9000.0}, 9000.0),
    # arccos(exp(-30 / 850)) at 3 T, arccos(exp(-30 / 650)) at 1.5 T
    ("ernst_angle", {"field_strength": 2.0, "repetition_time": 30.0}, 15.13321),
    ("ernst_angle", {"field_strength": 1.99, "repetition_time": 30.0}, 17.27412),
    ("refocusing_pulse_rate", TRAIN | {"number_of_slices": 30, "repetition_time": 3000.0}, 100.0),
    ("bandwidth_from_receiver", {"receive_bandwidth": 31.25, "acquisition_matrix": (None, 200)}, None),
    ("susceptibility_included", {"order": ["dwi", "swi"]}, True),
    ("susceptibility_included", {"order": ["t2star_2d"]}, True),
    ("susceptibility_included", {"order": ["dwi"]}, False),
    ("gd_decision", {"order": ["dwi", "gd"], "standard_order": ["dwi", "gd"]}, "give"),
    ("gd_decision", {"order": ["dwi", "gd"], "standard_order": ["dwi"]}, "optional"),
    ("gd_decision", {"order": ["dwi"]}, "none"),
    ("parallel_imaging_available", {"receive_channels": 8}, True),
    ("parallel_imaging_available", {"receive_channels": 7}, False),
    ("counted_duration", {"counted_durations": [60.0, 90.0]}, 150.0),
    # 31.25 kHz to both sides over 250 points.
    ("bandwidth_from_receiver", {"receive_bandwidth": 31.25, "acquisition_matrix": (250, 200)}, 250.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "stated", "wanted"), VECTORS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_fact_that_follows(name: str, stated: dict[str, Any], wanted: Any) -> None:
    if wanted is None:
        with pytest.raises(Unstated):
            Facts(stated)[name]
    elif isinstance(wanted, (bool, str)):
        assert Facts(stated)[name] == wanted
    else:
        assert Facts(stated)[name] == pytest.approx(wanted, rel=1e-5)


def test_a_fact_is_described_by_the_first_line_of_its_formula() -> None:
    found = facts()["anisotropy"]
    assert (found.description, found.of) == (
        "Longest edge of the acquired voxel over its shortest", ("voxel_size",),
    )  # fmt: skip
    assert facts()["excitation_interval"].of == ("repetition_time_excitation", "repetition_time")


def test_signal_to_noise_is_field_volume_and_the_root_of_the_reading_time() -> None:
    """200 lines x 2 averages / 2 over 100 Hz: 3 x 6 x 2 ** 0.5; a slab counts its 50 partitions, too."""
    stated: dict[str, Any] = {
        "field_strength": 3.0, "voxel_size": (1.0, 2.0, 3.0), "acquisition_matrix": (256, 200),
        "number_of_averages": 2.0, "parallel_reduction_factor_in_plane": 2.0, "pixel_bandwidth": 100.0,
        "number_of_slices": 50, "mr_acquisition_type": "2D",
    }  # fmt: skip
    assert signal_to_noise(Facts(stated)) == pytest.approx(25.455844)
    assert signal_to_noise(Facts(stated | {"mr_acquisition_type": "3D"})) == pytest.approx(180.0)
    once = {name: value for name, value in stated.items() if name != "number_of_averages"}
    assert signal_to_noise(Facts(once)) == pytest.approx(18.0)
    with pytest.raises(Unstated):
        signal_to_noise(Facts(stated | {"voxel_size": (1.0, None, 3.0)}))
    with pytest.raises(Unstated):
        signal_to_noise(Facts(stated | {"acquisition_matrix": (256, None)}))
