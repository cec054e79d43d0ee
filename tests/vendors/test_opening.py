from __future__ import annotations

import pytest

from generator.errors import UsageError
from generator.model.tree import Protocol
from generator.vendors.opening import choose, labels

PATHS = (
    ("Head", "all", "AAT options"),
    ("Knee", "left", "AAT options"),
    ("Knee", "right", "AAT options"),
    ("Knee", "right", "AAT options"),
    ("Head", "T1/T2"),
    ("Head", "scan#2"),
)
PROTOCOLS = [Protocol(name=path[-1], path=path) for path in PATHS]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("AAT options", (0, 1, 2, 3)),
        ("Head/AAT options", (0,)),
        ("Head/all/AAT options", (0,)),
        ("right/AAT options", (2, 3)),
        ("right/AAT options#2", (3,)),
        ("Knee/AAT options#3", (3,)),
        ("#2", (1,)),
        ("T1/T2", (4,)),
        ("Head/T1/T2", (4,)),
        ("scan#2", (5,)),
    ],
)
def test_a_protocol_is_chosen_by_name_path_or_number(wanted: str, found: tuple[int, ...]) -> None:
    assert choose(PROTOCOLS, wanted) == found


@pytest.mark.parametrize(
    "wanted", ["all/Head/AAT options", "options", "AAT options#5", "AAT options#0", "Head"]
)
def test_what_fits_nothing_is_refused_with_what_can_be_typed(wanted: str) -> None:
    with pytest.raises(UsageError, match="no protocol") as caught:
        choose(PROTOCOLS, wanted)
    assert "Knee/right/AAT options#2" in str(caught.value)


def test_every_protocol_can_be_reached_by_its_label() -> None:
    assert [choose(PROTOCOLS, label) for label in labels(PROTOCOLS)] == [(i,) for i in range(len(PROTOCOLS))]
