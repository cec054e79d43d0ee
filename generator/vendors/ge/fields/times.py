"""Times, angles, echo trains, repetitions and averages of a series: pairs to fields and back."""

from __future__ import annotations

from generator.vendors.ge import facts
from generator.vendors.ge.facts import number
from generator.vendors.ge.fields import Draft, Series

# --- plain numbers -----------------------------------------------------------------------


def read_plain(series: Series) -> None:
    """Fields that are one number under one key; a word means that the scanner chooses."""
    left = series.left
    for name, key in facts.PLAIN.items():
        value = left.get(key)
        if value is None:
            continue
        found = number(value)
        if found is not None:
            series.fields[name] = int(found) if key in facts.WHOLE and found == int(found) else found
            del left[key]
        else:
            series.odd(name, key)


# --- repetition -------------------------------------------------------------------------------------


def read_repetition(series: Series) -> None:
    """Which repetition time TR is: of an excitation, or from one inversion to the next."""
    fields, left = series.fields, series.left
    repetition = fields.get("repetition_time")
    if repetition is None:
        if facts.TR not in left:
            series.say("chosen-by-scanner", "repetition_time", "no TR in the file: the scanner chooses")
        return
    if series.technique == facts.PREPARED:
        fields["repetition_time_excitation"] = repetition
        _read_cycle(series, repetition)
    elif series.proven and series.inverts and series.technique in facts.INVERTED_EACH_REPETITION:
        fields["repetition_time_preparation"] = repetition
    if left.get(facts.TR_AUTOMATIC) == "1":
        low, high = left.get(facts.TR_LEAST, ""), left.get(facts.TR_MOST, "")
        series.say("automatic", "repetition_time", f"TR may move within {low} to {high} ms")


def _read_cycle(series: Series, excitation: float) -> None:
    """Inversion cycle of an MP-RAGE: inversion time, second half of the train, recovery.

    Of the one series that has a recovery time (TI 1000, recovery 900) the image says 2217.66 ms, which leaves
    318 ms for half of the train; that the train goes through the partitions is assumed.
    """
    inversion, recovery = series.number(facts.TI), series.number(facts.RECOVERY)
    located, factor = series.number(facts.SLAB_LOCATIONS), series.number(facts.SLICE_FACTOR) or 1.0
    if inversion is None or recovery is None or not located or factor < 1:
        return
    train = located * max(series.number(facts.SLICE_WRAP) or 1.0, 1.0) / factor
    series.fields["repetition_time_preparation"] = round(inversion + recovery + train * excitation / 2, 3)
    del series.left[facts.RECOVERY]
    said = "computed from TI, recovery time and a train through the partitions"
    series.say("assumed", "repetition_time_preparation", said)


def _write_cycle(draft: Draft) -> None:
    """Recovery time that fills the inversion cycle, for sequences that have one."""
    scan, train = draft.scan, draft.scan.echo_train_length
    times = scan.repetition_time_preparation, scan.inversion_time, scan.repetition_time_excitation
    draft.derived.add("echo_train_length")
    if draft.family.pseq != "MP-RAGE" or None in times or train is None:
        return
    cycle, inversion, excitation = (time or 0.0 for time in times)
    recovery = cycle - inversion - train * excitation / 2
    if recovery >= 0:
        draft.put(facts.RECOVERY, recovery)
        draft.why("repetition_time_preparation", "the recovery time is a whole number of ms")
    else:
        draft.why("repetition_time_preparation", "the train and TI leave no time to recover")


def write_repetition(draft: Draft) -> None:
    """TR as GE shows it; it is then no longer adapted by the console."""
    scan = draft.scan
    if scan.technique in (facts.PREPARED, "mp2rage"):
        said = "the console derives the inversion cycle from TI and the train"
        draft.why("repetition_time_preparation", said)
        draft.why("repetition_time", "GE shows the time between excitations, which the spec does not state")
        draft.put(facts.TR, scan.repetition_time_excitation)
        _write_cycle(draft)
        return
    shown = scan.repetition_time
    draft.put(facts.TR, shown if shown is not None else scan.repetition_time_preparation)
    draft.why("repetition_time_preparation", "TR of this sequence is another time")
    draft.why("repetition_time_excitation", "GE derives the spacing inside the train")
    if facts.TR in draft.values:
        draft.values[facts.TR_AUTOMATIC] = "0"


# --- echoes -----------------------------------------------------------------------------------------


def read_echo(series: Series) -> None:
    """First echo time; of the others a file holds the number alone."""
    left = series.left
    shown, echoes = left.get(facts.TE), series.number(facts.ECHOES) or 1
    first = number(shown)
    if first is not None and first >= 0:
        series.fields["echo_times"] = (first,)
        del left[facts.TE]
    elif shown is not None:
        series.odd("echo_times", facts.TE)
    if echoes > 1:
        said = f"{echoes:g} echoes, of which the file states the first at most"
        series.say("first-echo-only", "echo_times", said)


def write_echoes(draft: Draft) -> None:
    """First echo time and number of echoes."""
    times = draft.scan.echo_times
    if not times:
        return
    draft.put(facts.TE, times[0])
    draft.put(facts.ECHOES, len(times))
    if len(times) > 1:
        said = f"the key of a second echo time is not known; {facts.ECHOES} holds the number of echoes"
        draft.why("echo_times", said)


