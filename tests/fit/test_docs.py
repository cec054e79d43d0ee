"""The page about fitting says what the program does."""

from __future__ import annotations

from pathlib import Path

from generator.fit.moves import MOVES
from generator.fit.options import MOST_MOVES
from generator.fit.reference import insert

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "fit.md"


def test_the_table_of_moves_is_up_to_date() -> None:
    page = PAGE.read_text("utf-8")
    assert insert(page) == page
    assert all(f"`{move.field}`" in page for move in MOVES)


def test_the_numbers_in_the_text_are_those_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    assert MOST_MOVES == 3 and "at most three moves" in page
