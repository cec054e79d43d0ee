"""What IOPT and the keys beside it say: gating, acceleration, fat, diffusion: pairs to fields and back."""

from __future__ import annotations

from typing import Any

from generator.vendors.ge import facts
from generator.vendors.ge.facts import number
from generator.vendors.ge.fields import Draft, Series

# --- options ----------------------------------------------------------------------------------------


def said_by_options(tokens: tuple[str, ...], proven: bool) -> dict[str, Any]:
    """Fields that the options alone decide.

    That an option is missing says "none" of sequences whose options are known, see
    :class:`~generator.vendors.ge.facts.Identity`.
    """
    parallel = [facts.PARALLEL_OPTIONS[token] for token in tokens if token in facts.PARALLEL_OPTIONS]
    gating = [facts.GATING_OPTIONS[token] for token in tokens if token in facts.GATING_OPTIONS]
    none = _WITHOUT_OPTIONS if proven else {}
    fields: dict[str, Any] = {
        **none,
        "reference_scan": parallel[0] if parallel else none.get("reference_scan"),
        "gating": gating[0] if gating else none.get("gating"),
    }
    if parallel:
        fields |= dict.fromkeys(facts.PARALLEL_KEYS)
    fields |= {name: None for name, (token, _) in facts.OPTION_FACTORS.items() if token in tokens}
    if set(facts.MULTIPHASE_OPTIONS).intersection(tokens):
        fields["number_of_temporal_positions"] = None
    if set(facts.RADIAL_OPTIONS).intersection(tokens):
        fields["readout"] = "radial"
    return fields


_WITHOUT_OPTIONS: dict[str, Any] = {
    "reference_scan": "none",
    "gating": "none",
    **dict.fromkeys(facts.PARALLEL_KEYS, 1.0),
    **dict.fromkeys(facts.OPTION_FACTORS, 1),
    "number_of_temporal_positions": 1,
}


def write_options(draft: Draft) -> None:
    """Gating, and the beats of a triggered series."""
    scan = draft.scan
    if scan.gating is not None:
        draft.tokens.difference_update(facts.GATING_OPTIONS)
        draft.tokens.update(token for token, kind in facts.GATING_OPTIONS.items() if kind == scan.gating)
    if scan.gating == "cardiac":
        draft.put(facts.BEATS, scan.rr_intervals)


def read_hardware(series: Series) -> None:
    """Gradient mode; coil as the console shows it, of which newer software has the plugs alone."""
    if mode := series.left.get(facts.GRADIENTS):
        series.fields["gradient_mode"] = mode
    names = series.left.get(facts.COIL) or series.left.get(facts.COIL_PLUGS, "")
    if coils := tuple(part for name in names.split(";") if (part := name.strip())):
        series.fields["receive_coils"] = coils


def read_readout(series: Series) -> None:
    """Trajectory: by an option or the name of the sequence, else cartesian where the sequence is known."""
    known = series.identity.readout or ("cartesian" if series.proven else None)
    if known:
        series.fields.setdefault("readout", known)


def read_bands_and_beats(series: Series) -> None:
    """Number of saturation bands (their places stay under ``vendor``); beats of a triggered series."""
    fields, left = series.fields, series.left
    sides = tuple(side for key, side in facts.BANDS.items() if key in left)
    fields["saturation_bands"] = len(sides)
    if sides:
        fields["saturation_band_positions"] = sides
    if any(key in left for key in facts.BREATHING_KEYS) and fields["gating"] in (None, "none"):
        fields["gating"] = "respiratory"
    if left.get(facts.HEART_PHASES, "1") not in ("", "1"):
        del fields["number_of_temporal_positions"]  # phases of the heart beat, of which more is not known
    if fields["gating"] == "cardiac":
        beats = series.number(facts.BEATS)
        if beats and beats >= 1:
            fields["rr_intervals"] = int(beats)
            del left[facts.BEATS]


# --- acceleration and oversampling ------------------------------------------------------------------

_CALIBRATIONS = frozenset(facts.PARALLEL_OPTIONS.values())


def read_factors(series: Series) -> None:
    """Factors of the options that are on."""
    fields, left = series.fields, series.left
    carried = fields["reference_scan"] in _CALIBRATIONS
    for name, keys in facts.PARALLEL_KEYS.items():
        for key in keys:
            if (factor := number(left.get(key))) is not None and factor >= 1:
                fields[name] = factor
                if carried:
                    del left[key]
    if carried and not series.is_3d and series.proven:
        fields["parallel_reduction_factor_out_of_plane"] = 1.0  # 2D has no phase steps across slices
    for name, (token, key) in facts.OPTION_FACTORS.items():
        if token in series.tokens and (factor := number(left.get(key))) is not None and factor >= 1:
            fields[name] = int(factor) if key in facts.WHOLE else factor
            del left[key]


