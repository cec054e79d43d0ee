"""Series of our own making with every field that they mean, and scans with every pair that is written.

Worked out by hand from the format note (units: FOV in cm, RBW half the bandwidth in kHz, MATRIXY over the
full field of view but for EPI) and from what the consoles print; a number with a sum behind it shows it.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Reading(NamedTuple):
    """Pairs of a series, the fields they mean, the keys that stay under ``vendor``, the remarks."""

    name: str
    pairs: dict[str, str]
    fields: dict[str, Any]
    left: str
    remarks: tuple[tuple[str, str], ...] = ()


class Writing(NamedTuple):
    """A scan, the pairs it is written as, and the fields and keys that are spoken of beside them."""

    name: str
    software: str
    scan: dict[str, Any]
    pairs: dict[str, str]
    why: str
    doubts: str = ""
    derived: str = ""
    removed: str = ""


# fmt: off
NONE: dict[str, Any] = {"reference_scan": "none", "gating": "none",
         "parallel_reduction_factor_in_plane": 1.0,
     "parallel_reduction_factor_out_of_plane": 1.0, "compressed_sensing_factor": 1, "multiband_factor": 1,
     "number_of_temporal_positions": 1, "flow_compensation": "none", "magnetization_transfer": False,
     "readout": "cartesian", "saturation_bands": 0}
"""What a known sequence without a further option or key does not do."""

READINGS = (
    Reading(
        "fse",
        {"PLANE": "AXIAL", "IMODE": "2D", "PSEQ": "FSE-XL", "IOPT": "NPW, EDR, TRF, Fast, ZIP512, ARC",
         "PLUG": "22", "TE": "90.0", "NECHO": "1", "TR": "4000.0", "INRANGETR": "1", "TRMIN": "3000.0",
         "TRMAX": "6000.0", "ETL": "16", "FLIPANG": "142", "FOV": "24.0", "PHASEFOV": "0.75",
         "SLTHICK": "3.00", "SPC": "0.3", "NOSLC": "40", "MATRIXX": "320", "MATRIXY": "256",
         "SWAPPF": "A/P", "NEX": "0.75", "RBW": "31.25", "PHASEACCEL": "2.00", "SLICEACCEL": "1.00",
         "NPW_FACTOR": "1.50", "SUPPTQ": "4", "SATLOCZ1": "9990", "SATTHICKZ1": "40.0", "SATLOCX2": "L40.0",
         "COILPLUGS": "Head32;Neck16", "SLICEORDER": "1", "ANATOMY": "SRT%5CNone%5CT-11503",
         "BREATHHOLD": "Inspiration", "DLRECONCHOICES": "Medium", "THREEDGW": "1", "AUTOSCIC": "2",
         "SLPERLOC": "1"},
        {**NONE, "technique": "turbo_spin_echo", "reference_scan": "integrated",
         "parallel_reduction_factor_in_plane": 2.0, "mr_acquisition_type": "2D", "breath_hold": True,
         "deep_learning_reconstruction": "AIR Recon DL Medium", "body_part": "lspine",
         "distortion_correction": "3D", "intensity_normalization": True, "slice_thickness": 3.0,
         "repetition_time": 4000.0, "flip_angle": 142.0, "echo_train_length": 16, "plane": "transverse",
         "phase_encoding_direction": "LR", "echo_times": (90.0,), "refocusing_flip_angle": 142.0,
         "field_of_view": (240.0, 180.0), "acquisition_matrix": (320, 256),
         "voxel_size": (240 / 320, 240 / 256, 3.0), "pixel_bandwidth": 2000 * 31.25 / 320,
         "slice_gap": 0.3, "number_of_slices": 40,
         "slice_order": "interleaved", "interpolation": 1.6, "number_of_averages": 1.0,
         "partial_fourier_phase": 0.75, "phase_oversampling": 0.5, "fat_suppression": "fat_saturation",
         "saturation_bands": 2, "saturation_band_positions": ("superior", "left"),
         "receive_coils": ("Head32", "Neck16")},
        "PSEQ IOPT PLUG NECHO INRANGETR TRMIN TRMAX SUPPTQ SATLOCZ1 SATTHICKZ1 SATLOCX2 COILPLUGS "
        "SLICEORDER",
        (("automatic", "repetition_time"), ("fractional-nex", "partial_fourier_phase"),),
    ),
    Reading(
        "stir",
        {"PLANE": "SAGITTAL", "IMODE": "2D", "PSEQ": "FSE-XL", "IOPT": "FC, EDR, TRF, Fast, IrP",
         "FLDIR": "Freq", "PLUG": "22", "TE": "50.0", "TR": "5000.0", "TI": "145", "AUTOTI": "1",
         "FLIPANG": "111", "FOV": "28.0", "SLTHICK": "3.00", "SPC": "Intleave", "NOSLC": "15",
         "MATRIXX": "384", "MATRIXY": "224", "SWAPPF": "S/I", "NEX": "2.00", "RBW": "62.50"},
        {**NONE, "technique": "turbo_spin_echo", "mr_acquisition_type": "2D",
         "flow_compensation": "readout", "slice_thickness": 3.0, "repetition_time": 5000.0,
         "flip_angle": 111.0, "plane": "sagittal", "phase_encoding_direction": "AP",
         "repetition_time_preparation": 5000.0, "echo_times": (50.0,), "inversion_time": 145.0,
         "refocusing_flip_angle": 111.0, "field_of_view": (280.0, None), "acquisition_matrix": (384, 224),
         "voxel_size": (280 / 384, 1.25, 3.0), "pixel_bandwidth": 2000 * 62.5 / 384, "concatenations": 2,
         "number_of_slices": 15, "number_of_averages": 2.0, "partial_fourier_phase": 1.0,
         "fat_suppression": "stir"},
        "PSEQ IOPT FLDIR PLUG AUTOTI SPC",
        (("automatic", "inversion_time"), ("interleaved", "slice_gap"),),
    ),
    Reading(
        "flair3d",
        {"PLANE": "CORONAL", "IMODE": "3D", "PSEQ": "Cube", "IOPT": "EDR, Fast, FR, HS, ARC, IrP",
         "PLUG": "53", "TE": "102.0", "TR": "6000.0", "TI": "1800", "ETL": "200", "FOV": "25.6",
         "PHASEFOV": "0.90", "SLTHICK": "1.00", "NOSLC": "2", "SLABLOC": "100", "OVLPLOC": "4",
         "MATRIXX": "256", "MATRIXY": "250", "MATRIXZ": "50.00", "SWAPPF": "S/I", "NEX": "1.00",
         "RBW": "62.50", "PHASEACCEL": "2.00", "SLICEACCEL": "1.50", "CSACCEL": "1.20",
         "NPW_FACTOR": "1.25", "NSW_FACTOR": "1.20", "SLOC1": "P48.0", "ELOC1": "A48.0"},
        {**NONE, "technique": "turbo_spin_echo", "reference_scan": "integrated",
         "parallel_reduction_factor_in_plane": 2.0, "parallel_reduction_factor_out_of_plane": 1.5,
         "compressed_sensing_factor": 1.2, "mr_acquisition_type": "3D", "slice_thickness": 1.0,
         "repetition_time": 6000.0, "echo_train_length": 200, "plane": "coronal",
         "phase_encoding_direction": "LR", "repetition_time_preparation": 6000.0, "echo_times": (102.0,),
         "inversion_time": 1800.0, "field_of_view": (256.0, 230.4), "acquisition_matrix": (256, 250),
         "voxel_size": (1.0, 1.024, 2.0), "pixel_bandwidth": 2000 * 62.5 / 256, "number_of_slabs": 2,
         "slab_overlap": 0.04, "number_of_slices": 194, "slab_thickness": 200.0, "number_of_averages": 1.0,
         "partial_fourier_phase": 1.0, "phase_oversampling": 0.25, "slice_oversampling": 0.2,
         "fat_suppression": "none"},
        "PSEQ IOPT PLUG NOSLC SLABLOC OVLPLOC MATRIXZ SLOC1 ELOC1",
        (("slab-locations", "number_of_slices"),),
    ),
    Reading(
        "mprage",
        {"PLANE": "SAGITTAL", "IMODE": "3D", "PSEQ": "MP-RAGE", "IOPT": "EDR, Fast, ARC, IrP", "PLUG": "84",
         "TE": "Min Full", "TR": "7.4", "TI": "1000", "RECOVERYTIME": "900", "FLIPANG": "8", "FOV": "25.6",
         "SLTHICK": "1.00", "NOSLC": "1", "SLABLOC": "176", "MATRIXX": "256", "MATRIXY": "256",
         "SWAPPF": "S/I", "NEX": "1.00", "RBW": "27.78", "PHASEACCEL": "2.00", "SLICEACCEL": "2.00",
         "NSW_FACTOR": "1.10"},
        {**NONE, "technique": "magnetization_prepared_gradient_echo", "reference_scan": "integrated",
         "parallel_reduction_factor_in_plane": 2.0, "parallel_reduction_factor_out_of_plane": 2.0,
         "mr_acquisition_type": "3D", "slice_thickness": 1.0, "repetition_time": 7.4, "flip_angle": 8.0,
         "plane": "sagittal", "phase_encoding_direction": "AP", "repetition_time_excitation": 7.4,
         "repetition_time_preparation": 1000 + 900 + 176 * 1.1 / 2 * 7.4 / 2, "inversion_time": 1000.0,
         "field_of_view": (256.0, None),
         "acquisition_matrix": (256, 256), "voxel_size": (1.0, 1.0, 1.0),
         "pixel_bandwidth": 2000 * 27.78 / 256,
         "number_of_slabs": 1, "slab_thickness": 176.0, "number_of_averages": 1.0,
         "partial_fourier_phase": 1.0, "slice_oversampling": 0.1, "fat_suppression": "none"},
        "PSEQ IOPT PLUG TE NOSLC SLABLOC",
        (("assumed", "repetition_time_preparation"), ("chosen-by-scanner", "echo_times"), ("slab-locations",
          "number_of_slices"),),
    ),
    Reading(
        "dwi",
        {"PLANE": "AXIAL", "IMODE": "2D", "PSEQ": "Spin Echo", "IOPT": "EDR, EPI, DIFF, Asset, HB",
         "PLUG": "8", "TE": "Minimum", "TR": "8000.0", "NUMSHOTS": "1", "FOV": "22.0", "PHASEFOV": "0.50",
         "SLTHICK": "4.00", "SPC": "0.0", "NOSLC": "34", "MATRIXX": "110", "MATRIXY": "55", "SWAPPF": "R/L",
         "PHASEACCEL": "2.00", "MBACCEL": "3", "MULTIBVALUE": "1000.0;500.0;", "NUMBVALUE": "2",
         "MULTINEXVALUE": "3.0;2.0;", "DIFNUMT2": "1", "NEXFORT2": "1.00", "DFAX": "16",
         "DIFNUMDIRS": "12"},
        {**NONE, "technique": "echo_planar_diffusion", "reference_scan": "separate",
         "parallel_reduction_factor_in_plane": 2.0, "multiband_factor": 3, "mr_acquisition_type": "2D",
         "slice_thickness": 4.0, "repetition_time": 8000.0, "number_of_shots": 1, "plane": "transverse",
         "phase_encoding_direction": "AP", "field_of_view": (220.0, 110.0), "acquisition_matrix": (110, 55),
         "voxel_size": (2.0, 2.0, 4.0), "slice_gap": 0.0, "number_of_slices": 34, "b_values": (0.0, 1000.0,
         500.0), "b_value_averages": (1, 3, 2), "diffusion_scheme": "vendor", "diffusion_directions": 12},
        "PSEQ IOPT PLUG TE NUMBVALUE NEXFORT2 DFAX",
        (("chosen-by-scanner", "echo_times"), ("not-stated", "fat_suppression"),),
    ),
    Reading(
        "loc",
        {"PLANE": "3-PLANE", "IMODE": "2D", "PSEQ": "Gradient Echo", "IOPT": "Seq, Fast", "PLUG": "45",
         "TE": "1.6", "TR": "5.0", "FLIPANG": "30", "FOV": "30.0", "SLTHICK": "8.00", "SPC": "2.0",
         "NOSLC": "1", "SL3PLANE1": "3", "SL3PLANE2": "4", "SL3PLANE3": "5", "MATRIXX": "256",
         "MATRIXY": "128", "SWAPPF": "Unswap", "NEX": "1.00", "RBW": "31.25"},
        {**NONE, "technique": "gradient_echo", "mr_acquisition_type": "2D", "slice_thickness": 8.0,
         "repetition_time": 5.0, "flip_angle": 30.0, "role": "localizer", "echo_times": (1.6,),
         "field_of_view": (300.0, None), "acquisition_matrix": (256, 128), "voxel_size": (1.171875, 2.34375,
         8.0), "pixel_bandwidth": 244.140625, "slice_gap": 2.0, "number_of_slices": 12,
         "number_of_averages": 1.0, "partial_fourier_phase": 1.0, "fat_suppression": "none"},
        "PLANE PSEQ IOPT PLUG NOSLC SL3PLANE1 SL3PLANE2 SL3PLANE3 SWAPPF",
    ),
    Reading(
        "gated",
        {"PLANE": "AXIAL", "IMODE": "2D", "PSEQ": "Fiesta", "IOPT": "Gat, Seq, Fast", "PLUG": "21",
         "TE": "1.6", "TR": "3.8", "FLIPANG": "55", "FOV": "36.0", "PHASEFOV": "1.00", "SLTHICK": "8.00",
         "SPC": "0.0", "NOSLC": "1", "MATRIXX": "200", "MATRIXY": "200", "SWAPPF": "A/P", "NEX": "1.00",
         "RBW": "125.00", "REPTIME": "2", "CPHASE": "20", "GRADMODE": "WHOLE", "COIL": "HNS Head"},
        {**{name: value for name, value in NONE.items() if name != "number_of_temporal_positions"},
         "technique": "balanced_ssfp", "gating": "cardiac", "mr_acquisition_type": "2D",
         "slice_thickness": 8.0, "repetition_time": 3.8, "flip_angle": 55.0, "plane": "transverse",
         "phase_encoding_direction": "LR", "echo_times": (1.6,), "field_of_view": (360.0, 360.0),
         "acquisition_matrix": (200, 200), "voxel_size": (1.8, 1.8, 8.0), "pixel_bandwidth": 1250.0,
         "slice_gap": 0.0, "number_of_slices": 1, "number_of_averages": 1.0, "partial_fourier_phase": 1.0,
         "fat_suppression": "none", "rr_intervals": 2, "gradient_mode": "WHOLE",
         "receive_coils": ("HNS Head",)},
        "PSEQ IOPT PLUG CPHASE GRADMODE COIL",
    ),
    Reading(
        "scan locs",
        {"PLANE": "AXIAL", "IMODE": "3D", "PSEQ": "SPGR", "IOPT": "EDR, MgT", "PLUG": "0", "TE": "4.0",
         "TR": "35.0", "FLIPANG": "5", "FOV": "25.6", "SLTHICK": "3.0", "NOSLC": "1", "SCANLOCS": "28",
         "SLOC1": "I40.5", "ELOC1": "S40.5", "MATRIXX": "192", "MATRIXY": "192", "SWAPPF": "R/L",
         "NEX": "1.00", "RBW": "15.63", "SUPPTQ": "8", "PSDNAME": "ozteo"},
        {"technique": "gradient_echo", "reference_scan": None, "gating": None, "mr_acquisition_type": "3D",
         "magnetization_transfer": True, "slice_thickness": 3.0, "repetition_time": 35.0, "flip_angle": 5.0,
         "readout": "radial", "plane": "transverse", "phase_encoding_direction": "AP", "echo_times": (4.0,),
         "field_of_view": (256.0, None), "acquisition_matrix": (192, 192), "voxel_size": (256 / 192,
         256 / 192, 3.0), "pixel_bandwidth": 2000 * 15.63 / 192, "number_of_slabs": 1,
         "number_of_slices": 28,
         "number_of_averages": 1.0, "fat_suppression": "spir", "saturation_bands": 0},
        "PSEQ IOPT PLUG NOSLC SCANLOCS SLOC1 ELOC1 SUPPTQ PSDNAME",
        (("assumed", "fat_suppression"), ("inferred-sequence", "technique"),),
    ),
    Reading(
        "foreign",
        {"PLANE": "OBLIQUE", "IMODE": "2D", "PSEQ": "Cube T2 FLAIR", "IOPT": "Fast, Nav, Star",
         "TE": "soon", "TR": "", "TI": "24", "SLTHICK": "2.00", "SPC": "2.0", "NOSLC": "21",
         "SLOC1": "L0.0", "ELOC1": "0.0", "SLOC3": "I40.0", "ELOC3": "S40.0", "NECHO": "3", "IDEAL": "3",
         "SUPPTQ": "77"},
        {"technique": "turbo_spin_echo", "reference_scan": None, "gating": "respiratory",
         "readout": "radial", "mr_acquisition_type": "2D", "slice_thickness": 2.0, "plane": "transverse",
         "oblique_angles": (0.0, 0.0), "slice_gap": 2.0, "number_of_slices": 21, "saturation_bands": 0},
        "PSEQ IOPT TE TR TI SLOC1 ELOC1 SLOC3 ELOC3 NECHO IDEAL SUPPTQ PLANE",
        (("blank", "repetition_time"), ("implausible", "echo_times"), ("first-echo-only", "echo_times"),
          ("kept-verbatim", "inversion_time"), ("kept-verbatim", "fat_suppression"), ("inferred",
          "technique"),),
    ),
)

WRITINGS = (
    Writing(
        "t2 tse", "MR30.0",
        {"technique": "turbo_spin_echo", "mr_acquisition_type": "2D", "plane": "transverse",
         "phase_encoding_direction": "RL", "repetition_time": 4000, "echo_times": (90,),
         "echo_train_length": 16, "flip_angle": 90, "refocusing_flip_angle": 142, "field_of_view": (240,
         180), "acquisition_matrix": (320, 192), "voxel_size": (0.75, 0.9375, 3), "slice_thickness": 3,
         "slice_gap": 0.4, "number_of_slices": 40, "number_of_averages": 2, "partial_fourier_phase": 0.75,
         "pixel_bandwidth": 200, "parallel_reduction_factor_in_plane": 2,
         "parallel_reduction_factor_out_of_plane": 1.5, "phase_oversampling": 0.5,
         "slice_oversampling": 0.2, "fat_suppression": "fat_saturation", "flow_compensation": "slice",
         "magnetization_transfer": False, "breath_hold": True,
         "deep_learning_reconstruction": "AIR Recon DL High", "body_part": "knee",
         "distortion_correction": "3D", "intensity_normalization": True, "gating": "none",
         "number_of_temporal_positions": 1, "compressed_sensing_factor": 1, "multiband_factor": 1,
         "number_of_shots": 1},
        {"PSEQ": "FSE-XL", "IMODE": "2D", "PLUG": "22", "FLDIR": "Slice", "BREATHHOLD": "Expiration",
         "DLRECONCHOICES": "High", "ANATOMY": "SRT%5CNone%5CT-D9200", "THREEDGW": "1", "AUTOSCIC": "1",
         "PLANE": "AXIAL", "SWAPPF": "A/P", "TR": "4000.0", "INRANGETR": "0", "TE": "90.0", "NECHO": "1",
         "FLIPANG": "142", "ETL": "16", "FOV": "24.0", "PHASEFOV": "0.75", "MATRIXX": "320",
         "MATRIXY": "256", "SLTHICK": "3.00", "SPC": "0.4", "NOSLC": "40", "SLOC1": "I66.3",
         "ELOC1": "S66.3", "ELOC2": "0.0", "ELOC3": "0.0", "FOVCNT1": "0.0", "FOVCNT2": "0.0",
         "NEX": "2.00", "RBW": "31.25", "PHASEACCEL": "2.00", "NPW_FACTOR": "1.50", "SUPPTQ": "4",
         "IOPT": "FC, EDR, TRF, Fast, ARC"},
        "acquisition_matrix b_values diffusion_directions flip_angle flow_compensation number_of_shots "
        "parallel_reduction_factor_out_of_plane partial_fourier_phase phase_encoding_direction "
        "pixel_bandwidth repetition_time_excitation repetition_time_preparation",
        "",
        "acquisition_matrix",
        "AUTOFLIPANG:FLIPANG CSACCEL FLDIR MBACCEL PHASEASSET SLICEASSET SLPERLOC",
    ),
    Writing(
        "old stir", "DV25.1",
        {"technique": "turbo_spin_echo", "plane": "sagittal", "phase_encoding_direction": "FH",
         "repetition_time_preparation": 5000, "echo_times": (50, 100), "inversion_time": 145,
         "refocusing_flip_angle": 111, "field_of_view": (280, 280), "acquisition_matrix": (384, 224),
         "slice_thickness": 3.5, "slice_gap": 0, "number_of_slices": 15, "number_of_averages": 1,
         "partial_fourier_phase": 0.5, "pixel_bandwidth": 325, "phase_oversampling": 1.0,
         "fat_suppression": "stir", "parallel_reduction_factor_in_plane": 1,
         "parallel_reduction_factor_out_of_plane": 1},
        {"PSEQ": "FSE-XL", "IMODE": "2D", "PLUG": "22", "PLANE": "SAGITTAL", "SWAPPF": "A/P",
         "TR": "5000.0", "INRANGETR": "0", "TE": "50.0", "NECHO": "2", "TI": "145", "FLIPANG": "111",
         "FOV": "28.0", "PHASEFOV": "1.00", "MATRIXX": "384", "MATRIXY": "224", "SLTHICK": "3.5",
         "SPC": "0.0", "NOSLC": "15", "SLOC1": "L24.5", "ELOC1": "R24.5", "ELOC2": "0.0", "ELOC3": "0.0",
         "FOVCNT1": "0.0", "FOVCNT2": "0.0", "NEX": "0.50", "RBW": "62.50",
         "IOPT": "NPW, EDR, TRF, Fast, IrP"},
        "b_values diffusion_directions echo_times fat_suppression flip_angle number_of_shots "
        "phase_oversampling pixel_bandwidth repetition_time_excitation repetition_time_preparation",
        "",
        "",
        "AUTOFLIPANG:FLIPANG AUTOTI PHASEACCEL PHASEASSET SLICEACCEL SLICEASSET SUPPTQ",
    ),
    Writing(
        "flair", "MR30.0",
        {"technique": "turbo_spin_echo", "plane": "coronal", "phase_encoding_direction": "AP",
         "repetition_time": 9000, "inversion_time": 2500, "echo_times": (120,), "flip_angle": 160,
         "voxel_size": (1, 1.25, 4), "acquisition_matrix": (230, 184), "slice_thickness": 4, "slice_gap": 1,
         "number_of_slices": 20, "fat_suppression": "none", "flow_compensation": "all",
         "phase_oversampling": 0},
        {"PSEQ": "FSE-XL", "IMODE": "2D", "PLUG": "22", "PLANE": "CORONAL", "TR": "9000.0",
         "INRANGETR": "0", "TE": "120.0", "NECHO": "1", "TI": "2500", "FLIPANG": "160", "FOV": "23.0",
         "PHASEFOV": "1.00", "MATRIXX": "230", "MATRIXY": "184", "SLTHICK": "4.00", "SPC": "1.0",
         "NOSLC": "20", "SLOC1": "P47.5", "ELOC1": "A47.5", "ELOC2": "0.0", "ELOC3": "0.0",
         "FOVCNT1": "0.0", "FOVCNT2": "0.0", "NPW_FACTOR": "1.00", "IOPT": "FC, EDR, TRF, Fast, IrP"},
        "b_values diffusion_directions flip_angle flow_compensation number_of_shots partial_fourier_phase "
        "phase_encoding_direction repetition_time_excitation repetition_time_preparation",
        "",
        "",
        "AUTOFLIPANG:FLIPANG AUTOTI FLDIR SUPPTQ",
    ),
    Writing(
        "cube", "MR30.0",
        {"technique": "turbo_spin_echo", "mr_acquisition_type": "3D", "plane": "coronal",
         "phase_encoding_direction": "LR", "repetition_time": 6000, "inversion_time": 1800,
         "echo_times": (102,), "echo_train_length": 200, "field_of_view": (256, 230.4), "voxel_size": (1,
         1.024, 2), "slice_thickness": 1, "number_of_slices": 194, "number_of_slabs": 2,
         "slab_thickness": 200, "slab_overlap": 0.04, "number_of_averages": 1,
         "pixel_bandwidth": 2000 * 62.5 / 256,
         "parallel_reduction_factor_in_plane": 2, "parallel_reduction_factor_out_of_plane": 1.5,
         "reference_scan": "integrated", "compressed_sensing_factor": 1.2, "phase_oversampling": 0.25,
         "slice_oversampling": 0.2, "fat_suppression": "spair", "slice_gap": 0},
        {"PSEQ": "Cube", "IMODE": "3D", "PLUG": "53", "PLANE": "CORONAL", "SWAPPF": "S/I", "TR": "6000.0",
         "INRANGETR": "0", "TE": "102.0", "NECHO": "1", "TI": "1800", "ETL": "200", "FOV": "25.6",
         "PHASEFOV": "0.90", "MATRIXX": "256", "MATRIXY": "250", "SLTHICK": "1.00", "MATRIXZ": "50.00",
         "NOSLC": "2", "SLABLOC": "100", "OVLPLOC": "4", "SLOC1": "P48.0", "ELOC1": "A48.0", "ELOC2": "0.0",
         "ELOC3": "0.0", "FOVCNT1": "0.0", "FOVCNT2": "0.0", "NEX": "1.00", "RBW": "62.50",
         "PHASEACCEL": "2.00", "SLICEACCEL": "1.50", "CSACCEL": "1.20", "NPW_FACTOR": "1.25",
         "NSW_FACTOR": "1.20", "SUPPTQ": "8", "IOPT": "EDR, Fast, FR, ARC, HS, IrP"},
        "acquisition_matrix b_values diffusion_directions flip_angle number_of_shots "
        "partial_fourier_phase pixel_bandwidth repetition_time_excitation repetition_time_preparation "
        "slab_overlap slice_gap",
        "fat_suppression number_of_slices",
        "",
        "AUTOTI PHASEASSET SLICEASSET",
    ),
    Writing(
        "old cube", "DV25.1",
        {"technique": "turbo_spin_echo", "mr_acquisition_type": "3D", "plane": "sagittal", "voxel_size": (1,
         1, 2), "field_of_view": (256, None), "slice_thickness": 1, "number_of_slices": 176,
         "phase_oversampling": 0, "slice_oversampling": 0.2, "slab_overlap": 0.1, "fat_suppression": "spir",
         "pixel_bandwidth": 300},
        {"PSEQ": "Cube", "IMODE": "3D", "PLUG": "53", "PLANE": "SAGITTAL", "FOV": "25.6", "MATRIXX": "256",
         "MATRIXY": "256", "SLTHICK": "1.0", "NOSLC": "1", "SLABLOC": "176", "SLOC1": "L87.5",
         "ELOC1": "R87.5", "ELOC2": "0.0", "ELOC3": "0.0", "FOVCNT1": "0.0", "FOVCNT2": "0.0",
         "RBW": "38.46", "SUPPTQ": "8", "IOPT": "EDR, Fast, FR"},
        "b_values diffusion_directions flip_angle number_of_shots partial_fourier_phase "
        "phase_oversampling pixel_bandwidth repetition_time_excitation repetition_time_preparation "
        "slab_overlap slice_gap slice_oversampling voxel_size",
        "fat_suppression number_of_slices",
    ),
    Writing(
        "mprage", "MR30.0",
        {"technique": "magnetization_prepared_gradient_echo", "plane": "sagittal",
         "phase_encoding_direction": "AP", "repetition_time": 2300, "repetition_time_preparation": 2300,
         "repetition_time_excitation": 7.4, "inversion_time": 1000, "echo_train_length": 176,
         "flip_angle": 8, "echo_times": (3.1,), "field_of_view": (256, 256), "voxel_size": (1, 1, 1),
         "slice_thickness": 1, "number_of_slices": 176, "parallel_reduction_factor_in_plane": 2,
         "reference_scan": "separate", "partial_fourier_phase": 0.875},
        {"PSEQ": "MP-RAGE", "IMODE": "3D", "PLUG": "84", "PLANE": "SAGITTAL", "SWAPPF": "S/I", "TR": "7.4",
         "RECOVERYTIME": "649", "TE": "3.1", "NECHO": "1", "TI": "1000", "FLIPANG": "8", "FOV": "25.6",
         "PHASEFOV": "1.00", "MATRIXX": "256", "MATRIXY": "256", "SLTHICK": "1.00", "MATRIXZ": "100.00",
         "NOSLC": "1", "SLABLOC": "176", "SLOC1": "L87.5", "ELOC1": "R87.5", "ELOC2": "0.0", "ELOC3": "0.0",
         "FOVCNT1": "0.0", "FOVCNT2": "0.0", "PHASEACCEL": "2.00", "IOPT": "EDR, Fast, Asset, IrP"},
        "b_values diffusion_directions echo_train_length number_of_shots partial_fourier_phase "
        "refocusing_flip_angle repetition_time repetition_time_preparation slice_gap",
        "number_of_slices",
        "echo_train_length",
        "AUTOFLIPANG:FLIPANG AUTOTI PHASEASSET SLICEASSET",
    ),
    Writing(
        "bravo", "DV25.1",
        {"technique": "magnetization_prepared_gradient_echo", "plane": "sagittal",
         "repetition_time_preparation": 2300, "repetition_time_excitation": 7.4, "inversion_time": 450,
         "echo_train_length": 176},
        {"PSEQ": "SPGR", "IMODE": "3D", "PLUG": "6", "PLANE": "SAGITTAL", "TR": "7.4", "TI": "450",
         "IOPT": "EDR, Fast, IrP"},
        "acquisition_matrix b_values diffusion_directions echo_train_length field_of_view number_of_shots "
        "partial_fourier_phase refocusing_flip_angle repetition_time repetition_time_preparation "
        "slice_gap",
        "",
        "echo_train_length",
        "AUTOTI",
    ),
    Writing(
        "late", "MR30.0",
        {"technique": "magnetization_prepared_gradient_echo", "repetition_time_preparation": 1200,
         "repetition_time_excitation": 10, "inversion_time": 1000, "echo_train_length": 176},
        {"PSEQ": "MP-RAGE", "IMODE": "3D", "PLUG": "84", "TR": "10.0", "TI": "1000",
         "IOPT": "EDR, Fast, IrP"},
        "acquisition_matrix b_values diffusion_directions echo_train_length field_of_view number_of_shots "
        "partial_fourier_phase refocusing_flip_angle repetition_time repetition_time_preparation "
        "slice_gap",
        "",
        "echo_train_length",
        "AUTOTI",
    ),
    Writing(
        "dwi", "MR30.0",
        {"technique": "echo_planar_diffusion", "plane": "transverse", "phase_encoding_direction": "PA",
         "b_values": (0, 1000, 500), "b_value_averages": (1, 3, 2), "diffusion_directions": 3,
         "field_of_view": (220, 110), "acquisition_matrix": (110, 55), "voxel_size": (2, 2, 4),
         "slice_thickness": 4, "number_of_slices": 34, "slice_gap": 0, "repetition_time": 8000,
         "echo_times": (80,), "number_of_shots": 2, "parallel_reduction_factor_in_plane": 2,
         "multiband_factor": 3, "partial_fourier_phase": 0.75, "pixel_bandwidth": 1500,
         "number_of_averages": 2, "fat_suppression": "none", "echo_train_length": 50,
         "number_of_temporal_positions": 1},
        {"PSEQ": "Spin Echo", "IMODE": "2D", "PLUG": "8", "PLANE": "AXIAL", "SWAPPF": "R/L", "TR": "8000.0",
         "INRANGETR": "0", "TE": "80.0", "NECHO": "1", "NUMSHOTS": "2", "FOV": "22.0", "PHASEFOV": "0.50",
         "MATRIXX": "110", "MATRIXY": "55", "SLTHICK": "4.00", "SPC": "0.0", "NOSLC": "34",
         "SLOC1": "I66.0", "ELOC1": "S66.0", "ELOC2": "0.0", "ELOC3": "0.0", "FOVCNT1": "0.0",
         "FOVCNT2": "0.0", "PHASEACCEL": "2.00", "MBACCEL": "3", "DIFNUMT2": "1", "NEXFORT2": "1.00",
         "NUMBVALUE": "2", "MULTIBVALUE": "1000.0;500.0;", "MULTINEXVALUE": "3.0;2.0;", "DFAX": "7",
         "DIFNUMDIRS": "3", "IOPT": "EDR, EPI, DIFF, Asset, HB"},
        "b_values echo_train_length fat_suppression flip_angle number_of_averages "
        "parallel_reduction_factor_out_of_plane partial_fourier_phase phase_encoding_direction "
        "pixel_bandwidth refocusing_flip_angle repetition_time_excitation repetition_time_preparation",
        "multiband_factor",
        "",
        "PHASEASSET SLICEASSET SUPPTQ",
    ),
    Writing(
        "dwi two", "MR30.0",
        {"technique": "echo_planar_diffusion", "b_values": (0, 800), "number_of_averages": 2.4,
         "diffusion_directions": 4, "fat_suppression": "water_excitation", "plane": "transverse",
         "phase_encoding_direction": "FH", "field_of_view": (200, 100), "acquisition_matrix": (100, 50)},
        {"PSEQ": "Spin Echo", "IMODE": "2D", "PLUG": "8", "PLANE": "AXIAL", "FOV": "20.0",
         "PHASEFOV": "0.50", "MATRIXX": "100", "MATRIXY": "50", "DIFNUMT2": "2", "NEXFORT2": "1.00",
         "NUMBVALUE": "1", "MULTIBVALUE": "800.0;", "MULTINEXVALUE": "2.0;", "DFAX": "7", "DIFNUMDIRS": "3",
         "IOPT": "EDR, EPI, DIFF"},
        "b_values diffusion_directions diffusion_scheme echo_train_length fat_suppression flip_angle "
        "number_of_averages partial_fourier_phase phase_encoding_direction refocusing_flip_angle "
        "repetition_time_excitation repetition_time_preparation",
        "",
        "",
        "SUPPTQ",
    ),
    Writing(
        "dti", "MR30.0",
        {"technique": "echo_planar_diffusion", "b_values": (1000,), "diffusion_directions": 30,
         "flip_angle": 90, "refocusing_flip_angle": 180},
        {"PSEQ": "Spin Echo", "IMODE": "2D", "PLUG": "8", "DIFNUMT2": "0", "NEXFORT2": "1.00",
         "NUMBVALUE": "1", "MULTIBVALUE": "1000.0;", "MULTINEXVALUE": "1.0;", "DFAX": "16",
         "DIFNUMDIRS": "30", "IOPT": "EDR, EPI, DIFF"},
        "acquisition_matrix b_values echo_train_length field_of_view flip_angle number_of_averages "
        "partial_fourier_phase refocusing_flip_angle repetition_time_excitation "
        "repetition_time_preparation",
    ),
    Writing(
        "bold", "MR30.0",
        {"technique": "echo_planar_bold", "b_values": (5,), "diffusion_directions": 3,
         "number_of_temporal_positions": 200, "flip_angle": 80, "refocusing_flip_angle": 90},
        {"PSEQ": "Gradient Echo", "IMODE": "2D", "PLUG": "9", "FLIPANG": "80", "SLPERLOC": "200",
         "IOPT": "EDR, EPI, FMRI"},
        "acquisition_matrix b_values diffusion_directions echo_train_length field_of_view "
        "number_of_averages partial_fourier_phase refocusing_flip_angle repetition_time_excitation "
        "repetition_time_preparation",
        "",
        "",
        "AUTOFLIPANG:FLIPANG",
    ),
    Writing(
        "cine", "MR30.0",
        {"technique": "balanced_ssfp", "gating": "cardiac", "rr_intervals": 2,
         "number_of_temporal_positions": 20, "magnetization_transfer": True, "fat_suppression": "dixon",
         "breath_hold": False, "deep_learning_reconstruction": "none", "intensity_normalization": False},
        {"PSEQ": "Fiesta", "IMODE": "2D", "PLUG": "21", "BREATHHOLD": "None", "DLRECONCHOICES": "Off",
         "AUTOSCIC": "0", "SLPERLOC": "20", "REPTIME": "2", "IOPT": "Gat, Seq, Fast, MPh, MgT"},
        "acquisition_matrix b_values diffusion_directions fat_suppression field_of_view number_of_shots "
        "partial_fourier_phase refocusing_flip_angle repetition_time_excitation "
        "repetition_time_preparation",
        "",
        "",
        "SUPPTQ",
    ),
    Writing(
        "dixon", "MR30.0",
        {"technique": "turbo_spin_echo", "fat_suppression": "dixon", "gating": "respiratory",
         "flow_compensation": "readout", "flip_angle": 120},
        {"PSEQ": "FSE-XL", "IMODE": "2D", "PLUG": "22", "FLDIR": "Freq", "FLIPANG": "120", "IDEAL": "3",
         "IOPT": "FC, EDR, TRF, Fast, Nav, Flex"},
        "acquisition_matrix b_values diffusion_directions field_of_view flip_angle flow_compensation "
        "number_of_shots partial_fourier_phase repetition_time_excitation repetition_time_preparation",
        "fat_suppression",
        "",
        "AUTOFLIPANG:FLIPANG FLDIR SUPPTQ",
    ),
    Writing(
        "localizer", "MR30.0",
        {"technique": "gradient_echo", "role": "localizer", "number_of_slices": 9, "slice_thickness": 8,
         "slice_gap": 2, "flip_angle": 30, "field_of_view": (300, 300), "acquisition_matrix": (256, 128)},
        {"PSEQ": "Gradient Echo", "IMODE": "2D", "PLUG": "45", "PLANE": "3-PLANE", "FLIPANG": "30",
         "FOV": "30.0", "PHASEFOV": "1.00", "MATRIXX": "256", "MATRIXY": "128", "SLTHICK": "8.00",
         "SPC": "2.0", "IOPT": "Seq, Fast"},
        "b_values diffusion_directions number_of_shots number_of_slices partial_fourier_phase "
        "refocusing_flip_angle repetition_time_excitation repetition_time_preparation",
        "",
        "",
        "AUTOFLIPANG:FLIPANG",
    ),
    Writing(
        "ssfse", "MR30.0",
        {"technique": "single_shot_turbo_spin_echo", "partial_fourier_phase": 0.6,
         "flow_compensation": "yes", "plane": "coronal", "phase_encoding_direction": "RL",
         "refocusing_flip_angle": 130},
        {"PSEQ": "Spin Echo", "IMODE": "2D", "PLUG": "12", "PLANE": "CORONAL", "SWAPPF": "S/I",
         "FLIPANG": "130", "IOPT": "FC, EDR, Fast, SS"},
        "acquisition_matrix b_values diffusion_directions field_of_view flip_angle flow_compensation "
        "number_of_shots partial_fourier_phase phase_encoding_direction repetition_time_excitation "
        "repetition_time_preparation",
        "",
        "",
        "AUTOFLIPANG:FLIPANG FLDIR",
    ),
    Writing(
        "se", "MR30.0",
        {"technique": "spin_echo", "flip_angle": 90, "refocusing_flip_angle": 180, "repetition_time": 500,
         "repetition_time_excitation": 5, "plane": "oblique", "phase_encoding_direction": "AP",
         "flow_compensation": "none"},
        {"PSEQ": "Spin Echo", "IMODE": "2D", "PLUG": "0", "PLANE": "OBLIQUE", "TR": "500.0",
         "INRANGETR": "0", "IOPT": "EDR"},
        "acquisition_matrix b_values diffusion_directions field_of_view flip_angle flow_compensation "
        "number_of_shots partial_fourier_phase phase_encoding_direction refocusing_flip_angle "
        "repetition_time_excitation repetition_time_preparation",
        "",
        "",
        "FLDIR",
    ),
    Writing(
        "spgr", "MR30.0",
        {"technique": "gradient_echo", "mr_acquisition_type": "3D", "number_of_slices": 60,
         "slab_thickness": 70, "slice_thickness": 1, "flip_angle": 20,
         "vendor": {"PSEQ": "SPGR", "PLUG": "0", "IOPT": "EDR, MgT"}},
        {"PSEQ": "SPGR", "IMODE": "3D", "PLUG": "0", "FLIPANG": "20", "SLTHICK": "1.00", "NOSLC": "1",
         "SCANLOCS": "60", "IOPT": "EDR, MgT"},
        "acquisition_matrix b_values diffusion_directions field_of_view number_of_shots "
        "partial_fourier_phase refocusing_flip_angle repetition_time_excitation "
        "repetition_time_preparation slab_thickness slice_gap",
        "number_of_slices",
        "",
        "AUTOFLIPANG:FLIPANG",
    ),
)
# fmt: on

# fmt: off
SLAB: dict[str, str | None] = {
    "IMODE": "3D", "PSEQ": "Cube", "PLANE": "SAGITTAL", "SLTHICK": "1.00", "NOSLC": "1", "SLABLOC": "100",
    "SPC": None, "SLOC1": "L46.5", "ELOC1": "R46.5", "SWAPPF": "S/I",
}
"""100 locations of 1 mm, of which 94 are between the first and the last place."""
TILTED: dict[str, str | None] = {
    "PLANE": "OBLIQUE", "SLTHICK": "3.00", "SPC": "1.0", "NOSLC": "21", "SLOC1": None, "ELOC1": None,
    "SLOC3": "I40.0", "ELOC3": "S40.0",
}
"""20 steps of 4 mm are 80 mm; a distance that is off by more than 2 % and 0.2 mm is of something else."""
WEIGHTED: dict[str, str | None] = {
    "PSEQ": "Spin Echo", "IOPT": "EPI, DIFF", "MULTIBVALUE": "500.0;1000.0;",
}
CYCLE: dict[str, str | None] = {
    "IMODE": "3D", "PSEQ": "MP-RAGE", "IOPT": "IrP", "SPC": None, "TR": "10.0", "TI": "1000",
    "RECOVERYTIME": "500", "SLABLOC": "100", "NOSLC": "1",
}
"""1000 ms, half of 100 partitions of 10 ms, 500 ms: 2000 ms."""

EDGES: tuple[tuple[dict[str, str | None], dict[str, Any]], ...] = (
    ({"NOSLC": "1"}, {"number_of_slices": 1}),
    ({"NOSLC": "0"}, {"number_of_slices": None}),
    ({"NOSLC": "1.5"}, {"number_of_slices": None}),
    ({"FOV": "0.9", "PHASEFOV": "1.00"}, {"field_of_view": (9.0, 9.0)}),
    ({"PHASEFOV": "0"}, {"field_of_view": (240.0, None)}),
    ({"FOV": "-1"}, {"field_of_view": None}),
    (
        {**TILTED, "GRIP_SLGROUP1": "0 0 0 0 0.475 0.8227"},
        {"plane": "transverse", "oblique_angles": (-30.0, 0.0)},
    ),
    (
        {**TILTED, "SLOC3": None, "GRIP_SLGROUP1": "0 0 0 0 0.0 0.91"},
        {"plane": "transverse", "oblique_angles": (0.0, 0.0)},
    ),
    ({**TILTED, "SLOC3": None, "ELOC3": None, "GRIP_SLGROUP1": "0 0 0 0 0.0 0.90"}, {"plane": "oblique"}),
    ({**TILTED, "SLOC3": None, "GRIP_SLGROUP1": "0 0 0 0 0.0 1.10"}, {"plane": "oblique"}),
    (
        {**TILTED, "SLOC3": None, "GRIP_SLGROUP1": "0 0 0 0 1.09 0.0"},
        {"plane": "coronal", "oblique_angles": (0.0, 0.0)},
    ),
    (
        {**TILTED, "SLOC3": None, "GRIP_SLGROUP1": "0 0 0 0 1.0"},
        {"plane": "oblique", "oblique_angles": None},
    ),
    ({**TILTED, "ELOC3": "S41.8"}, {"plane": "transverse"}),
    ({**TILTED, "SPC": "Intleave"}, {"plane": "oblique"}),
    ({**TILTED, "SLTHICK": None}, {"plane": "oblique"}),
    ({**TILTED, "NOSLC": None}, {"plane": "oblique"}),
    ({**TILTED, "NOSLC": "1", "ELOC3": "I40.0"}, {"plane": "oblique"}),
    ({**TILTED, "ELOC3": None}, {"plane": "oblique"}),
    ({**TILTED, "SLOC3": None}, {"plane": "oblique"}),
    ({**TILTED, "ELOC3": "S41.9"}, {"plane": "oblique"}),
    ({**TILTED, "ELOC3": "S38.2"}, {"plane": "oblique"}),
    ({**TILTED, "ELOC3": "S38.1"}, {"plane": "oblique"}),
    ({**TILTED, "NOSLC": "1", "ELOC3": "I40.0"}, {"plane": "oblique"}),
    (
        {**TILTED, "NOSLC": "2", "SLOC3": "I2.0", "ELOC3": "S2.0"},
        {"plane": "transverse", "oblique_angles": (0.0, 0.0)},
    ),
    (
        {**TILTED, "SLOC1": "L24.0", "ELOC1": "R24.0", "SLOC3": "I32.0", "ELOC3": "S32.0"},
        {"plane": "oblique"},
    ),
    (
        {**TILTED, "SLOC1": "L23.0", "ELOC1": "R23.0", "SLOC3": "I32.7", "ELOC3": "S32.7"},
        {"plane": "transverse", "oblique_angles": (-35.1, 0.0)},
    ),
    ({**TILTED, "IMODE": "3D"}, {"plane": "oblique"}),
    (
        {**SLAB, "MATRIXZ": "100"},
        {"voxel_size": (0.75, 0.9375, 1.0), "number_of_slices": 94, "number_of_slabs": 1,
            "slab_thickness": 100.0, "slab_overlap": None},
    ),
    ({**SLAB, "MATRIXZ": "50"}, {"voxel_size": (0.75, 0.9375, 2.0)}),
    ({**SLAB, "MATRIXZ": "0"}, {"voxel_size": (0.75, 0.9375, None)}),
    ({**SLAB, "IOPT": "Fast, ZIP2"}, {"voxel_size": (0.75, 0.9375, None)}),
    ({**SLAB, "IOPT": "Fast, ZIP2", "MATRIXZ": "100"}, {"voxel_size": (0.75, 0.9375, 1.0)}),
    ({**SLAB, "OVLPLOC": "0"}, {"slab_overlap": 0.0}),
    ({**SLAB, "OVLPLOC": "-1"}, {"slab_overlap": None}),
    (
        {**SLAB, "NOSLC": "2", "OVLPLOC": "5"},
        {"slab_overlap": 0.05, "number_of_slabs": 2, "number_of_slices": 188, "slab_thickness": 200.0},
    ),
    (
        {**SLAB, "SLTHICK": "0.01", "SLOC1": "L0.5", "ELOC1": "R0.5"},
        {"number_of_slabs": 1, "number_of_slices": None},
    ),
    ({**SLAB, "SLTHICK": "0.009"}, {"number_of_slabs": None}),
    (
        {**SLAB, "SLABLOC": "8192", "SLOC1": None, "ELOC1": None},
        {"slab_thickness": None, "number_of_slabs": 1},
    ),
    ({**SLAB, "SLABLOC": "8193"}, {"slab_thickness": None, "number_of_slabs": 1}),
    ({**SLAB, "SLABLOC": None, "SCANLOCS": "94"}, {"slab_thickness": None, "number_of_slices": 94}),
    ({**SLAB, "ELOC1": "R46.6"}, {"number_of_slices": 94}),
    ({**SLAB, "ELOC1": "R46.7"}, {"number_of_slices": None}),
    ({**SLAB, "ELOC1": "R46.4"}, {"number_of_slices": 94}),
    ({**SLAB, "ELOC1": "R46.3"}, {"number_of_slices": None}),
    ({**SLAB, "SLTHICK": "0.20", "SLOC1": "L9.3", "ELOC1": "R9.3"}, {"number_of_slices": 94}),
    ({**SLAB, "SLTHICK": "0.20", "SLOC1": "L9.35", "ELOC1": "R9.35"}, {"number_of_slices": None}),
    ({**SLAB, "SLOC1": "L42.0", "ELOC1": "R42.0"}, {"number_of_slices": 85}),
    ({**SLAB, "SLOC1": "L41.5", "ELOC1": "R41.5"}, {"number_of_slices": None}),
    ({**SLAB, "SLOC1": "L49.5", "ELOC1": "R49.5"}, {"number_of_slices": 100}),
    ({**SLAB, "SLOC1": "L50.0", "ELOC1": "R50.0"}, {"number_of_slices": None}),
    (
        {**SLAB, "PLANE": "OBLIQUE", "SLOC1": "L27.9", "ELOC1": "R27.9", "SLOC2": "P37.2", "ELOC2": "A37.2"},
        {"number_of_slices": 94},
    ),
    ({**SLAB, "SLOC2": "P37.2"}, {"number_of_slices": 94}),
    ({**SLAB, "SLOC1": "0.0", "ELOC1": "0.0"}, {"number_of_slices": None}),
    ({**SLAB, "SLOC1": "Lx"}, {"number_of_slices": None}),
    ({"IOPT": "ZIP512", "MATRIXX": "512"}, {"interpolation": 1.0}),
    ({"IOPT": "ZIP512", "MATRIXX": "513"}, {"interpolation": None}),
    ({"IOPT": "ZIP1024", "MATRIXX": "256"}, {"interpolation": 4.0}),
    ({"SPC": ""}, {"slice_gap": None, "concatenations": None}),
    ({"SPC": "-0.5"}, {"slice_gap": -0.5}),
    ({"SLICEORDER": "0"}, {"slice_order": None}),
    ({"PLANE": "3-PLANE"}, {"number_of_slices": None, "role": "localizer"}),
    ({"PLANE": "3-PLANE", "SL3PLANE3": "1"}, {"number_of_slices": 1}),
    (
        {"IMODE": "3D", "PSEQ": "SPGR", "IOPT": "Fast, Calib", "SPC": None},
        {"role": "calibration", "technique": "calibration"},
    ),
    ({"ETL": "16.0", "TR": "4000.5"}, {"echo_train_length": 16, "repetition_time": 4000.5}),
    ({"ETL": "16.5"}, {"echo_train_length": 16.5}),
    (CYCLE, {"repetition_time_preparation": 2000.0, "repetition_time_excitation": 10.0}),
    ({**CYCLE, "SLICEACCEL": "2.00"}, {"repetition_time_preparation": 1750.0}),
    ({**CYCLE, "SLICEACCEL": "0.5"}, {"repetition_time_preparation": None}),
    ({**CYCLE, "NSW_FACTOR": "1.5"}, {"repetition_time_preparation": 2250.0}),
    ({**CYCLE, "NSW_FACTOR": "0.5"}, {"repetition_time_preparation": 2000.0}),
    ({**CYCLE, "RECOVERYTIME": "0"}, {"repetition_time_preparation": 1500.0}),
    ({**CYCLE, "RECOVERYTIME": None}, {"repetition_time_preparation": None}),
    ({**CYCLE, "SLABLOC": None}, {"repetition_time_preparation": None}),
    ({**CYCLE, "TI": None}, {"repetition_time_preparation": None}),
    ({"TE": "0"}, {"echo_times": (0.0,)}),
    ({"TE": "-1"}, {"echo_times": None}),
    ({"TE": ""}, {"echo_times": None}),
    ({"TE": None}, {"echo_times": None}),
    ({"IOPT": "IrP", "TI": "0"}, {"inversion_time": 0.0}),
    (
        {"PSEQ": "IR", "TI": "100", "IOPT": "EDR"},
        {"inversion_time": 100.0, "technique": "spin_echo", "repetition_time_preparation": 4000.0},
    ),
    ({"NEX": "0"}, {"number_of_averages": None, "partial_fourier_phase": None}),
    ({"NEX": "0.75"}, {"number_of_averages": 1.0, "partial_fourier_phase": 0.75}),
    ({"NEX": "2.00"}, {"number_of_averages": 2.0, "partial_fourier_phase": 1.0}),
    ({"NEX": "1.50"}, {"number_of_averages": 1.5, "partial_fourier_phase": None}),
    ({"NEX": "0.50", "PSEQ": "IDEAL IQ"}, {"partial_fourier_phase": 0.5}),
    ({"NEX": "0.50", "PSEQ": "never"}, {"partial_fourier_phase": None, "number_of_averages": 1.0}),
    ({"NEX": "0.50", "IOPT": "Star"}, {"partial_fourier_phase": None}),
    ({"PHASEACCEL": "1.00"}, {"parallel_reduction_factor_in_plane": 1.0}),
    ({"PHASEACCEL": "0.90"}, {"parallel_reduction_factor_in_plane": None}),
    (
        {"IOPT": "Fast", "PHASEACCEL": "3.00"},
        {"parallel_reduction_factor_in_plane": 3.0, "reference_scan": "none"},
    ),
    ({"PHASEACCEL": "2.00", "PHASEASSET": "1.75"}, {"parallel_reduction_factor_in_plane": 1.75}),
    (
        {"IMODE": "3D", "PSEQ": "Cube", "SLICEACCEL": "1.50", "SPC": None},
        {"parallel_reduction_factor_out_of_plane": 1.5},
    ),
    ({"IMODE": "3D", "PSEQ": "Cube", "SPC": None}, {"parallel_reduction_factor_out_of_plane": None}),
    ({"PSEQ": "never"}, {"parallel_reduction_factor_out_of_plane": None}),
    ({"IOPT": "HB", "MBACCEL": "1"}, {"multiband_factor": 1}),
    ({"IOPT": "HB", "MBACCEL": "0"}, {"multiband_factor": None}),
    ({"IOPT": "HB"}, {"multiband_factor": None}),
    ({"IOPT": "HS", "CSACCEL": "1.25"}, {"compressed_sensing_factor": 1.25}),
    ({"NPW_FACTOR": "1.00"}, {"phase_oversampling": 0.0}),
    ({"NPW_FACTOR": "0.9"}, {"phase_oversampling": None}),
    ({"NSW_FACTOR": "1.5"}, {"slice_oversampling": None}),
    ({"IMODE": "3D", "PSEQ": "Cube", "NSW_FACTOR": "1.00", "SPC": None}, {"slice_oversampling": 0.0}),
    ({"IOPT": "IrP", "TI": "300"}, {"fat_suppression": "stir"}),
    ({"IOPT": "IrP", "TI": "301"}, {"fat_suppression": "none"}),
    ({"IOPT": "IrP", "TI": "150", "SUPPTQ": "1"}, {"fat_suppression": "fat_saturation"}),
    ({"PSEQ": "LAVA", "IOPT": "IrP", "TI": "24"}, {"fat_suppression": "none"}),
    ({"PSEQ": "never"}, {"fat_suppression": None}),
    ({"IOPT": "IDEAL"}, {"fat_suppression": "dixon"}),
    ({"IOPT": "EPI", "PSEQ": "Gradient Echo"}, {"fat_suppression": None}),
    ({"IOPT": "Nav"}, {"gating": "respiratory"}),
    ({"IOPT": "Gat, Nav"}, {"gating": "cardiac"}),
    ({"IOPT": "Gat", "RESPRATE": "16"}, {"gating": "cardiac"}),
    ({"IOPT": "Gat", "REPTIME": "1"}, {"gating": "cardiac", "rr_intervals": 1}),
    ({"IOPT": "Gat", "REPTIME": "0"}, {"rr_intervals": None}),
    ({"REPTIME": "1"}, {"rr_intervals": None}),
    ({"CPHASE": "1"}, {"number_of_temporal_positions": 1}),
    ({"CPHASE": ""}, {"number_of_temporal_positions": 1}),
    ({"CPHASE": "2"}, {"number_of_temporal_positions": None}),
    ({"IOPT": "MPh", "SLPERLOC": "4"}, {"number_of_temporal_positions": 4}),
    ({"IOPT": "MPhVar"}, {"number_of_temporal_positions": None}),
    (
        WEIGHTED,
        {"b_values": (500.0, 1000.0), "b_value_averages": None, "diffusion_directions": None,
            "diffusion_scheme": None},
    ),
    ({**WEIGHTED, "DIFNUMT2": "0"}, {"b_values": (500.0, 1000.0)}),
    (
        {**WEIGHTED, "DIFNUMT2": "2", "MULTINEXVALUE": "1.0;3.0;"},
        {"b_values": (0.0, 500.0, 1000.0), "b_value_averages": (2, 1, 3)},
    ),
    ({**WEIGHTED, "MULTINEXVALUE": "1.0;3.0;"}, {"b_value_averages": (1, 3)}),
    ({**WEIGHTED, "MULTINEXVALUE": "1.0;1.5;"}, {"b_value_averages": None}),
    ({**WEIGHTED, "MULTINEXVALUE": "1.0;0.0;"}, {"b_value_averages": None}),
    ({**WEIGHTED, "MULTINEXVALUE": "1.0;"}, {"b_value_averages": None}),
    ({**WEIGHTED, "MULTIBVALUE": "500.0;x;"}, {"b_values": None}),
    ({**WEIGHTED, "IOPT": "EPI"}, {"b_values": None}),
    (
        {**WEIGHTED, "DFAX": "1", "DIFNUMDIRS": "1"},
        {"diffusion_directions": 1, "diffusion_scheme": "single"},
    ),
    (
        {**WEIGHTED, "DFAX": "9", "DIFNUMDIRS": "0"},
        {"diffusion_directions": None, "diffusion_scheme": None},
    ),
    (
        {"GRADMODE": "WHOLE", "COIL": "A", "COILPLUGS": "B"},
        {"gradient_mode": "WHOLE", "receive_coils": ("A",)},
    ),
    ({"COILPLUGS": " A; ;B "}, {"receive_coils": ("A", "B")}),
    ({"COILPLUGS": None}, {"receive_coils": None}),
    (
        {"SATLOCY2": "x", "SATLOCX1": "y"},
        {"saturation_bands": 2, "saturation_band_positions": ("posterior", "right")},
    ),
    ({"SWAPPF": "S/I"}, {"phase_encoding_direction": None}),
    ({"PLANE": "CORONAL", "SWAPPF": "R/L"}, {"phase_encoding_direction": "FH", "plane": "coronal"}),
    ({"PLANE": "never"}, {"plane": None, "phase_encoding_direction": None}),
    ({"IMODE": "4D"}, {"mr_acquisition_type": None}),
    (
        {"MATRIXX": "0", "MATRIXY": "256"},
        {"acquisition_matrix": (None, 256), "voxel_size": (None, 0.9375, 3.0), "pixel_bandwidth": None},
    ),
    ({"MATRIXX": None, "MATRIXY": None}, {"acquisition_matrix": None, "voxel_size": None}),
    ({"FOV": None}, {"voxel_size": None, "acquisition_matrix": (320, 256)}),
    ({"RBW": "0"}, {"pixel_bandwidth": None}),
    ({"PHASEFOV": None, "PSEQ": "Spin Echo", "IOPT": "EPI"}, {"voxel_size": (0.75, None, 3.0)}),
)
"""Changes of the series in ``support``, and what they make of a field."""
# fmt: on

# fmt: off
TSE: dict[str, Any] = {"technique": "turbo_spin_echo"}
CUBE: dict[str, Any] = {**TSE, "mr_acquisition_type": "3D"}
DWI: dict[str, Any] = {"technique": "echo_planar_diffusion", "b_values": (0, 800)}
GRE: dict[str, Any] = {"technique": "gradient_echo"}
PREPARED: dict[str, Any] = {
    "technique": "magnetization_prepared_gradient_echo", "inversion_time": 1000,
    "repetition_time_excitation": 10,
}

WRITTEN: tuple[tuple[str, dict[str, Any], dict[str, str | None], str], ...] = (
    (
        "MR30.0", {**TSE, "field_of_view": (240, 240), "acquisition_matrix": (320, 256)},
        {"PHASEFOV": "1.00", "MATRIXY": "256"}, "+acquisition_matrix",
    ),
    (
        "MR30.0", {**TSE, "field_of_view": (240, 120), "acquisition_matrix": (320, 127),
        "voxel_size": (0.75, 0.9375, 3)},
        {"PHASEFOV": "0.50", "MATRIXY": "256"}, "?acquisition_matrix =acquisition_matrix",
    ),
    (
        "MR30.0", {**TSE, "field_of_view": (240, 120), "acquisition_matrix": (320, 129),
        "voxel_size": (0.75, 0.9375, 3)},
        {"MATRIXY": "256"}, "=acquisition_matrix",
    ),
    (
        "MR30.0", {**TSE, "field_of_view": (240, 120), "acquisition_matrix": (320, 130),
        "voxel_size": (0.75, 0.9375, 3)},
        {"MATRIXY": "256"}, "?acquisition_matrix -acquisition_matrix",
    ),
    (
        "MR30.0", {**TSE, "field_of_view": (240, 120), "acquisition_matrix": (320, 128)},
        {"MATRIXY": "256"}, "=acquisition_matrix",
    ),
    (
        "MR30.0", {**TSE, "field_of_view": (240, None), "acquisition_matrix": (320, 128)},
        {"PHASEFOV": None, "MATRIXY": "128", "MATRIXX": "320", "FOV": "24.0"}, "",
    ),
    (
        "MR30.0", {**TSE, "acquisition_matrix": (320, 128)},
        {"FOV": None, "MATRIXX": None}, "?acquisition_matrix ?field_of_view",
    ),
    (
        "MR30.0", {**TSE, "acquisition_matrix": (320, None), "voxel_size": (0.75, 1, 3)},
        {"FOV": "24.0", "PHASEFOV": None, "MATRIXX": "320", "MATRIXY": "240"}, "+field_of_view",
    ),
    (
        "MR30.0", {**TSE, "field_of_view": (240, 240), "voxel_size": (0.8, 1.2, 3)},
        {"MATRIXX": "300", "MATRIXY": "200"}, "",
    ),
    (
        "MR30.0", {**TSE, "field_of_view": (240, 240), "pixel_bandwidth": 200},
        {"RBW": None, "MATRIXX": None}, "?pixel_bandwidth",
    ),
    (
        "MR30.0", {**TSE, "plane": "transverse", "phase_encoding_direction": "AP"},
        {"SWAPPF": "R/L", "PLANE": "AXIAL"}, "+phase_encoding_direction",
    ),
    (
        "MR30.0", {**TSE, "plane": "sagittal", "phase_encoding_direction": "HF"},
        {"SWAPPF": "A/P"}, "?phase_encoding_direction",
    ),
    ("MR30.0", {**TSE, "phase_encoding_direction": "AP"}, {"SWAPPF": None}, "?phase_encoding_direction"),
    (
        "MR30.0", {**TSE, "plane": "oblique", "phase_encoding_direction": "AP", "number_of_slices": 3,
        "slice_thickness": 3},
        {"PLANE": "OBLIQUE", "SWAPPF": None, "NOSLC": "3", "SLOC1": None}, "?phase_encoding_direction",
    ),
    ("MR30.0", {**TSE, "plane": "coronal", "number_of_slices": 3}, {"NOSLC": "3", "SLOC1": None}, ""),
    (
        "MR30.0", {**TSE, "plane": "coronal", "number_of_slices": 3, "slice_gap": 1},
        {"SLOC1": "P1.0", "ELOC1": "A1.0", "SPC": "1.0"}, "",
    ),
    (
        "MR30.0", {**CUBE, "plane": "coronal", "number_of_slices": 3, "slice_thickness": 2, "slice_gap": 1},
        {"SLOC1": "P2.0", "ELOC1": "A2.0", "SPC": None, "NOSLC": "1", "SLABLOC": "3"}, "?slice_gap",
    ),
    (
        "MR30.0", {**CUBE, "number_of_slices": 5, "number_of_slabs": 2, "plane": "sagittal",
        "slice_thickness": 1},
        {"NOSLC": "2", "SLABLOC": "3", "SLOC1": "L1.0"}, "",
    ),
    (
        "MR30.0", {**CUBE, "number_of_slices": 100, "slab_thickness": 110, "slice_thickness": 1,
        "slab_overlap": 0},
        {"SLABLOC": "110", "OVLPLOC": "0"}, "?slab_overlap +slab_thickness",
    ),
    ("MR30.0", {**CUBE, "number_of_slices": 100, "slab_thickness": 110}, {"SLABLOC": "100"}, ""),
    ("MR30.0", {**CUBE, "slice_thickness": 1, "voxel_size": (1, 1, None)}, {"MATRIXZ": None}, ""),
    ("MR30.0", {**CUBE, "slice_thickness": 1, "voxel_size": (1, 1, 1.25)}, {"MATRIXZ": "80.00"}, ""),
    (
        "MR30.0", {**TSE, "number_of_temporal_positions": 1},
        {"SLPERLOC": None, "IOPT": "EDR, TRF, Fast"}, "",
    ),
    (
        "MR30.0", {**TSE, "number_of_temporal_positions": 2},
        {"SLPERLOC": "2", "IOPT": "EDR, TRF, Fast, MPh"}, "",
    ),
    ("MR30.0", {**DWI, "number_of_temporal_positions": 1}, {"SLPERLOC": None}, ""),
    (
        "MR30.0", {"technique": "echo_planar_bold", "number_of_temporal_positions": 2},
        {"SLPERLOC": "2", "IOPT": "EDR, EPI, FMRI"}, "",
    ),
    (
        "MR30.0", {**TSE, "number_of_averages": 1, "partial_fourier_phase": 0.75},
        {"NEX": "0.75"}, "+partial_fourier_phase",
    ),
    ("MR30.0", {**TSE, "partial_fourier_phase": 0.5}, {"NEX": "0.50"}, "+partial_fourier_phase"),
    (
        "MR30.0", {**TSE, "number_of_averages": 2, "partial_fourier_phase": 0.75},
        {"NEX": "2.00"}, "?partial_fourier_phase",
    ),
    (
        "MR30.0", {**TSE, "number_of_averages": 1, "partial_fourier_phase": 0.875},
        {"NEX": "1.00"}, "?partial_fourier_phase",
    ),
    (
        "MR30.0", {**DWI, "number_of_averages": 3, "partial_fourier_phase": 0.75},
        {"NEX": None, "MULTINEXVALUE": "3.0;", "DIFNUMT2": "3"}, "?partial_fourier_phase ?number_of_averages",
    ),
    (
        "MR30.0", {**TSE, "parallel_reduction_factor_in_plane": 1},
        {"PHASEACCEL": None, "IOPT": "EDR, TRF, Fast"}, "",
    ),
    (
        "MR30.0", {**TSE, "parallel_reduction_factor_in_plane": 1, "reference_scan": "separate"},
        {"PHASEACCEL": "1.00", "IOPT": "EDR, TRF, Fast, Asset"}, "",
    ),
    (
        "MR30.0", {**CUBE, "parallel_reduction_factor_in_plane": 1,
        "parallel_reduction_factor_out_of_plane": 2},
        {"PHASEACCEL": "1.00", "SLICEACCEL": "2.00", "IOPT": "EDR, Fast, FR, ARC"}, "",
    ),
    (
        "MR30.0", {**TSE, "parallel_reduction_factor_out_of_plane": 2},
        {"PHASEACCEL": None, "SLICEACCEL": None, "IOPT": "EDR, TRF, Fast, ARC"},
            "?parallel_reduction_factor_out_of_plane",
    ),
    (
        "MR30.0", {**CUBE, "parallel_reduction_factor_in_plane": 2},
        {"SLICEACCEL": None}, "+parallel_reduction_factor_out_of_plane",
    ),
    ("MR30.0", {**DWI, "parallel_reduction_factor_in_plane": 2}, {"IOPT": "EDR, EPI, DIFF, Asset"}, ""),
    (
        "MR30.0", {**DWI, "parallel_reduction_factor_in_plane": 2, "reference_scan": "integrated"},
        {"IOPT": "EDR, EPI, DIFF, ARC"}, "",
    ),
    (
        "MR30.0", {**GRE, "vendor": {"PSEQ": "X", "PLUG": "9", "IOPT": "Asset"},
        "parallel_reduction_factor_in_plane": 2},
        {"IOPT": "Asset"}, "",
    ),
    (
        "MR30.0", {**GRE, "vendor": {"PSEQ": "X", "PLUG": "9", "IOPT": "Asset, ARC"},
        "parallel_reduction_factor_in_plane": 2},
        {"IOPT": "ARC"}, "",
    ),
    (
        "MR30.0", {**GRE, "vendor": {"PSEQ": "X", "PLUG": "9", "IOPT": "Asset, HS, HB"},
        "parallel_reduction_factor_in_plane": 1, "compressed_sensing_factor": 1, "multiband_factor": 1},
        {"IOPT": "None", "CSACCEL": None, "MBACCEL": None}, "",
    ),
    (
        "MR30.0", {**TSE, "compressed_sensing_factor": 1.05, "multiband_factor": 2},
        {"IOPT": "EDR, TRF, Fast, HB, HS", "CSACCEL": "1.05", "MBACCEL": "2"}, "",
    ),
    (
        "MR30.0", {**TSE, "phase_oversampling": 0, "slice_oversampling": 0.5},
        {"NPW_FACTOR": "1.00", "NSW_FACTOR": None, "IOPT": "EDR, TRF, Fast"}, "",
    ),
    (
        "MR30.0", {**CUBE, "phase_oversampling": 0.25, "slice_oversampling": 0},
        {"NPW_FACTOR": "1.25", "NSW_FACTOR": "1.00", "IOPT": "EDR, Fast, FR"}, "",
    ),
    (
        "MR30.0", {**TSE, "inversion_time": 300, "fat_suppression": "none"},
        {"SUPPTQ": None}, "?fat_suppression",
    ),
    (
        "MR30.0", {**TSE, "inversion_time": 301, "fat_suppression": "none"},
        {"SUPPTQ": None}, "+fat_suppression",
    ),
    ("MR30.0", {**TSE, "fat_suppression": "none"}, {"SUPPTQ": None}, "+fat_suppression"),
    ("MR30.0", {**TSE, "fat_suppression": "stir"}, {"SUPPTQ": None}, "?fat_suppression"),
    (
        "MR30.0", {**CUBE, "fat_suppression": "dixon"},
        {"IDEAL": None, "IOPT": "EDR, Fast, FR"}, "?fat_suppression",
    ),
    ("MR30.0", {**GRE, "fat_suppression": "dixon"}, {"IDEAL": None}, "?fat_suppression"),
    (
        "MR30.0", {**TSE, "fat_suppression": "dixon"},
        {"IDEAL": "3", "IOPT": "EDR, TRF, Fast, Flex"}, "~fat_suppression",
    ),
    ("MR30.0", {**TSE, "fat_suppression": "spair"}, {"SUPPTQ": "8"}, "~fat_suppression"),
    ("MR30.0", {**TSE, "fat_suppression": "water_excitation"}, {"SUPPTQ": None}, "?fat_suppression"),
    ("MR30.0", {**DWI, "fat_suppression": "fat_saturation"}, {"SUPPTQ": "4"}, "+fat_suppression"),
    ("MR30.0", {**DWI, "fat_suppression": "none"}, {"SUPPTQ": None}, "?fat_suppression"),
    (
        "MR30.0", {**TSE, "gating": "respiratory", "rr_intervals": 2},
        {"IOPT": "EDR, TRF, Fast, Nav", "REPTIME": None}, "",
    ),
    (
        "MR30.0", {**TSE, "gating": "cardiac", "rr_intervals": 2},
        {"IOPT": "Gat, EDR, TRF, Fast", "REPTIME": "2"}, "",
    ),
    (
        "MR30.0", {**GRE, "vendor": {"PSEQ": "X", "PLUG": "9", "IOPT": "Gat, Nav"}, "gating": "none"},
        {"IOPT": "None"}, "",
    ),
    (
        "MR30.0", {**DWI, "diffusion_directions": 1},
        {"DFAX": "1", "DIFNUMDIRS": "1"}, "+diffusion_directions +diffusion_scheme",
    ),
    (
        "MR30.0", {**DWI, "diffusion_directions": 2},
        {"DFAX": "7", "DIFNUMDIRS": "3"}, "?diffusion_directions ?diffusion_scheme",
    ),
    (
        "MR30.0", {**DWI, "diffusion_directions": 3},
        {"DFAX": "7", "DIFNUMDIRS": "3"}, "+diffusion_directions +diffusion_scheme",
    ),
    (
        "MR30.0", {**DWI, "diffusion_directions": 5},
        {"DFAX": "7", "DIFNUMDIRS": "3"}, "?diffusion_directions ?diffusion_scheme",
    ),
    (
        "MR30.0", {**DWI, "diffusion_directions": 6},
        {"DFAX": "16", "DIFNUMDIRS": "6"}, "+diffusion_directions +diffusion_scheme",
    ),
    (
        "MR30.0", {**DWI, "b_value_averages": (2, 4)},
        {"DIFNUMT2": "2", "MULTINEXVALUE": "4.0;", "NUMBVALUE": "1", "MULTIBVALUE": "800.0;"}, "",
    ),
    ("MR30.0", {**DWI, "b_value_averages": (2,)}, {"DIFNUMT2": "1", "MULTINEXVALUE": "1.0;"}, ""),
    (
        "MR30.0", {"technique": "echo_planar_diffusion", "b_values": (50, 800), "number_of_averages": 0.4},
        {"DIFNUMT2": "0", "MULTINEXVALUE": "1.0;1.0;", "NUMBVALUE": "2", "MULTIBVALUE": "50.0;800.0;",
            "NEXFORT2": "1.00"}, "",
    ),
    (
        "MR30.0", {"technique": "echo_planar_diffusion", "b_values": (5, 5, 0)},
        {"NUMBVALUE": "1", "MULTIBVALUE": "5.0;"}, "",
    ),
    (
        "MR30.0", {**PREPARED, "inversion_time": 0, "repetition_time_preparation": 2000,
        "echo_train_length": 200},
        {"RECOVERYTIME": "1000", "TI": "0"}, "",
    ),
    (
        "MR30.0", {**PREPARED, "repetition_time_preparation": 2000, "echo_train_length": 200},
        {"RECOVERYTIME": "0"}, "?repetition_time_preparation",
    ),
    (
        "MR30.0", {**PREPARED, "repetition_time_preparation": 2001, "echo_train_length": 200},
        {"RECOVERYTIME": "1"}, "?repetition_time_preparation",
    ),
    (
        "MR30.0", {**PREPARED, "repetition_time_preparation": 1999, "echo_train_length": 200},
        {"RECOVERYTIME": None}, "?repetition_time_preparation",
    ),
    (
        "MR30.0", {**PREPARED, "repetition_time_preparation": 2001},
        {"RECOVERYTIME": None, "TR": "10.0", "INRANGETR": None}, "?repetition_time_preparation",
    ),
    ("MR30.0", {**PREPARED, "echo_train_length": 200}, {"RECOVERYTIME": None}, ""),
    (
        "MR30.0", {"technique": "mp2rage", "repetition_time_excitation": 7},
        {"TR": "7.0", "INRANGETR": None}, "?repetition_time",
    ),
    (
        "MR30.0", {**TSE, "repetition_time": 500, "repetition_time_preparation": 900},
        {"TR": "500.0", "INRANGETR": "0"}, "",
    ),
    ("MR30.0", {**TSE, "repetition_time_preparation": 900}, {"TR": "900.0", "INRANGETR": "0"}, ""),
    ("MR30.0", TSE, {"TR": None, "INRANGETR": None}, ""),
    ("MR30.0", {**TSE, "echo_times": (10,)}, {"TE": "10.0", "NECHO": "1"}, "+echo_times"),
    ("MR30.0", {**TSE, "echo_times": (10, 20)}, {"TE": "10.0", "NECHO": "2"}, "?echo_times"),
    (
        "MR30.0", {**TSE, "flip_angle": 90, "refocusing_flip_angle": 120},
        {"FLIPANG": "120"}, "?flip_angle +refocusing_flip_angle",
    ),
    ("MR30.0", {**TSE, "flip_angle": 90}, {"FLIPANG": "90"}, "?flip_angle"),
    (
        "MR30.0", {**GRE, "flip_angle": 20, "refocusing_flip_angle": 120},
        {"FLIPANG": "20"}, "+flip_angle ?refocusing_flip_angle",
    ),
    (
        "MR30.0", {"technique": "single_shot_turbo_spin_echo", "flip_angle": 90},
        {"FLIPANG": "90"}, "?flip_angle",
    ),
    (
        "MR30.0", {"technique": "spin_echo", "flip_angle": 90},
        {"FLIPANG": None}, "?flip_angle ?refocusing_flip_angle",
    ),
    (
        "MR30.0", {**DWI, "number_of_shots": 2, "echo_train_length": 50},
        {"NUMSHOTS": "2", "ETL": None}, "?echo_train_length +number_of_shots",
    ),
    (
        "MR30.0", {**TSE, "number_of_shots": 2, "echo_train_length": 50},
        {"NUMSHOTS": None, "ETL": "50"}, "+echo_train_length ?number_of_shots",
    ),
    (
        "MR30.0", {**PREPARED, "number_of_shots": 2, "echo_train_length": 50},
        {"NUMSHOTS": None, "ETL": None}, "?echo_train_length ?number_of_shots",
    ),
    (
        "MR30.0", {**DWI, "field_of_view": (200, 100), "acquisition_matrix": (100, 51)},
        {"MATRIXY": "51", "PHASEFOV": "0.50"}, "+acquisition_matrix",
    ),
    (
        "MR30.0", {**DWI, "pixel_bandwidth": 1500, "field_of_view": (200, 200), "acquisition_matrix": (100,
        100)},
        {"RBW": None}, "?pixel_bandwidth",
    ),
    ("MR30.0", {**TSE, "pixel_bandwidth": 200}, {"RBW": None}, "?pixel_bandwidth"),
    (
        "DV25.1", {**TSE, "phase_oversampling": 0.5, "number_of_averages": 1},
        {"NPW_FACTOR": None, "IOPT": "NPW, EDR, TRF, Fast"}, "?phase_oversampling",
    ),
    (
        "DV25.1", {**TSE, "phase_oversampling": 0},
        {"NPW_FACTOR": None, "IOPT": "EDR, TRF, Fast"}, "?phase_oversampling",
    ),
    (
        "DV25.1", {**CUBE, "slice_oversampling": 0.5, "slice_thickness": 1.5, "voxel_size": (1, 1, 2)},
        {"NSW_FACTOR": None, "IOPT": "EDR, Fast, FR", "MATRIXZ": None, "SLTHICK": "1.5"},
            "?slice_oversampling ?voxel_size",
    ),
)
"""Software, a scan, some of its pairs; fields with a reason (?), in doubt (~), derived (=),
or neither (+)."""
# fmt: on
