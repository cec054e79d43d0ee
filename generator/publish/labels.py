"""What the pages call the fields of the tree; the English text is the key of the catalogues."""

from __future__ import annotations

from generator.model.tree import Acquisition

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Sequence",
        (
            ("technique", "Technique"),
            ("mr_acquisition_type", "2D or 3D"),
            ("readout", "Readout"),
            ("plane", "Plane"),
            ("plane_reference", "Plane follows"),
            ("coverage", "Coverage"),
            ("oblique_angles", "Angles from the plane"),
            ("patient_position", "Patient position"),
            ("body_part", "Body part"),
            ("laterality", "Side"),
            ("table_position", "Table position"),
            ("station", "Station"),
            ("branch", "Branch"),
            ("receive_coils", "Coils"),
        ),
    ),
    (
        "Timing and contrast",
        (
            ("repetition_time", "TR as the console shows it"),
            ("repetition_time_preparation", "TR between preparations"),
            ("repetition_time_excitation", "TR between excitations"),
            ("echo_times", "TE"),
            ("inversion_time", "TI"),
            ("second_inversion_time", "Second TI"),
            ("flip_angle", "Flip angle as the console shows it"),
            ("refocusing_flip_angle", "Refocusing angle"),
            ("echo_train_length", "Echo train length"),
            ("echo_spacing", "Echo spacing"),
            ("echo_train_duration", "Echo train duration"),
            ("pixel_bandwidth", "Bandwidth per pixel"),
            ("fat_suppression", "Fat suppression"),
            ("saturation_bands", "Saturation bands"),
            ("saturation_band_positions", "Sides of the saturation bands"),
            ("magnetization_transfer", "Magnetization transfer"),
            ("magnetization_transfer_offset", "Magnetization transfer offset"),
            ("flow_compensation", "Flow compensation"),
            ("post_labelling_delay", "Post-labelling delay"),
        ),
    ),
    (
        "Geometry",
        (
            ("field_of_view", "Field of view, read × phase"),
            ("acquisition_matrix", "Matrix, read × phase"),
            ("voxel_size", "Voxel, read × phase × slice"),
            ("slice_thickness", "Slice thickness"),
            ("slice_gap", "Slice gap"),
            ("number_of_slices", "Slices"),
            ("slab_thickness", "Slab thickness"),
            ("number_of_slabs", "Slabs"),
            ("slab_overlap", "Slab overlap"),
            ("slice_order", "Slice order"),
            ("phase_encoding_direction", "Phase encoding direction"),
            ("phase_oversampling", "Phase oversampling"),
            ("slice_oversampling", "Slice oversampling"),
        ),
    ),
    (
        "Sampling",
        (
            ("number_of_averages", "Averages"),
            ("concatenations", "Concatenations"),
            ("number_of_shots", "Shots"),
            ("number_of_temporal_positions", "Repetitions"),
            ("number_of_volumes_discarded_by_scanner", "Repetitions without an image"),
            ("parallel_reduction_factor_in_plane", "Acceleration in plane"),
            ("parallel_reduction_factor_out_of_plane", "Acceleration in slice direction"),
            ("multiband_factor", "Multiband factor"),
            ("compressed_sensing_factor", "Compressed sensing factor"),
            ("reference_scan", "Calibration scan"),
            ("reference_lines", "Calibration lines, phase"),
            ("reference_lines_out_of_plane", "Calibration lines, slice direction"),
            ("partial_fourier_phase", "Partial Fourier, phase"),
            ("partial_fourier_slice", "Partial Fourier, slice direction"),
            ("elliptical_scanning", "Elliptical scanning"),
            ("gating", "Gating"),
            ("breath_hold", "Breath-hold"),
            ("rr_intervals", "Heart beats per repetition"),
            ("gradient_mode", "Gradient mode"),
            ("specific_absorption_rate_mode", "SAR mode"),
        ),
    ),
    (
        "Diffusion and images",
        (
            ("b_values", "b values"),
            ("b_value_averages", "Repetitions of each b value"),
            ("diffusion_directions", "Directions"),
            ("diffusion_scheme", "Diffusion scheme"),
            ("output_maps", "Images to make"),
            ("distortion_correction", "Distortion correction"),
            ("intensity_normalization", "Intensity normalisation"),
            ("interpolation", "Interpolation"),
            ("deep_learning_reconstruction", "Deep-learning reconstruction"),
        ),
    ),
)
"""Groups of fields; the first text of each pair is the field, the second its label."""

