"""What holds for every dialect: losses by contract, with a reason and a severity, at both field strengths."""

from __future__ import annotations

from typing import get_args

import pytest

from generator import vendors
from generator.model.tree import Acquisition, Target
from generator.model.words import LossSeverity
from generator.vendors import account
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.profile import profile
from tests.support.kitchen import kitchen_sink

FIELDS = (1.5, 3.0)


@pytest.fixture(scope="module")
def exports() -> dict[tuple[str, float], Export]:
    """The kitchen sink of every vendor at both field strengths, read back."""
    found = {}
    for vendor in vendors.names():
        for field in FIELDS:
            target = Target(vendor=vendor, field_strength=field)
            found[vendor, field] = account.build(
                vendors.get(vendor), kitchen_sink(target), target, BuildOptions()
            )
    return found


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("vendor", vendors.names())
def test_nothing_is_lost_without_a_reason(
    vendor: str, field: float, exports: dict[tuple[str, float], Export]
) -> None:
    losses = exports[vendor, field].losses
    assert [loss for loss in losses if loss.reason == account.NO_REASON] == []
    assert {loss.severity for loss in losses} <= set(get_args(LossSeverity))


@pytest.mark.parametrize("vendor", vendors.names())
def test_every_scan_is_read_back_or_lost_as_a_whole(
    vendor: str, exports: dict[tuple[str, float], Export]
) -> None:
    for field in FIELDS:
        export = exports[vendor, field]
        wanted = kitchen_sink(Target(vendor=vendor, field_strength=field)).steps
        assert export.back is not None and export.origins is not None
        whole = {
            loss.step for loss in export.losses if (loss.kind, loss.wanted) == ("unsupported", "acquisition")
        }
        missing = {
            index
            for index, step in enumerate(wanted)
            if isinstance(step, Acquisition) and index not in export.origins
        }
        assert missing == whole


@pytest.mark.parametrize("vendor", vendors.names())
def test_formats_are_the_dialects_own(vendor: str) -> None:
    others = [name for other in vendors.names() if other != vendor for name in vendors.get(other).formats]
    assert not set(vendors.get(vendor).formats) & set(others)
    assert profile(vendor).title and profile(vendor).manufacturers
