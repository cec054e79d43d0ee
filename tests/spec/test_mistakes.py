"""Natural mistakes: each gets its place and what to write instead; all messages are in one snapshot."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from generator.spec.diagnostic import SourceErrors
from generator.spec.load import load_text
from tests.spec.broken import HEAD, SCAN
from tests.spec.mistakes import MISTAKES


def diagnosed(case: str) -> SourceErrors:
    with pytest.raises(SourceErrors) as caught:
        load_text(MISTAKES[case], "mine.yaml")
    return caught.value


@pytest.mark.parametrize("case", MISTAKES)
def test_a_natural_mistake_has_its_place_and_its_remedy(case: str, snapshot: SnapshotAssertion) -> None:
    found = diagnosed(case)
    (one,) = found.diagnostics
    lines = MISTAKES[case].splitlines()
    assert one.position.file == "mine.yaml" and one.line_text[:80] == lines[one.position.line - 1][:80]
    assert one.expected or one.suggestion
    assert str(found) == snapshot


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("TR", "'repetition_time'"),
        ("TE", "'echo_times'"),
        ("nex", "'number_of_averages'"),
        ("SENSE", "parallel_reduction_factor_in_plane"),
        ("half bandwidth", "62500 Hz"),  # GE shows half of the band: 2 x 31.25 kHz
        ("half bandwidth", "244.1 Hz/px at 256"),  # 62500 / 256
        ("water-fat shift", "145 Hz/px at 1.5 T"),  # 3.4 ppm of 63.87 MHz, 217 Hz, over 1.5 pixels
        ("6/8", "is 0.75"),
        ("10:05", "605 s"),
        ("20 slices", "the number alone: 20"),
        ("1x1x1 mm", "[1 mm, 1 mm, 1 mm]"),
        ("256 x 192", "[256, 192]"),
        ("GE Healthcare", "'ge'"),
        ("A-P", "'AP'"),
        ("followup", "'follow-up'"),
        ("a Bengali four", "the digits 0 to 9"),
    ],
)
def test_the_remedy_is_the_right_one(case: str, words: str) -> None:
    assert words in str(diagnosed(case))


@pytest.mark.parametrize("kind", ["acute-stroke", "stroke-follow-up", "spine-metastases", "knee"])
def test_a_kind_of_ones_own_is_none_of_them(kind: str) -> None:
    assert load_text(f"{HEAD}{SCAN}".replace("steps:", f"kind: {kind}\nregion: knee\nsteps:")).kind == kind
