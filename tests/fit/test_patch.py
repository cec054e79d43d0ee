"""The patch: what was fitted, in place, and nothing else touched."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from generator.errors import UsageError
from generator.fit import Fit, fit
from generator.fit.patch import difference, patched
from generator.model.tree import Target
from generator.spec.load import load_text
from tests.fit.cases import GE, GRE, SIEMENS, SMALL, TSE

HEAD = "protocol: written\ntitle: Written in many ways\nfield_strengths: [3 T]\nsteps:\n"
GE_3T = "when: {vendor: ge, field_strength: 3 T}"
OTHER = "when: {vendor: ge}"


def step(*lines: str, body: str = TSE, name: str = "T2") -> str:
    """Write a step with its acquisition in place and more lines beside it."""
    beside = "".join(f"    {line}\n" for line in lines)
    return f"  - acquisition:\n      name: {name}\n{body}{beside}"


ONE_LINE = "{" + ", ".join(line.strip() for line in ("name: T2\n" + TSE).splitlines()) + "}"

WRITTEN = {
    "block": HEAD + step() + "  # after the last step\n",
    "comment behind the last value": HEAD + step("optional: false  # it counts") + step(body=GRE, name="GRE"),
    "text of several lines last": HEAD
    + step("instruction: |", "  # not a comment", "  second line", "", body=TSE)
    + step(body=GRE, name="GRE"),
    "brackets": HEAD + f"  - {{acquisition: {ONE_LINE}, optional: false}}\n",
    "brackets with a comma at the end": HEAD + f"  - {{acquisition: {ONE_LINE},  # in place\n     }}\n",
    "no end of line": (HEAD + step()).rstrip("\n"),
    "carriage returns": (HEAD + step() + "# the end\n").replace("\n", "\r\n"),
    "variants of others": HEAD
    + step("variants:", "  # GE differs", f"  - {OTHER}", "    set: {flip_angle: 80 deg}", "optional: false"),
    "variants at the margin": HEAD + step("variants:", f"- {OTHER}", "  set: {flip_angle: 80 deg}"),
    "empty variants": HEAD + step("variants: []  # none yet", "optional: false"),
    "variants in brackets": HEAD + step(f"variants: [{{{OTHER}, set: {{flip_angle: 80 deg}}}}]"),
    "alias as the last value": HEAD.replace("title", "version: &v what the operator does\ntitle")
    + step("instruction: *v")
    + step(body=GRE, name="GRE"),
    "two scans": SMALL,
    "umlauts and quotes": HEAD + step('instruction: "größer als ½ → \\"ja\\""', name='"T2: ä"'),
}


def fitted(text: str, target: Target = SIEMENS, share: float = 0.8) -> Fit:
    protocol = load_text(text, "case.yaml").resolve(target).protocol
    before = fit(protocol, target, 1e6).before
    return fit(protocol, target, share * (before.counted + before.counted_uncertainty))


def patch(text: str, *fits: Fit) -> str:
    return patched(text, load_text(text, "case.yaml"), fits)


@pytest.mark.parametrize("way", WRITTEN)
def test_the_patched_text_is_the_fitted_tree(way: str) -> None:
    text, found = WRITTEN[way], fitted(WRITTEN[way])
    assert found.status == "fitted"
    new = patch(text, found)
    assert load_text(new, "case.yaml").resolve(SIEMENS).protocol == found.protocol


@pytest.mark.parametrize("way", WRITTEN)
def test_every_character_of_the_author_stays(way: str) -> None:
    """What is new stands between what was there: the old text is left when it is taken out."""
    old, new = WRITTEN[way], patch(WRITTEN[way], fitted(WRITTEN[way]))
    rest = iter(new)
    assert all(character in rest for character in old)
    removed = [line for line in difference(old, new, "case").splitlines() if line.startswith("-")]
    if "{" not in way and "brackets" not in way and way not in ("empty variants", "no end of line"):
        assert removed == ["--- a/case"]


@pytest.mark.parametrize("way", WRITTEN)
def test_other_scanners_get_what_they_got(way: str) -> None:
    old, new = WRITTEN[way], patch(WRITTEN[way], fitted(WRITTEN[way]))
    for other in (GE, Target(vendor="siemens", field_strength=1.5), Target(vendor="canon", field_strength=3)):
        before, after = (load_text(text, "case.yaml").resolve(other).protocol for text in (old, new))
        assert after == before


def test_fits_of_several_targets_go_into_one_patch() -> None:
    fits = [fitted(SMALL, SIEMENS), fitted(SMALL, GE)]
    spec = load_text(patch(SMALL, *fits), "case.yaml")
    assert [spec.resolve(one.target).protocol for one in fits] == [one.protocol for one in fits]


@pytest.mark.parametrize("way", ["block", "brackets", "variants in brackets"])
def test_a_second_fit_changes_the_variant_of_the_first(way: str) -> None:
    text = WRITTEN[way]
    for share in (0.8, 0.85, 0.9):
        found = fitted(text, share=share)
        assert found.status == "fitted"
        text = patch(text, found)
        assert load_text(text, "case.yaml").resolve(SIEMENS).protocol == found.protocol
    assert text.count("vendor: siemens") == 1


def test_every_new_number_says_that_it_was_fitted() -> None:
    found = fitted(SMALL)
    resolved = load_text(patch(SMALL, found), "case.yaml").resolve(SIEMENS)
    for index, values in found.overrides.items():
        for name in values:
            source = resolved.source(index, name)
            assert source and source.startswith("own choice: fitted to ")


def test_a_time_that_no_longer_holds_is_taken_away() -> None:
    text = HEAD + step("acquisition_duration: 200 s")
    new = patch(text, fitted(text))
    assert "acquisition_duration: null" in new and "acquisition_duration: 200 s" in new


SHARED = [f"variants: &v [{{{OTHER}, set: {{flip_angle: 80 deg}}}}]", "variants: *v"]
MORE_AVERAGES = TSE.replace("number_of_averages: 2", "number_of_averages: 3")
REFUSED = {
    "a variant as specific": (
        HEAD
        + step(
            "variants:", "  - when: {field_strength: 3 T, software: XA30}", "    set: {number_of_averages: 3}"
        ),
        "would not load",
    ),
    "variants that two scans share": (
        HEAD + step(SHARED[0], body=MORE_AVERAGES, name="more") + step(SHARED[1]),
        "it would also change",
    ),
    "a list that ends with an alias": (
        HEAD
        + step("variants: &v", f"  - &one {{{OTHER}, set: {{flip_angle: 80 deg}}}}", name="one", body=GRE)
        + step("variants:", f"  - {OTHER}", "    set: {flip_angle: 80 deg}", "  - *one"),
        "ends with an alias",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_patched_is_said(case: str) -> None:
    text, reason = REFUSED[case]
    found = fitted(text)
    assert found.status == "fitted"
    with pytest.raises(UsageError, match=reason):
        patch(text, found)


def test_two_steps_that_are_one_text_stay_one() -> None:
    text = HEAD + f"  - &s {{acquisition: {ONE_LINE}}}\n  - *s\n"
    found = fitted(text)
    assert load_text(patch(text, found), "case.yaml").resolve(SIEMENS).protocol == found.protocol


def test_nothing_fitted_is_no_difference() -> None:
    assert patch(SMALL) == SMALL
    assert difference(SMALL, SMALL, "small.yaml") == ""


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs the tool patch")
@pytest.mark.parametrize("way", WRITTEN)
def test_the_difference_is_one_that_patch_takes(way: str, tmp_path: Path) -> None:
    old, new = WRITTEN[way], patch(WRITTEN[way], fitted(WRITTEN[way]))
    file = tmp_path / "case.yaml"
    file.write_bytes(old.encode())
    command = ["patch", "--binary", "-p1", "-s", "-d", str(tmp_path)]
    subprocess.run(command, input=difference(old, new, "case.yaml").encode(), check=True)
    assert file.read_bytes().decode() == new
