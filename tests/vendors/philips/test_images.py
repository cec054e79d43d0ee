"""What Philips writes into acquired images, on a header of our own: each private element."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator.vendors.philips import DIALECT
from tests.vendors.philips.vectors import B_FACTOR, STATED

IMAGING, MR = "Philips Imaging DD 001", "Philips MR Imaging DD 001"


class Header:
    """Holds elements of the groups 2001 and 2005, and public attributes."""

    path = Path("image.dcm")

    def __init__(self, own: dict[int, Any], mr: dict[int, Any], public: dict[str, Any]) -> None:
        self.held = {(0x2001, IMAGING, at): value for at, value in own.items()}
        self.held |= {(0x2005, MR, at): value for at, value in mr.items()}
        self.public = public

    def get(self, keyword: str, frame: int = 0) -> Any:
        return self.public.get(keyword)

    def private(self, group: int, creator: str, element: int, frame: int = 0) -> Any:
        return self.held.get((group, creator, element))

    def matrix(self) -> tuple[int | None, int | None]:
        return None, None

    def phase_direction(self, sense: int = 0) -> str | None:
        return None


def test_what_the_elements_mean() -> None:
    wrong = []
    for own, mr, public, fields in STATED:
        found = DIALECT.of_image(Header(own, mr, public))
        surer = fields.keys() & {"technique", "parallel_reduction_factor_in_plane"}
        if (dict(found.fields), set(found.surer)) != (fields, surer):
            wrong.append((own, mr, public, found))
    assert wrong == []


def test_weighting_of_a_classic_image() -> None:
    for own, mr, wanted in (
        ({B_FACTOR: 1000.0}, {0xB0: 0.6, 0xB1: -0.8}, (1000.0, (0.6, -0.8, 0.0))),
        ({B_FACTOR: 800.0}, {0xB2: 1.0}, (800.0, (0.0, 0.0, 1.0))),
        ({B_FACTOR: 0.0}, {0xB0: 0.0, 0xB1: 0.0, 0xB2: 0.0}, (0.0, None)),
        ({B_FACTOR: "1000"}, {}, (None, None)),
    ):
        assert DIALECT.weighting(Header(own, mr, {})) == wanted
