"""Which step is which: every case laid out by hand."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generator.compare.pairing import Match, match, pair_protocols, pair_steps
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Step


def scan(name: str, technique: str = "turbo_spin_echo", te: float = 100, **fields: Any) -> Acquisition:
    known = {
        "mr_acquisition_type": "2D",
        "plane": "sagittal",
        "repetition_time": 4000.0,
        "slice_thickness": 3.0,
    }
    return Acquisition(name=name, technique=technique, echo_times=(te,), **{**known, **fields})


T1, T2 = scan("t1_tse", te=10, repetition_time=600), scan("t2_tse")
FLAIR = scan("flair", te=390, mr_acquisition_type="3D", inversion_time=1800.0, slice_thickness=1.0)
STIR = scan("stir", te=50, inversion_time=180.0, fat_suppression="stir")
DWI = scan("dwi", "echo_planar_diffusion", te=80, b_values=(0.0, 1000.0), plane="transverse")
LOC = scan("loc", "gradient_echo", te=4, repetition_time=8.0, slice_thickness=8.0)


def renamed(step: Acquisition, name: str) -> Acquisition:
    return step.model_copy(update={"name": name})


def pairs(a: list[Step], b: list[Step]) -> list[tuple[int, int]]:
    return [(one.a, one.b) for one in pair_steps(a, b)]


def moved(a: list[Step], b: list[Step]) -> list[int]:
    return [one.a for one in pair_steps(a, b) if one.moved]


def test_equal_lists_are_paired_in_order() -> None:
    steps: list[Step] = [LOC, T1, T2, FLAIR, DWI]
    assert pair_steps(steps, steps) == [Match(i, i) for i in range(5)]


def test_one_step_that_moved_is_the_one_that_is_said_to_have_moved() -> None:
    assert moved([LOC, T1, T2, FLAIR, DWI], [LOC, DWI, T1, T2, FLAIR]) == [4]


def test_added_and_removed_steps_leave_the_others_where_they_are() -> None:
    assert pairs([LOC, T1, T2], [LOC, FLAIR, T1, DWI]) == [(0, 0), (1, 2)]
    assert moved([LOC, T1, T2], [LOC, FLAIR, T1, DWI]) == []


def test_scans_of_one_name_stay_in_order_when_one_is_added_before_them() -> None:
    assert pairs([T2, T2], [LOC, T2, T2]) == [(0, 1), (1, 2)]
    assert pairs([T2, T2, T2], [T2, T2]) == [(0, 0), (1, 1)]


def test_a_renamed_scan_is_found_by_what_it_is() -> None:
    others: list[Step] = [renamed(T1, "Sag T1 FSE"), renamed(FLAIR, "3D_Brain_VIEW"), renamed(T2, "SAG PROP")]
    assert pairs([T1, T2, FLAIR], others) == [(0, 0), (1, 2), (2, 1)]


def test_scans_of_other_contrast_are_not_each_other() -> None:
    assert pairs([LOC, T1], [LOC, DWI]) == [(0, 0)]
    assert pairs([LOC, scan("a", te=10, repetition_time=600)], [LOC, scan("b", te=100)]) == [(0, 0)]
    assert pairs([LOC, renamed(T2, "one")], [LOC, renamed(STIR, "two")]) == [(0, 0)]


def test_the_only_scans_of_two_files_are_held_against_each_other() -> None:
    assert pairs([T1], [DWI]) == []
    found = pair_steps([Pause(text="first"), T1], [DWI, Pause(text="last")], only_ones=True)
    assert [(one.a, one.b) for one in found] == [(1, 0)]


def test_a_scan_keeps_its_name_through_a_change_of_everything_else() -> None:
    assert pairs([scan("spine t2")], [scan("spine t2", "gradient_echo", te=15, plane="transverse")]) == [
        (0, 0)
    ]


def test_the_better_of_two_that_fit_is_taken_whatever_the_order() -> None:
    plain = scan("gre t1w", "gradient_echo", te=5, flip_angle=20.0, magnetization_transfer=False)
    with_mt = scan("gre mt1", "gradient_echo", te=5, flip_angle=9.0, magnetization_transfer=True)
    without = scan("gre mt0", "gradient_echo", te=5, flip_angle=9.0, magnetization_transfer=False)
    there: list[Step] = [renamed(with_mt, "GRE MT"), renamed(plain, "GRE T1")]
    assert pairs([plain, with_mt, without], there) == [(0, 1), (1, 0)]


def test_before_and_after_an_injection() -> None:
    agent = Contrast(agent="gadobutrol")
    other = Contrast(agent="gadoteric acid")
    assert pairs([T1, agent, T1], [T1, other, T1]) == [(0, 0), (1, 1), (2, 2)]


def test_instructions_are_paired_by_their_words() -> None:
    a: list[Step] = [Pause(text="Install PulseOx (for diffusion)"), Pause(text="Stop before this scan")]
    b: list[Step] = [Pause(text="Stop before this scan"), Pause(text="Give the patient the ball")]
    assert pairs(a, b) == [(1, 0)]


def test_an_only_protocol_is_held_against_the_one_most_like_it() -> None:
    brain = Protocol(name="brain", steps=(T1, FLAIR, DWI))
    files = [Protocol(name="knee", steps=(STIR,)), Protocol(name="head", steps=(FLAIR, DWI))]
    assert pair_protocols([brain], files) == [Match(0, 1)]


def test_protocols_of_one_name_are_told_apart_by_their_folders() -> None:
    one = [
        Protocol(name="p", path=("Head", "p"), steps=(T1,)),
        Protocol(name="p", path=("Neck", "p"), steps=(T2,)),
    ]
    found = pair_protocols(one, one[::-1])
    assert [(pair.a, pair.b) for pair in found] == [(0, 1), (1, 0)]
    assert sum(pair.moved for pair in found) == 1


@given(st.lists(st.integers(0, 5), max_size=8), st.lists(st.integers(0, 5), max_size=8))
def test_every_entry_is_in_one_pair_and_none_of_two_equals_is_left(a: list[int], b: list[int]) -> None:
    found = match(len(a), len(b), lambda i, j: 2.0 if a[i] == b[j] else 0.0)
    assert len({one.a for one in found}) == len({one.b for one in found}) == len(found)
    assert all(a[one.a] == b[one.b] for one in found)
    assert len(found) == sum(min(a.count(value), b.count(value)) for value in set(a))
    in_place = [one.b for one in found if not one.moved]
    assert in_place == sorted(in_place)
