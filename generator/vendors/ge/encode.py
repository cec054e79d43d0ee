"""An acquisition to the pairs of its series: what GE would say for each field that the spec states.

The same pairs fill a template and patch a donor series. A field that cannot be said leaves its reason
behind; :mod:`generator.vendors.ge.account` compares what was written with what was wanted.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.model.tree import Acquisition
from generator.vendors.ge import facts, placing, sequences
from generator.vendors.ge.draft import Draft
from generator.vendors.ge.sequences import Family


def encode(scan: Acquisition, family: Family, software: str) -> Draft:
    """Write a scan as pairs.

    Parameters
    ----------
    scan : Acquisition
        The scan; only fields that are not ``None`` are written.
    family : Family
        The pulse sequence that it is written as.
    software : str
        Software version of the target, such as ``MR30.0``.
    """
    draft = Draft(scan, family, software.startswith("DV"), tokens=set(family.options))
    draft.values.update(family.codes)
    for step in _STEPS:
        step(draft)
    draft.values["IOPT"] = facts.join_options(draft.tokens) or "None"
    return draft


def _repetition(draft: Draft) -> None:
    scan = draft.scan
    shown, train, cycle = (
        scan.repetition_time,
        scan.repetition_time_excitation,
        scan.repetition_time_preparation,
    )
    if scan.technique in ("magnetization_prepared_gradient_echo", "mp2rage"):
        draft.why["repetition_time_preparation"] = (
            "the console derives the inversion cycle from TI and the train"
        )
        draft.why["repetition_time"] = "GE shows the time between excitations, which the spec does not state"
        draft.put("TR", train)
        return
    draft.put("TR", shown if shown is not None else cycle)
    draft.why["repetition_time_preparation"] = "TR of this sequence is another time"
    draft.why["repetition_time_excitation"] = "GE derives the spacing inside the train"
    if "TR" in draft.values:
        draft.values["INRANGETR"] = "0"


def _echoes(draft: Draft) -> None:
    times = draft.scan.echo_times
    if not times:
        return
    draft.put("TE", times[0])
    draft.put("NECHO", len(times))
    if len(times) > 1:
        draft.why["echo_times"] = (
            "the key of a second echo time is not known; NECHO holds the number of echoes"
        )


def _inversion(draft: Draft) -> None:
    if draft.scan.inversion_time is not None:
        draft.put("TI", draft.scan.inversion_time)
        draft.removed["AUTOTI"] = "TI"
        draft.tokens.add(facts.INVERSION_OPTION)
    draft.why["second_inversion_time"] = "no key for a second inversion is known"


def _flip(draft: Draft) -> None:
    scan = draft.scan
    refocused = scan.technique in sequences.REFOCUSED
    flip = (
        scan.refocusing_flip_angle
        if refocused and scan.refocusing_flip_angle is not None
        else scan.flip_angle
    )
    if draft.family.pseq == "Spin Echo" and not refocused:
        draft.why["flip_angle"] = draft.why["refocusing_flip_angle"] = "fixed by the spin-echo sequence of GE"
        return
    draft.put("FLIPANG", flip)
    if flip is not None:
        draft.removed["AUTOFLIPANG"] = "FLIPANG"
    if refocused:
        draft.why["flip_angle"] = "the console shows the refocusing angle; the excitation angle is fixed"
    else:
        draft.why["refocusing_flip_angle"] = "a gradient echo has no refocusing pulse"


def _counts(draft: Draft) -> None:
    scan = draft.scan
    if "EPI" in draft.tokens:
        draft.why["echo_train_length"] = (
            "GE derives the length of an EPI train from matrix, shots and acceleration"
        )
        draft.put("NUMSHOTS", scan.number_of_shots)
    else:
        draft.why["number_of_shots"] = "GE derives the shots from matrix and train length"
        if scan.technique == "magnetization_prepared_gradient_echo":
            draft.why["echo_train_length"] = "GE derives the train of an inversion-prepared gradient echo"
        else:
            draft.put("ETL", scan.echo_train_length)
    phases = scan.number_of_temporal_positions
    if phases is not None and phases > 1:
        draft.put("SLPERLOC", phases)
        if not draft.tokens.intersection(facts.MULTIPHASE_OPTIONS):
            draft.tokens.add("MPh")
    elif phases == 1 and "EPI" not in draft.tokens:
        draft.tokens.difference_update(facts.MULTIPHASE_OPTIONS)
        draft.removed["SLPERLOC"] = None


def _averages(draft: Draft) -> None:
    scan = draft.scan
    averages, partial = scan.number_of_averages, scan.partial_fourier_phase
    if "EPI" in draft.tokens:
        draft.why["partial_fourier_phase"] = "the console chooses it for EPI from the minimum TE"
        draft.why["number_of_averages"] = "diffusion has averages per b-value, BOLD none"
        return
    draft.why["partial_fourier_slice"] = "no key for partial Fourier in the slice direction is known"
    if partial in facts.FRACTIONAL_NEX and averages in (None, 1):
        draft.put("NEX", partial)
        return
    draft.put("NEX", averages)
    draft.why["partial_fourier_phase"] = (
        "a single shot is always partial on GE, by how much the file does not say"
        if "SS" in draft.tokens
        else "GE offers it as NEX 0.50 or 0.75, for a single average only"
    )


def _acceleration(draft: Draft) -> None:
    scan = draft.scan
    factors = [getattr(scan, name) for name in facts.PARALLEL_KEYS]
    stated = [factor for factor in factors if factor is not None]
    if stated and (max(stated) > 1 or scan.reference_scan in facts.PARALLEL_OPTIONS.values()):
        option = _parallel_option(draft)
        draft.tokens.difference_update(facts.PARALLEL_OPTIONS)
        draft.tokens.add(option)
        for factor, (key, old_key) in zip(factors, facts.PARALLEL_KEYS.values(), strict=True):
            if draft.is_3d or key != facts.SLICE_FACTOR:
                draft.put(key, factor)
            draft.removed[old_key] = None
        if not draft.is_3d:
            draft.why["parallel_reduction_factor_out_of_plane"] = "a 2D series has no phase steps in slice"
    elif stated:
        draft.tokens.difference_update(facts.PARALLEL_OPTIONS)
        draft.removed.update(dict.fromkeys(key for keys in facts.PARALLEL_KEYS.values() for key in keys))
    draft.why["reference_scan"] = (
        "GE names it by ARC (integrated) or Asset (separate), with acceleration only"
    )
    for name, (token, key) in facts.OPTION_FACTORS.items():
        factor = getattr(scan, name)
        if factor is not None and factor > 1:
            draft.tokens.add(token)
            draft.put(key, factor)
            if key == "MBACCEL":
                draft.doubts[name] = "MBACCEL was seen in DICOM protocol blocks only"
        elif factor is not None:
            draft.tokens.discard(token)
            draft.removed[key] = None


def _parallel_option(draft: Draft) -> str:
    """ARC or Asset: as the spec states it, else as the sequence has it, else as is usual."""
    reference = draft.scan.reference_scan
    for option, kind in facts.PARALLEL_OPTIONS.items():
        if kind == reference:
            return option
    there = draft.tokens.intersection(facts.PARALLEL_OPTIONS)
    return there.pop() if len(there) == 1 else "Asset" if facts.DIFFUSION_OPTION in draft.tokens else "ARC"


def _oversampling(draft: Draft) -> None:
    for name, key in facts.OVERSAMPLING.items():
        share = getattr(draft.scan, name)
        if share is not None and (draft.is_3d or key != "NSW_FACTOR"):
            draft.put_new(key, 1 + share, name)
            if draft.old and key == "NPW_FACTOR":
                draft.tokens.add("NPW") if share > 0 else draft.tokens.discard("NPW")
                draft.why[name] = "this software switches it on or off, without a factor"


def _fat(draft: Draft) -> None:
    wanted = draft.scan.fat_suppression
    if wanted is not None and wanted not in facts.FAT_CODES:
        draft.removed["SUPPTQ"] = None
    if wanted in facts.FAT_CODES:
        draft.values["SUPPTQ"] = facts.FAT_CODES[wanted]
        if wanted != "fat_saturation":
            draft.doubts["fat_suppression"] = "Fat Special (SUPPTQ 8) is taken for spectral inversion of fat"
    elif wanted == "dixon" and draft.scan.technique == "turbo_spin_echo" and not draft.is_3d:
        draft.tokens.add("Flex")
        draft.values["IDEAL"] = "3"
        draft.doubts["fat_suppression"] = "Flex with FSE is inferred from Flex with LAVA"
    elif wanted == "dixon":
        draft.why["fat_suppression"] = "GE offers Dixon in sequences of their own (LAVA-Flex, IDEAL)"
    elif wanted == "water_excitation":
        draft.why["fat_suppression"] = "the code of spectral-spatial excitation is not known"
    elif wanted == "none" and "EPI" in draft.tokens:
        draft.why["fat_suppression"] = "EPI may excite water alone; GE files do not say"
    elif wanted == "stir":
        draft.why["fat_suppression"] = "STIR needs an inversion time of a 2D or 3D turbo spin echo"


def _diffusion(draft: Draft) -> None:
    scan = draft.scan
    if facts.DIFFUSION_OPTION not in draft.tokens or not scan.b_values:
        draft.why["b_values"] = draft.why["diffusion_directions"] = "not a diffusion sequence"
        return
    counts = scan.b_value_averages
    if counts is None or len(counts) != len(scan.b_values):
        counts = (max(1, round(scan.number_of_averages or 1)),) * len(scan.b_values)
    repeats = dict(zip(scan.b_values, counts, strict=True))
    draft.put("DIFNUMT2", repeats.pop(0.0, 0))
    draft.values["NEXFORT2"] = "1.00"
    draft.put("NUMBVALUE", max(1, len(repeats)))
    draft.values["MULTIBVALUE"] = "".join(f"{b:.1f};" for b in repeats)
    draft.values["MULTINEXVALUE"] = "".join(f"{n:.1f};" for n in repeats.values())
    draft.why["b_values"] = "b=0 images stand first on GE, each b-value once"
    if directions := scan.diffusion_directions:
        draft.values["DFAX"] = facts.DIRECTION_MODES.get(directions, facts.TENSOR)
        draft.put("DIFNUMDIRS", directions)


def _options(draft: Draft) -> None:
    scan = draft.scan
    if scan.magnetization_transfer is not None:
        draft.tokens.discard(facts.TRANSFER_OPTION)
    if scan.magnetization_transfer:
        draft.tokens.add(facts.TRANSFER_OPTION)
    if scan.gating is not None:
        draft.tokens.difference_update(facts.GATING_OPTIONS)
        draft.tokens.update(token for token, kind in facts.GATING_OPTIONS.items() if kind == scan.gating)
    if scan.gating == "cardiac":
        draft.put(facts.BEATS, scan.rr_intervals)
    draft.why["rr_intervals"] = "beats belong to a triggered series"
    draft.why["saturation_bands"] = "a band has a place, which is planned at the console"
    draft.why["readout"] = "no key for this trajectory is known"


_STEPS: tuple[Callable[[Draft], None], ...] = (
    placing.plane, _repetition, _echoes, _inversion, _flip, _counts, placing.field_of_view, placing.slices,
    _averages, placing.bandwidth, _acceleration, _oversampling, _fat, _diffusion, _options,
)  # fmt: skip
