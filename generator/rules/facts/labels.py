"""What messages call a fact, where its name with blanks for underscores is not what people say."""

from __future__ import annotations

_LABELS = {
    "counted_duration": "acquisition time",
    "counted_duration_without_susceptibility": "acquisition time without SWI and T2*",
    "acquisition_duration": "time of the console",
    "estimated_duration": "estimated time",
    "delay_after_injection": "delay after the injection",
    "gd_decision": "decision on gadolinium",
    "agent_class": "class of the agent",
    "injections": "number of injections",
    "total_dose": "dose of all injections together",
    "given_dose": "dose",
    "label_dose": "dose of the label",
    "dose_of_volume": "dose by volume and concentration",
    "scans_after_injection": "number of scans after the injection that may show it",
    "after_injection": "injection before this scan",
    "scan_duration": "time of the scan",
    "time_disagreement": "factor between the console's time and the estimate",
    "exam_duration": "acquisition time",
    "spine_duration": "acquisition time of the spine",
    "scanner_options": "abilities of the scanner",
    "model_field_strength": "field strength of the model",
    "spine_after_brain": "spine after the brain",
    "stations": "number of stations",
    "contrast_family": "kind of echo",
    "inverted": "inversion",
    "fat_suppressed": "fat suppression",
    "mr_acquisition_type": "acquisition type",
    "in_plane_size": "voxel in plane",
    "through_plane_size": "voxel through plane",
    "voxel_size": "voxel",
    "slab_extent": "extent of all slices",
    "head_foot_extent": "field of view from head to foot",
    "phase_field_of_view": "field of view in phase direction",
    "covered_phase_extent": "field of view in phase direction with its oversampling",
    "object_width": "width of the head",
    "slice_spacing": "distance of slice centres",
    "total_acceleration": "acceleration, all kinds multiplied,",
    "coil_acceleration": "parallel-imaging acceleration",
    "multislice_acceleration": "multiband times in-plane acceleration",
    "compressed_sensing_factor": "compressed-sensing factor",
    "parallel_reduction_factor_in_plane": "in-plane acceleration",
    "parallel_reduction_factor_out_of_plane": "acceleration in slice direction",
    "partial_fourier_phase": "partial Fourier in phase direction",
    "partial_fourier_slice": "partial Fourier in slice direction",
    "number_of_slices": "number of slices",
    "pixel_bandwidth": "bandwidth",
    "repetition_time_preparation": "time between preparations",
    "repetition_time_excitation": "time between excitations",
    "excitation_interval": "time between excitations",
    "inversion_interval": "time between inversions",
    "cycle_time": "repetition time",
    "counterparts": "number of scans that can be compared",
    "train_duration": "duration of the echo train",
    "echo_train_duration": "duration of the echo train",
    "nominal_train_duration": "echo train length times spacing",
    "shortest_train_duration": "shortest possible duration of the echo train",
    "reachable_echo_time": "last echo of the train",
    "largest_b_value": "largest b-value",
    "readout_duration": "readout of a line",
    "csf_null_time": "null of CSF",
    "shortest_multislice_repetition": "least repetition time for these slices",
    "shortest_epi_repetition": "least repetition time for these slices",
    "spacing_over_readout": "echo spacing over readout time",
    "ernst_angle": "Ernst angle",
    "refocusing_pulse_rate": "number of refocusing pulses a second",
    "shortest_diffusion_echo": "least echo time for this b-value",
    "fat_frequency_at_3t": "frequency of fat at 3 T",
    "bandwidth_from_receiver": "bandwidth by the receiver",
    "role_contrast": "contrast of what the scan is for",
    "relative_snr": "relative signal to noise",
    "jcv_index": "JCV index",
    "jcv_status": "JCV status",
    "diffusion_directions": "number of diffusion directions",
    "concatenations": "number of concatenations",
    "needed_concatenations": "number of concatenations that the slices need",
    "echo_times_ascend": "order of the echo times, from first to last,",
    "spin_echo_3d_available": "3D spin echo with varying refocusing angles",
    "flair_3d_available": "3D FLAIR of the scanner",
    "flair_ok_both": "good 3D FLAIR in both exams",
    "pml_suspected": "suspicion of PML",
    "lesion_present": "lesion of the cord",
    "prior_available": "earlier exam to compare with",
    "gadolinium_reason": "reason for gadolinium",
    "added_reason": "reason for added gadolinium",
    "accepted_by": "name of who accepts the lower signal",
    "snr_checked_by": "name of who answers for the signal",
    "consent_written": "written consent",
    "prior_in_pacs": "earlier exam in the PACS",
    "other_technique": "counterpart on the other scanner",
    "earlier_technique": "counterpart in the earlier exam",
    "interval_months": "interval in months",
    "planned_interval_months": "planned interval in months",
    "proposed_months": "proposed interval in months",
    "default_months": "usual interval in months",
    "months_after_baseline": "number of months after the baseline",
    "months_since_start": "number of months since the start of the treatment",
    "months_since_dx": "number of months since the diagnosis",
    "months_since_last_spine": "number of months since the last spine exam",
    "months_to_next": "number of months to the next exam",
    "treatment_months": "number of months of treatment",
    "days_scan_before_visit": "number of days from the exam to the visit",
    "comparisons": "number of comparisons",
    "knowing_guidelines": "number of guidelines that know the word",
    "accepted_findings": "number of accepted findings",
    "reference_lines": "number of calibration lines",
    "reference_lines_out_of_plane": "number of calibration lines in slice direction",
    "planned_doses": "number of planned injections",
    "new_lesions": "number of new lesions",
    "new_or_enlarging": "number of new and enlarging lesions",
}

