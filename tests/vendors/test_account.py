"""The loss account: every difference is filed, with one meaning of each kind and a severity."""

from __future__ import annotations

import pytest

from generator.model.tree import Acquisition, Contrast, Pause, Protocol
from generator.vendors import account
from generator.vendors.account import Reasons, align, compare, near, same

SCAN = Acquisition(name="T1", technique="gradient_echo", repetition_time=500, echo_times=(5.0, 10.0))


def found(
    got: dict[str, object], reasons: Reasons | None = None, scan: Acquisition = SCAN
) -> dict[str, tuple]:
    losses = compare(scan, {**dict(SCAN), **got}, reasons or Reasons(), 0)
    return {str(loss.field): (loss.kind, loss.severity, loss.reason) for loss in losses}


@pytest.mark.parametrize(
    ("name", "wanted", "got", "kind"),
    [
        ("repetition_time", 500, 504.9, "rounded"),  # 1 %
        ("repetition_time", 500, 505.1, "approximated"),
        ("repetition_time", 500, None, "unsupported"),
        ("flip_angle", 10, 10.5, "rounded"),
        ("flip_angle", 10, 10.6, "approximated"),
        ("pixel_bandwidth", 700, 735, "rounded"),  # 5 %
        ("pixel_bandwidth", 700, 736, "approximated"),
        ("slice_gap", 0.3, 0.35, "rounded"),
        ("echo_train_length", 12, 13, "approximated"),  # counts are exact
        ("acquisition_matrix", (256, 218), (256, 219), "rounded"),
        ("acquisition_matrix", (256, 218), (256, 230), "approximated"),
        ("parallel_reduction_factor_in_plane", 2.5, 2.0, "approximated"),
        ("echo_times", (5.0, 10.0), (5.04, 10.0), "rounded"),
        ("echo_times", (5.0, 10.0), (5.0,), "approximated"),
        ("fat_suppression", "spair", "spir", "approximated"),
        ("b_values", (0, 1000), (0, 1000), None),
    ],
)
def test_kinds_mean_one_thing(name: str, wanted: object, got: object, kind: str | None) -> None:
    losses = list(compare(Acquisition(name="a", **{name: wanted}), {"name": "a", name: got}, Reasons()))
    assert [loss.kind for loss in losses] == ([kind] if kind else [])


def test_what_is_lost_without_a_reason_says_so() -> None:
    assert found({"echo_times": None})["echo_times"] == ("unsupported", "image", account.NO_REASON)
    reasons = Reasons(known={"echo_times": "always"})
    assert found({"echo_times": None}, reasons)["echo_times"][2] == "always"
    reasons.at(0).why("echo_times", "here")
    assert found({"echo_times": None}, reasons)["echo_times"][2] == "here"


def test_a_doubt_is_a_loss_of_what_comes_back() -> None:
    reasons = Reasons()
    reasons.at(0).doubt("technique", "the code is assumed")
    assert found({}, reasons) == {"technique": ("approximated", "image", "the code is assumed")}


def test_what_the_console_computes_is_no_loss_unless_it_differs() -> None:
    reasons = Reasons()
    reasons.at(0).derived("repetition_time")
    assert found({"repetition_time": None}, reasons) == {}
    assert found({"repetition_time": 900}, reasons)["repetition_time"][:2] == ("approximated", "derived")
    implied = Reasons()
    implied.at(0).implied("repetition_time")
    assert found({"repetition_time": None}, implied) == {}
    assert found({"repetition_time": 900}, implied)["repetition_time"][:2] == ("approximated", "image")


def test_severities() -> None:
    assert account.severity_of("fat_suppression", "unsupported") == "image"
    assert account.severity_of("pixel_bandwidth", "rounded") == "derived"
    assert account.severity_of("acquisition_duration", "rounded") == "time"
    assert account.severity_of("name", "approximated") == "operator"
    assert account.severity_of(None, "unsupported") == "image"


def test_vendor_parameters_are_one_loss_of_names() -> None:
    scan = SCAN.model_copy(update={"vendor": {"A": "1", "B": "2"}})
    (loss,) = compare(scan, {**dict(SCAN), "vendor": {"A": "1"}}, Reasons())
    assert (loss.field, loss.wanted) == ("vendor", ["B"])


def test_open_entries_ask_nothing_and_true_is_not_one() -> None:
    assert same((None, 2.0), (7, 2.0))
    assert not same(True, 2)
    assert near("field_of_view", (None, 200), (9, 203))
    assert not near("echo_times", (1.0,), (1.0, 2.0))


def test_steps_are_paired_in_order_or_by_name() -> None:
    a, b, c = (Acquisition(name=name) for name in "abc")
    wanted = Protocol(name="p", steps=(a, Pause(text="x"), b, Contrast()))
    assert align(wanted, Protocol(name="q", steps=(c, a))) == (0, 2)
    assert align(wanted, Protocol(name="q", steps=(c, a, b))) == (None, 0, 2)
    assert align(wanted, Protocol(name="q", steps=(b,))) == (2,)
    assert align(wanted, Protocol(name="q", steps=(Contrast(), a))) == (3, 0)