def write_factors(draft: Draft) -> None:
    """Factors with their options; a factor of 1 switches the option off."""
    scan = draft.scan
    factors = [getattr(scan, name) for name in facts.PARALLEL_KEYS]
    stated = [factor for factor in factors if factor is not None]
    if stated and (max(stated) > 1 or scan.reference_scan in _CALIBRATIONS):
        _write_parallel(draft, factors)
    elif stated:
        draft.tokens.difference_update(facts.PARALLEL_OPTIONS)
        draft.removed.update(dict.fromkeys(key for keys in facts.PARALLEL_KEYS.values() for key in keys))
    _write_option_factors(draft)


def _write_parallel(draft: Draft, factors: list[float | None]) -> None:
    option = _parallel_option(draft)
    draft.tokens.difference_update(facts.PARALLEL_OPTIONS)
    draft.tokens.add(option)
    for factor, (key, old_key) in zip(factors, facts.PARALLEL_KEYS.values(), strict=True):
        if draft.is_3d or key != facts.SLICE_FACTOR:
            draft.put(key, factor)
        draft.removed[old_key] = None
    if not draft.is_3d:
        draft.why("parallel_reduction_factor_out_of_plane", "a 2D series has no phase steps in slice")


def _parallel_option(draft: Draft) -> str:
    """ARC or Asset: as the spec states it, else as the sequence has it, else as is usual."""
    reference = draft.scan.reference_scan
    for option, kind in facts.PARALLEL_OPTIONS.items():
        if kind == reference:
            return option
    there = draft.tokens.intersection(facts.PARALLEL_OPTIONS)
    return there.pop() if len(there) == 1 else "Asset" if facts.DIFFUSION_OPTION in draft.tokens else "ARC"


def _write_option_factors(draft: Draft) -> None:
    for name, (token, key) in facts.OPTION_FACTORS.items():
        factor = getattr(draft.scan, name)
        if factor is not None and factor > 1:
            draft.tokens.add(token)
            draft.put(key, factor)
            if name == "multiband_factor":
                draft.doubt(name, f"{key} was seen in DICOM protocol blocks only")
        elif factor is not None:
            draft.tokens.discard(token)
            draft.removed[key] = None


def read_oversampling(series: Series) -> None:
    """Oversampling in phase and slice; old software holds that it is on, without a factor."""
    for name, key in facts.OVERSAMPLING.items():
        factor = series.number(key)
        if factor is not None and factor >= 1 and (series.is_3d or key != facts.SLICE_WRAP):
            series.fields[name] = round(factor - 1, 6)
            del series.left[key]
    if facts.WRAP_OPTION in series.tokens and "phase_oversampling" not in series.fields:
        said = "no phase wrap is on; its factor is not in the file"
        series.say("not-stated", "phase_oversampling", said)


def write_oversampling(draft: Draft) -> None:
    """Oversampling as a factor of the field of view."""
    for name, key in facts.OVERSAMPLING.items():
        share = getattr(draft.scan, name)
        if share is not None and (draft.is_3d or key != facts.SLICE_WRAP):
            draft.put_new(key, 1 + share, name)
            if draft.old and key == facts.PHASE_WRAP:
                change = draft.tokens.add if share > 0 else draft.tokens.discard
                change(facts.WRAP_OPTION)
                draft.why(name, "this software switches it on or off, without a factor")


# --- fat suppression --------------------------------------------------------------------------------

_DIXON = frozenset(facts.DIXON_OPTIONS)


def read_fat(series: Series) -> None:
    """Fat suppression: by a Dixon option, a code, or a short inversion."""
    fields, code = series.fields, series.left.get(facts.FAT, "")
    inversion = fields.get("inversion_time")
    if not _DIXON.isdisjoint(series.tokens):
        fields["fat_suppression"] = "dixon"
    elif code in facts.FAT_SUPPRESSION:
        fields["fat_suppression"] = facts.FAT_SUPPRESSION[code]
    elif series.technique == "turbo_spin_echo" and inversion and inversion <= facts.STIR_LONGEST_TI:
        fields["fat_suppression"] = "stir"
    elif code:
        series.say("kept-verbatim", "fat_suppression", f"code {code!r} of fat suppression is not known")
    elif facts.EPI_OPTION in series.tokens:
        series.say("not-stated", "fat_suppression", "EPI may excite water alone; the file does not say")
    elif series.proven:
        fields["fat_suppression"] = "none"
    if code == facts.FAT_SPECIAL:
        series.say("assumed", "fat_suppression", "Fat Special is taken for spectral inversion of fat")