# --- inversion --------------------------------------------------------------------------------------


def read_inversion(series: Series) -> None:
    """Inversion time, of series that invert."""
    left, inverts = series.left, series.inverts
    time, automatic = series.number(facts.TI), left.get(facts.TI_AUTOMATIC) == "1"
    if time is not None and inverts:
        series.fields["inversion_time"] = time
        del left[facts.TI]
        if automatic:
            series.say("automatic", "inversion_time", "the scanner adapts TI; this is the value it last had")
    elif automatic and inverts:
        series.say("chosen-by-scanner", "inversion_time", "automatic inversion time")
    elif time is not None:
        said = "TI without the inversion option (IrP) is no inversion time of the sequence"
        series.say("kept-verbatim", "inversion_time", said)


def write_inversion(draft: Draft) -> None:
    """Inversion time, no longer adapted by the console, with the option that switches inversion on."""
    if draft.scan.inversion_time is not None:
        draft.put(facts.TI, draft.scan.inversion_time)
        draft.removed[facts.TI_AUTOMATIC] = None
        draft.tokens.add(facts.INVERSION_OPTION)
    elif facts.INVERSION_OPTION in draft.tokens:
        draft.put(facts.TI_AUTOMATIC, 1)  # what the spec does not state the console chooses


# --- flip angle -------------------------------------------------------------------------------------


def read_flip(series: Series) -> None:
    """The angle on the console is the refocusing angle of a train of spin echoes."""
    flip = series.fields.get("flip_angle")
    if flip is not None and series.technique in facts.REFOCUSED:
        series.fields["refocusing_flip_angle"] = flip


def write_flip(draft: Draft) -> None:
    """The angle that the console shows, no longer adapted by it."""
    scan, refocused = draft.scan, draft.scan.technique in facts.REFOCUSED
    if draft.family.pseq == facts.SPIN_ECHO and not refocused:
        for name in ("flip_angle", "refocusing_flip_angle"):
            draft.why(name, "fixed by the spin-echo sequence of GE")
        return
    flip = scan.refocusing_flip_angle if refocused else None
    flip = flip if flip is not None else scan.flip_angle
    draft.put(facts.FLIP, flip)
    if flip is not None:
        draft.removed[facts.FLIP_AUTOMATIC] = facts.FLIP
    if refocused:
        draft.why("flip_angle", "the console shows the refocusing angle; the excitation angle is fixed")
    else:
        draft.why("refocusing_flip_angle", "a gradient echo has no refocusing pulse")


# --- trains, phases, averages -----------------------------------------------------------------------


def write_counts(draft: Draft) -> None:
    """Length of the train, shots, and phases (temporal positions)."""
    scan = draft.scan
    if draft.is_epi:
        said = "GE derives the length of an EPI train from matrix, shots and acceleration"
        draft.why("echo_train_length", said)
        draft.put(facts.SHOTS, scan.number_of_shots)
    else:
        draft.why("number_of_shots", "GE derives the shots from matrix and train length")
        if scan.technique == facts.PREPARED:
            draft.why("echo_train_length", "GE derives the train of an inversion-prepared gradient echo")
        else:
            draft.put(facts.TRAIN, scan.echo_train_length)
    _write_phases(draft, scan.number_of_temporal_positions)


def _write_phases(draft: Draft, phases: int | None) -> None:
    if phases is not None and phases > 1:
        draft.put(facts.PHASES, phases)
        if not draft.tokens.intersection(facts.MULTIPHASE_OPTIONS):
            draft.tokens.add("MPh")
    elif phases == 1 and not draft.is_epi:
        draft.tokens.difference_update(facts.MULTIPHASE_OPTIONS)
        draft.removed[facts.PHASES] = None


def read_averages(series: Series) -> None:
    """Averages; a NEX below 1 is partial Fourier in phase."""
    fields, averages = series.fields, series.number(facts.AVERAGES)
    if averages is None or averages <= 0:
        return
    del series.left[facts.AVERAGES]
    fields["number_of_averages"] = max(averages, 1.0)
    halved = series.proven and series.technique in facts.HALVED_BY_NEX
    if not halved or fields.get("readout") != "cartesian":
        return
    if averages < 1:
        fields["partial_fourier_phase"] = averages
        said = "a NEX below 1 is partial Fourier; the extra lines it needs are not in the file"
        series.say("fractional-nex", "partial_fourier_phase", said)
    elif averages == int(averages):
        fields["partial_fourier_phase"] = 1.0


def write_averages(draft: Draft) -> None:
    """Averages and partial Fourier in phase, which share one number."""
    averages, partial = draft.scan.number_of_averages, draft.scan.partial_fourier_phase
    if draft.is_epi:
        draft.why("partial_fourier_phase", "the console chooses it for EPI from the minimum TE")
        draft.why("number_of_averages", "diffusion has averages per b-value, BOLD none")
        return
    if partial in facts.FRACTIONAL_NEX and averages in (None, 1):
        draft.put(facts.AVERAGES, partial)
        return
    draft.put(facts.AVERAGES, averages)
    if facts.SINGLE_SHOT_OPTION in draft.tokens:
        said = "a single shot is always partial on GE, by how much the file does not say"
    else:
        said = "GE offers it as NEX 0.50 or 0.75, for a single average only"
    draft.why("partial_fourier_phase", said)
