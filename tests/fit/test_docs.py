"""The page about fitting says what the program does."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.contrast.noise import LEAST, noise_factor
from generator.fit.choosing import MOST_TRIED
from generator.fit.moves import MOVES
from generator.fit.options import MOST_MOVES
from generator.fit.reference import insert
from generator.model.tree import Acquisition

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "fit.md"


def test_the_table_of_moves_is_up_to_date() -> None:
    page = PAGE.read_text("utf-8")
    assert insert(page) == page
    assert all(f"`{move.field}`" in page for move in MOVES)


def test_the_numbers_in_the_text_are_those_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    assert MOST_MOVES == 3 and "at most three moves" in page
    assert f"After {MOST_TRIED} combinations" in page
    assert LEAST == 0.7 and "more than 30 % of the signal" in page
    assert all(noise_factor(_accelerated(r)) == pytest.approx(g) for r, g in ((2, 1.05), (3, 1.2), (4, 1.5)))
    assert "1.05 at an acceleration\nof 2, 1.2 at 3, 1.5 at 4" in page


def _accelerated(factor: float) -> Acquisition:
    return Acquisition(name="scan", parallel_reduction_factor_in_plane=factor)