def write_fat(draft: Draft) -> None:
    """Code or options of a fat suppression; a reason for each that GE has none for."""
    wanted = draft.scan.fat_suppression
    if wanted in facts.FAT_CODES:
        draft.values[facts.FAT] = facts.FAT_CODES[wanted]
        if draft.values[facts.FAT] == facts.FAT_SPECIAL:
            said = f"Fat Special ({facts.FAT} {facts.FAT_SPECIAL}) is taken for spectral inversion of fat"
            draft.doubt("fat_suppression", said)
        return
    if wanted is not None:
        draft.removed[facts.FAT] = None
    if wanted == "dixon" and draft.scan.technique == "turbo_spin_echo" and not draft.is_3d:
        draft.tokens.add("Flex")
        draft.values[facts.DIXON_IMAGES] = "3"
        draft.doubt("fat_suppression", "Flex with FSE is inferred from Flex with LAVA")
    elif wanted == "none" and 0 < (draft.scan.inversion_time or 0) <= facts.STIR_LONGEST_TI:
        draft.why("fat_suppression", "an inversion time as short as this is STIR")
    elif reason := _no_fat_code(wanted, draft.is_epi):
        draft.why("fat_suppression", reason)


def _no_fat_code(wanted: str | None, epi: bool) -> str | None:
    if wanted == "none":
        return "EPI may excite water alone; GE files do not say" if epi else None
    return {
        "dixon": "GE offers Dixon in sequences of their own (LAVA-Flex, IDEAL)",
        "water_excitation": "the code of spectral-spatial excitation is not known",
        "stir": "STIR needs an inversion time of a 2D or 3D turbo spin echo",
    }.get(wanted or "")


# --- diffusion --------------------------------------------------------------------------------------


def read_diffusion(series: Series) -> None:
    """b-values, their averages and directions; images without weighting come first."""
    fields, left = series.fields, series.left
    if facts.DIFFUSION_OPTION not in series.tokens:
        return
    weights = _list(left.get(facts.B_VALUES, ""))
    if not weights:
        return
    unweighted = int(series.number(facts.B0_COUNT) or 0)
    fields["b_values"] = (0.0, *weights) if unweighted else weights
    del left[facts.B_VALUES]
    if unweighted:
        del left[facts.B0_COUNT]
    averages = _list(left.get(facts.B_AVERAGES, ""))
    if len(averages) == len(weights) and all(a >= 1 and a == int(a) for a in averages):
        fields["b_value_averages"] = tuple(map(int, [unweighted, *averages] if unweighted else averages))
        del left[facts.B_AVERAGES]
    if scheme := facts.DIFFUSION_SCHEMES.get(left.get(facts.DIRECTION_MODE, "")):
        fields["diffusion_scheme"] = scheme
    directions = series.number(facts.DIRECTIONS)
    if directions and directions >= 1:
        fields["diffusion_directions"] = int(directions)
        del left[facts.DIRECTIONS]


def _list(text: str) -> tuple[float, ...]:
    found = [number(part) for part in text.split(";") if part.strip()]
    known = tuple(part for part in found if part is not None)
    return known if len(known) == len(found) else ()


def write_diffusion(draft: Draft) -> None:
    """b-values, each once, with averages; the number of images without weighting; directions."""
    scan = draft.scan
    if facts.DIFFUSION_OPTION not in draft.tokens or not scan.b_values:
        draft.why("b_values", "not a diffusion sequence")
        draft.why("diffusion_directions", "not a diffusion sequence")
        return
    counts = scan.b_value_averages
    if counts is None or len(counts) != len(scan.b_values):
        counts = (max(1, round(scan.number_of_averages or 1)),) * len(scan.b_values)
    repeats = dict(zip(scan.b_values, counts, strict=True))
    draft.put(facts.B0_COUNT, repeats.pop(0.0, 0))
    draft.put(facts.B0_AVERAGES, 1)
    draft.put(facts.B_COUNT, max(1, len(repeats)))
    draft.values[facts.B_VALUES] = "".join(f"{b:.1f};" for b in repeats)
    draft.values[facts.B_AVERAGES] = "".join(f"{n:.1f};" for n in repeats.values())
    draft.why("b_values", "b=0 images stand first on GE, each b-value once")
    _write_directions(draft, scan.diffusion_directions)


def _write_directions(draft: Draft, directions: int | None) -> None:
    if directions and directions not in facts.DIRECTION_MODES and directions < facts.FEWEST_OF_TENSOR:
        directions = 3
        for name in ("diffusion_directions", "diffusion_scheme"):
            draft.why(name, "GE measures one, three or at least six directions")
    if directions:
        draft.values[facts.DIRECTION_MODE] = facts.DIRECTION_MODES.get(directions, facts.TENSOR)
        draft.put(facts.DIRECTIONS, directions)
