"""Times and angles: which of them Canon's console shows, and where the PAS block keeps them.

Consoles disagree on which repetition time and which flip angle they show. What a spec leaves open stays open
on the sheet; nothing is guessed.
"""

from __future__ import annotations

from generator.vendors.canon.fields.view import ECHO_PLANAR, PREPARED, SPIN_ECHO_TRAINS, Seq, View, field_of

EXCITATION = 90.0

_SHOT_INTERVAL = (
    "from one inversion to the next. Assumed to be what Canon shows: "
    "if the console shows the time between excitations, do not enter this value there"
)
_WHICH_TR = "the spec does not say whether it means the shot interval or the time between excitations"


def show_repetition(view: View) -> None:
    """Choose the time that is entered as TR: the cycle of a prepared scan, else the one that is stated."""
    scan = view.scan
    shown, prepared = scan.repetition_time, scan.technique in PREPARED
    cycle, excitation = scan.repetition_time_preparation, scan.repetition_time_excitation
    if prepared and cycle is not None:
        shown = cycle
        view.notes["repetition_time"] = _SHOT_INTERVAL
    elif prepared and shown is not None:
        view.notes["repetition_time"] = f"{_WHICH_TR}: to be checked at the console"
    elif shown is None:
        shown = cycle if scan.technique in SPIN_ECHO_TRAINS | ECHO_PLANAR else excitation
    if shown is None:
        return
    view.values["repetition_time"] = shown
    for name in ("repetition_time_preparation", "repetition_time_excitation"):
        if getattr(scan, name) == shown:
            view.implied.add(name)


def show_angles(view: View) -> None:
    """Keep a refocusing angle out of Canon's Flip, which is the excitation angle."""
    scan = view.scan
    angle, refocusing = scan.flip_angle, scan.refocusing_flip_angle
    if scan.technique not in SPIN_ECHO_TRAINS or angle is None:
        return
    if refocusing is None and angle != EXCITATION:
        view.values["flip_angle"] = None
        view.notes["flip_angle"] = (
            f"the spec states one angle, {angle:g} deg, and not whether it is the excitation (Flip) or the "
            "refocusing (Flop) angle; for an echo train most consoles show the refocusing angle"
        )
    elif angle == refocusing:
        view.values["flip_angle"] = None
        view.implied.add("flip_angle")
        view.notes["flip_angle"] = "the angle of the spec is the refocusing angle: see Flop angle"


def read_times(seq: Seq) -> None:
    """Read TR, TE, TI, flip angle and scan time."""
    for element in ("TR", "FLIP"):
        seq.set(field_of(element), seq.number(element), element)
    echo = seq.number("FLEXTE")
    seq.set("echo_times", None if echo is None else (echo,), "FLEXTE")
    inversion = seq.public.get("InversionTime")
    if inversion:
        seq.fields["inversion_time"] = inversion
    seq.set("acquisition_duration", seq.number("TACQT"), "TACQT")


def read_train(seq: Seq) -> None:
    """Echo factor, echo spacing and flop angle: verified for echo-planar scans only."""
    names = [name for name in ("ECHOF", "GRESP", "FLOP") if seq.number(name) is not None]
    if seq.fields.get("technique") == "echo_planar_diffusion":
        for element in names:
            seq.set(field_of(element), seq.number(element), element)
    elif names:
        seq.note("not-verified", f"{', '.join(names)} are known for echo-planar scans only; kept verbatim")
