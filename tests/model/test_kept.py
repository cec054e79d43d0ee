"""A scan whose work is kept gives what it gives when worked out anew, whatever was asked before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from generator import pipeline, proof
from generator.model import kept
from generator.model.fields import field_table
from generator.model.tree import Acquisition, Contrast, Pause, Target
from generator.spec.load import find, load
from generator.timing.families import attempt
from generator.vendors.canon import writer as canon
from generator.vendors.dialect import BuildOptions
from generator.vendors.ge import writer as ge
from generator.vendors.philips import writer as philips
from tests.support.kitchen import kitchen_sink

TARGET = Target(vendor="siemens", field_strength=3.0)
FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "time": (attempt, ("siemens", 3.0, None)),
    "canon": (canon._written, ("brain", 125.0)),
    "ge": (ge._written, ("MR30.0", "brain", None, "a paragraph")),
    "philips": (philips._written, (3.0, 125.0, False)),
}


def test_values_that_only_look_alike_are_told_apart() -> None:
    calls: list[Any] = []

    @kept.per_scan
    def work(scan: Acquisition, more: object) -> int:
        calls.append(more)
        return len(calls)

    plain = Acquisition(name="a")
    odd = [plain.model_copy(update={"slice_gap": gap}) for gap in (0.0, -0.0, 0, 5.0, 5)]
    assert len({work(scan, 1) for scan in odd}) == 5
    assert len({work(plain, more) for more in (1, 1.0, "1", None)}) == 4
    assert work(Acquisition(name="a"), "1") == work(plain, "1")


def test_a_scan_with_a_vendors_own_parameters_is_not_kept() -> None:
    seen: list[int] = []
    work = kept.per_scan(lambda scan: seen.append(1))
    for _ in range(2):
        work(Acquisition(name="a", vendor={"KEY": object()}))
    assert len(seen) == 2


def test_no_more_is_kept_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    seen: list[str] = []
    work = kept.per_scan(lambda scan: seen.append(scan.name))
    for name in "abcca":
        work(Acquisition(name=name))
    assert seen == ["a", "b", "c", "a"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_field_counts(name: str) -> None:
    work, more = FUNCTIONS[name]
    anew = work.__wrapped__  # type: ignore[attr-defined]
    for scan in kitchen_sink(TARGET).acquisitions[:4]:
        for field in ("", *(one for one in field_table(Acquisition) if getattr(scan, one) is not None)):
            if field in ("kind", "name", "technique", "vendor", "optional"):
                continue
            changed = scan.model_copy(update={field: None} if field else {})
            assert _outcome(work, changed, more) == _outcome(anew, changed, more), (scan.name, field)


def _outcome(work: Callable[..., Any], scan: Acquisition, more: tuple[Any, ...]) -> Any:
    try:
        return _members(work(scan, *more))
    except Exception as error:  # refused with or without: the same
        return repr(error)


def _members(made: Any) -> Any:
    """What an object holds, for those that are equal to no other."""
    if not is_dataclass(made):
        return made
    return {one.name: _members(getattr(made, one.name)) for one in fields(made)}


def test_steps_of_the_same_values_are_one_object() -> None:
    def made(**values: Any) -> Acquisition:
        return kept.step_of(Acquisition, {"name": "a", **values})

    assert made(slice_gap=5.0) is made(slice_gap=5.0)
    assert [repr(made(slice_gap=gap).slice_gap) for gap in (4.0, 0.0, -0.0)] == ["4.0", "0.0", "-0.0"]
    assert made(vendor={"KEY": "1"}) is not made(vendor={"KEY": "1"})
    assert kept.step_of(Pause, {"text": "a"}) != kept.step_of(Contrast, {"text": "a"})


def test_steps_are_told_apart_by_each_and_their_order() -> None:
    seen: list[int] = []
    work = kept.per_steps(lambda steps, more: seen.append(more))
    one, other = Acquisition(name="a"), Pause(text="b")
    for steps in ((one, other), (other, one), (one,), (one, other), ()):
        work(steps, 1)
    work((one, other), 2)
    assert seen == [1, 1, 1, 1, 2]
    for _ in range(2):
        work((other, Acquisition(name="a", vendor={"KEY": object()})), 3)
    assert seen[5:] == [3, 3]


def test_a_digest_is_that_of_the_object_that_lives_now() -> None:
    seen = {kept.digest(Acquisition(name="a", slice_gap=float(gap))) for gap in range(50)}
    assert len(seen) == 50


@pytest.mark.parametrize("vendor", ["ge", "philips"])
def test_a_wrong_guess_of_the_time_to_be_stated_changes_nothing(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = pipeline.prepare(load(find("ofsep-brain-follow-up")[0]), Target(vendor=vendor, field_strength=3.0))
    foreseen: dict[Any, float | None] = {}
    monkeypatch.setattr(proof, "_foreseen", foreseen)
    first = pipeline.build(card, BuildOptions())
    assert foreseen, "no time of this card had to be corrected: it tests nothing"
    remembered = pipeline.build(card, BuildOptions())
    foreseen.update(dict.fromkeys(foreseen, 1.0))
    misled = pipeline.build(card, BuildOptions())
    assert first.files == remembered.files == misled.files
    assert first.losses == remembered.losses == misled.losses and first.times == misled.times


def test_parameters_of_a_vendor_do_not_tell_two_scans_apart() -> None:
    plain = Acquisition(name="a", slice_gap=0.5)
    made = kept.with_vendor(plain, {"KEY": object()})
    assert made.vendor.keys() == {"KEY"}
    assert kept.digest(made) == kept.digest(plain) == kept.digest(made.model_copy())
    assert kept.digest(made.model_copy(update={"slice_gap": 0.6})) != kept.digest(plain)