_ENTRIES = {
    "voxel_size": "edge of the voxel",
    "in_plane_size": "edge of the voxel in plane",
    "field_of_view": "side of the field of view",
}
"""One entry of a fact that is one thing."""

_LISTS = {
    "echo_times": ("echo time", "echo times"),
    "inversion_times": ("inversion time", "inversion times"),
    "b_values": ("b-value", "b-values"),
    "b_value_averages": ("average of a b-value", "averages of the b-values"),
    "output_maps": ("image", "images that are made"),
    "transverse_reformats": ("transverse reformat", "transverse reformats"),
    "echo_position_errors": (
        "distance of an echo from the raster",
        "distances of the echoes from the raster",
    ),
    "order": ("scan", "scans"),
    "standard_order": ("scan", "scans that are not optional"),
    "offered": ("scan", "scans that are offered"),
    "required_roles": ("required scan", "required scans"),
    "counted_roles": ("part of the total time", "parts of the total time"),
    "counted_durations": ("time of a counted scan", "times of the counted scans"),
    "rendered_field_strengths": ("field strength", "field strengths of the protocol"),
    "covered_spine_regions": ("covered part of the spine", "covered parts of the spine"),
    "asked": ("question", "questions that are asked"),
    "referents": ("named person", "named persons"),
    "readable_regions": ("readable region", "readable regions"),
    "report_fields": ("part of the report", "parts of the report"),
    "renderers": ("vendor", "vendors that are written for"),
}
"""Facts of several entries: one of them, and all. Other lists, such as a voxel, are one thing."""

_WHOSE = {"pre": "before the injection", "other": "on the other scanner", "earlier": "in the earlier exam"}


def label(name: str, plural: bool = False) -> str:
    """Name a fact in words; ``plural`` if it is about all entries of a list.

    >>> label("echo_times"), label("echo_times", plural=True), label("earlier_repetition_time")
    ('echo time', 'echo times', 'repetition time in the earlier exam')
    """
    prefix, _, own = name.partition("_")
    if prefix in _WHOSE and name not in _LABELS:
        return f"{label(own, plural)} {_WHOSE[prefix]}"
    if name in _LISTS:
        return _LISTS[name][plural]
    return _LABELS.get(name) or name.replace("_", " ")


def call(name: str, text: str) -> None:
    """Say what messages call a fact; for facts that are made from a table of their own."""
    _LABELS[name] = text


def entry(name: str) -> str:
    """Name one entry of a fact: the edge of a voxel."""
    return _ENTRIES.get(name) or label(name)


def whose(name: str) -> tuple[str, str]:
    """Split the name of a counterpart into the fact and whose it is; that is empty for an own fact."""
    prefix, _, own = name.partition("_")
    return (own, _WHOSE[prefix]) if prefix in _WHOSE else (name, "")


def has_plural(name: str) -> bool:
    """Say whether the entries of a fact are things of their own."""
    return whose(name)[0] in _LISTS
