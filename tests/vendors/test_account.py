"""The loss account: every difference is filed, with one meaning of each kind and a severity."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.model.tree import Acquisition, Contrast, Pause, Protocol, ReadResult
from generator.vendors import account
from generator.vendors.account import Reasons, align, compare, near, same
from generator.vendors.dialect import About, BuildOptions, Export, Inspection

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


OPERATOR = """name coverage plane_reference output_maps vendor text gradient_mode
    specific_absorption_rate_mode table_position receive_coils patient_position software body_part
    laterality station oblique_angles branch"""
SEVERITIES = {
    **dict.fromkeys(OPERATOR.split(), "operator"),
    **dict.fromkeys(("number_of_shots", "echo_spacing", "echo_train_duration"), "derived"),
    **dict.fromkeys(("acquisition_duration", "concatenations"), "time"),
}


def test_every_field_that_is_not_the_image_has_its_severity() -> None:
    names = set(Acquisition.model_fields) | set(SEVERITIES)
    said = {name: account.severity_of(name, "unsupported") for name in names}
    assert {name: grade for name, grade in said.items() if grade != "image"} == SEVERITIES
    assert account.severity_of("number_of_shots", "approximated") == "image"  # stated otherwise: another scan
    assert account.severity_of("echo_spacing", "approximated") == "derived"
    assert account.severity_of("number_of_shots", "rounded") == "derived"


def test_what_a_scan_is_for_is_no_loss() -> None:
    scan = SCAN.model_copy(
        update={"role": "t1", "optional": True, "definition": "t1", "instruction": "slowly"}
    )
    assert found({}, scan=scan) == {} and found({"name": "T2"}) == {
        "name": ("approximated", "operator", account.NO_REASON)
    }
    assert found({"echo_times": (5.04, 10.0)})["echo_times"] == (
        "rounded", "derived", "the raster of the console",
    )  # fmt: skip
    reasons = Reasons()
    reasons.at(0).why("echo_times", "a grid of 20 us")
    assert found({"echo_times": (5.04, 10.0)}, reasons)["echo_times"][2] == "a grid of 20 us"


def test_vendor_parameters_of_a_site_need_a_reason_only_once() -> None:
    scan = SCAN.model_copy(update={"vendor": {"B": "2", "A": "1", "C": "3"}})
    other = {**dict(SCAN), "vendor": {"A": "1", "B": "9"}}
    (loss,) = compare(scan, other, Reasons(), 0)
    assert (loss.kind, loss.severity, loss.wanted, loss.step, loss.step_name) == (
        "unsupported", "operator", ["B", "C"], 0, "T1",
    )  # fmt: skip
    assert loss.reason == "parameters of a vendor's file that this export does not hold"
    (loss,) = compare(scan, dict(SCAN), Reasons(known={"vendor": "of another vendor"}), 0)
    assert (loss.wanted, loss.reason) == (["A", "B", "C"], "of another vendor")
    implied = Reasons()
    implied.at(0).implied("vendor")
    assert list(compare(scan, other, implied, 0)) == []


class Toy:
    """A dialect whose reader returns what the test wants."""

    vendor, formats = "toy", ("toy",)

    def __init__(self, *protocols: Protocol) -> None:
        self.result = ReadResult(vendor="toy", format="toy", software="T1", protocols=protocols)

    def read_files(self, files: dict[str, bytes]) -> ReadResult:
        return self.result

    def sniff(self, path: Path, head: bytes) -> str | None:
        return "toy" if head == b"TOY" else None


def test_an_export_is_settled_step_by_step() -> None:
    wanted = Protocol(
        name="p",
        steps=(SCAN, Pause(text="x"), SCAN.model_copy(update={"name": "T2"}), Contrast(), Pause(text="y")),
    )
    back = Protocol(name="p", steps=(SCAN.model_copy(update={"repetition_time": 900}),))
    reasons = Reasons(known={"kind": "no steps but scans"})
    reasons.at(4).implied("kind")
    reasons.at(1).doubt("kind", "only a remark")
    reasons.at(2, "T2").add("approximated", "flip_angle", "twice")
    reasons.at(2, "T2").add("approximated", "flip_angle", "twice")
    early = account.make("rounded", "repetition_time", "of all", None, None)
    made = account.settle(Toy(back), wanted, Export("template", {}, (early,), reasons=reasons))
    assert (made.origins, made.software, made.back) == ((0,), "T1", back)
    said = [(one.step, one.kind, one.field, one.severity, one.reason, one.wanted) for one in made.losses]
    assert said == [
        (None, "rounded", "repetition_time", "derived", "of all", None),
        (0, "approximated", "repetition_time", "image", account.NO_REASON, 500),
        (1, "approximated", None, "operator", "only a remark", "pause"),
        (2, "approximated", "flip_angle", "image", "twice", None),
        (2, "unsupported", None, "image", "no steps but scans", "acquisition"),
        (3, "unsupported", None, "image", "no steps but scans", "contrast"),
    ]
    assert [one.step_name for one in made.losses[3:5]] == ["T2", "T2"]
    told = account.settle(Toy(back), wanted, Export("template", {}, origins=(2,)))
    assert [loss.step for loss in told.losses if loss.kind == "unsupported"] == [0, 1, 3, 4]
    with pytest.raises(ValueError, match="one protocol, this one 2"):
        account.settle(Toy(back, back), wanted, Export("template", {}))


def test_the_file_to_read_back_is_the_one_named_or_the_first_recognised() -> None:
    files = {"readme": b"x", "a/b.toy": b"TOY", "c.toy": b"TOY"}
    card_of, toy = account.card_of, Toy()
    assert card_of(toy, Path("/f"), Export("template", files)) == Path("/f/a/b.toy")
    assert card_of(toy, Path("/f"), Export("template", files, card="c.toy")) == Path("/f/c.toy")
    assert card_of(toy, Path("/f"), Export("template", files, card="")) == Path("/f")
    with pytest.raises(ValueError, match="toy recognises none of the files that it wrote: readme"):
        card_of(toy, Path("/f"), Export("template", {"readme": b"x"}))


def test_reasons_of_a_scan_are_taken_over_by_its_step() -> None:
    scan, reasons = Reasons(), Reasons()
    one = scan.at(None)
    one.why("a", "because")
    one.doubt("b", "perhaps")
    one.derived("c")
    one.implied("d")
    one.add("rounded", "e", "more", wanted=1, got=2, severity="time")
    reasons.take(5, "T1", scan)
    assert reasons.of[5] == About({"a": "because"}, {"b": "perhaps"}, {"c"}, {"d"})
    assert len({one.value for one in (About(), About({"a": ""}), About({}, {"a": ""}), reasons.of[5])}) == 4
    (loss,) = reasons.further
    assert (loss.step, loss.step_name, loss.wanted, loss.got, loss.severity) == (5, "T1", 1, 2, "time")
    assert reasons.reason(5, "b") == "perhaps" and reasons.reason(4, "b") == account.NO_REASON


def test_a_duration_is_that_of_its_step_if_there_is_one() -> None:
    options = BuildOptions(durations=(None, 60.0))
    assert [options.duration(step) for step in range(3)] == [None, 60.0, None]
    assert (options.gaps, options.keep_notes, options.nameless) == ("refuse", False, False)


def test_a_printout_is_described_by_its_programs_and_scans() -> None:
    protocol = Protocol(
        name="p", path=("Head", "p"), steps=(SCAN.model_copy(update={"acquisition_duration": 60}),)
    )
    result = Toy(protocol).result.model_copy(update={"format": "toy-printout", "field_strength": 2.89})
    said = Inspection.of_printout(result)
    assert (said.format, said.series) == ("toy-printout", (("T1", 60),))
    assert dict(said.facts) == {
        "format": "toy-printout",
        "kind": "printout; no console imports it, and it is no donor",
        "software": "T1",
        "field strength": "2.89 T",
        "program": "Head / p",
        "acquisitions": "1",
    }
    bare = Inspection.of_printout(Toy(Protocol(name="q")).result.model_copy(update={"software": None}))
    assert [text for _, text in bare.facts[2:]] == ["not stated", "not stated", "q", "0"]