LABELS = {field: label for _, fields in GROUPS for field, label in fields}

OTHER_LABELS = {
    "title": "Title",
    "name": "Name",
    "instruction": "Instruction",
    "text": "Instruction",
    "optional": "Optional",
    "agent": "Contrast agent",
    "dose": "Dose",
    "volume": "Volume",
    "concentration": "Concentration",
    "flow_rate": "Flow rate",
    "flush_volume": "Saline after the agent",
    "minimum_delay": "Least delay after the injection",
    "during": "Given during",
    "start_volume": "Given from repetition",
    "duration": "Length of the wait",
    "source": "Made from",
    "method": "Method",
    "acquisition_duration": "Acquisition time",
}
"""Labels of what the tables show elsewhere; lists of changes name them."""

NOT_SHOWN = frozenset(
    {"kind", "name", "definition", "role", "optional", "instruction", "acquisition_duration", "vendor"}
)
"""Fields of an acquisition that the tables show elsewhere, or that belong to one vendor alone."""

TIMES = frozenset({"field_of_view", "acquisition_matrix", "voxel_size"})
"""Fields whose entries are written with a multiplication sign between them."""

SPELLINGS = {
    "mp2rage": "MP2RAGE",
    "balanced_ssfp": "balanced SSFP",
    "echo_planar_bold": "echo planar BOLD",
    "spair": "SPAIR",
    "spir": "SPIR",
    "stir": "STIR",
    "dixon": "Dixon",
    "ac-pc": "AC-PC",
    "perpendicular-to-cord": "perpendicular to the cord",
    "adc": "ADC",
    "fa": "FA",
    "swi": "SWI",
    "minip": "minIP",
    "psir": "PSIR",
}
"""Words of closed lists that are not simply written with blanks for underscores."""

KINDS = {"donor": "donor", "template": "template", "sheet": "sheet"}

KIND_MEANINGS = {
    "donor": "patched from an export of a real scanner; check every value at the console",
    "template": "made from templates; untested on a console",
    "sheet": "for entry by hand at the console; not a file that a console reads",
}

GADOLINIUM = {
    "give": "with gadolinium",
    "optional": "gadolinium optional",
    "none": "without gadolinium",
    "clinician": "gadolinium: the clinician decides",
}

STEPS = {"contrast": "injection", "pause": "wait", "reformat": "reformat"}

MATTERS = {
    "image": "changes the image",
    "time": "changes the time alone",
    "bookkeeping": "name or instruction",
}
"""What a difference between two cards matters, see ``generator.compare.fields``."""

LOSSES = {
    "rounded": "rounded",
    "approximated": "approximated",
    "unsupported": "not in the file",
}

NOTES = {
    "along": "series of the donor that come along",
    "donor-along": "series of the donor that come along",
    "made-from": "scans made from one of the donor",
    "donor-scan": "scans made from one of the donor",
    "series-dropped": "lists of series of the donor that are left out",
    "donor-processing": "post-processing of the donor that is left out",
    "notes-dropped": "texts of the donor that are left out",
    "donor-weight": "weight of the donor's patient, cleared",
    "scan-time": "scan times that changed",
    "from-template": "scans from templates",
}
"""Notes of a donor build are counted, since their text may be the site's."""

STATUSES = {
    "superseded": "Superseded",
    "withdrawn": "Withdrawn",
    "recalled": "Recalled",
    "reinstated": "Reinstated",
}

RESULTS = {"loaded": "loaded", "scanned": "loaded and scanned", "refused": "refused by the console"}

SEVERITIES = {"error": "error", "warning": "warning", "info": "remark"}

PROTOCOL_KINDS = {
    "baseline-diagnosis": "Baseline at diagnosis",
    "baseline-new-dmt": "Baseline of a new treatment",
    "re-baseline-6-months": "Re-baseline at six months",
    "follow-up": "Follow-up",
    "pml-screening": "PML screening",
    "relapse": "Relapse",
    "spine": "Spine",
}


def label(field: str | None) -> str:
    """English label of a field; its own name in words if the tables do not show it."""
    return LABELS.get(field or "") or OTHER_LABELS.get(field or "", (field or "").replace("_", " "))


def word(text: str) -> str:
    """Write a word of a closed list for people, in English."""
    return SPELLINGS.get(text, text.replace("_", " "))


def unlabelled() -> set[str]:
    """Name the fields of an acquisition that no table would show."""
    return set(Acquisition.model_fields) - set(LABELS) - NOT_SHOWN
