"""A pack that is wrong is refused as a whole, with the place and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from generator.errors import UnusableInput
from generator.rules import packs
from generator.rules.packfile import load_pack, load_readings
from generator.spec.diagnostic import SourceErrors

HEAD = """\
pack: bad
title: A bad pack
document: {short: Bad, citation: the test that made it}
"""
RULE = """\
rules:
  - rule: bad.flair.thin
    code: GEO777
    title: A FLAIR is thin
    level: required
    roles: [flair_3d]
    require: {slice_thickness: {at_most: 1 mm}}
    source: nowhere
    examples: {pass: {slice_thickness: 1 mm}, fail: {slice_thickness: 2 mm}}
"""
SECOND = RULE.replace("rules:\n", "")

BAD = {
    "unknown fact": RULE.replace("{slice_thickness: {at_most", "{slice_thicknes: {at_most"),
    "unknown fact in an example": RULE.replace("pass: {slice_thickness", "pass: {thickness"),
    "unknown key": RULE.replace("roles:", "role:"),
    "unknown key of the pack": RULE + "author: nobody\n",
    "wrong unit": RULE.replace("at_most: 1 mm", "at_most: 1 ms"),
    "unknown unit": RULE.replace("at_most: 1 mm", "at_most: 1 milimeter"),
    "no unit": RULE.replace("at_most: 1 mm", "at_most: 1"),
    "unit where none belongs": RULE.replace(
        "slice_thickness: {at_most: 1 mm}", "echo_train_length: {at_most: 3 mm}"
    ),
    "misspelt relation": RULE.replace("at_most", "atmost"),
    "misspelt role": RULE.replace("[flair_3d]", "[flair3d]"),
    "misspelt kind": RULE.replace("roles: [flair_3d]", "kinds: [followup]"),
    "misspelt level": RULE.replace("level: required", "level: requird"),
    "misspelt word of a fact": RULE.replace("{slice_thickness: {at_most: 1 mm}}", "{plane: transversal}"),
    "no failing example": RULE.replace(", fail: {slice_thickness: 2 mm}", ""),
    "no examples": RULE[: RULE.index("    examples")],
    "an example that is not judged so": RULE.replace(
        "fail: {slice_thickness: 2 mm}", "fail: {slice_thickness: 1 mm}"
    ),
    "an example that lacks a fact": RULE.replace("pass: {slice_thickness: 1 mm}", "pass: {plane: sagittal}"),
    "two rules of one id": RULE + SECOND.replace("GEO777", "GEO778"),
    "two rules of one code": RULE + SECOND.replace("bad.flair.thin", "bad.flair.thinner"),
    "a code of no family": RULE.replace("GEO777", "XYZ777"),
    "an id of the wrong form": RULE.replace("bad.flair.thin", "Bad Flair"),
    "a list word on a number": RULE.replace("{at_most: 1 mm}}", "{largest: {at_most: 1 mm}}}"),
    "a comparison of two kinds": RULE.replace("at_most: 1 mm", "at_most: {fact: repetition_time}"),
    "within one limit": RULE.replace("at_most: 1 mm", "within: [1 mm]"),
    "near without width": RULE.replace("at_most: 1 mm", "near: {value: 1 mm}"),
    "a demand and a check": RULE.replace("    source:", "    check: coverage-brain\n    source:"),
    "an unknown check": RULE.replace("require: {slice_thickness: {at_most: 1 mm}}", "check: coverage-brains"),
    "an unknown reading": RULE.replace("    source:", "    readings: [C99]\n    source:"),
    "an unknown setting": RULE.replace("    source:", "    setting: my_choice\n    source:"),
    "no source": RULE.replace("    source: nowhere\n", ""),
    "code instead of data": RULE.replace("{slice_thickness: {at_most: 1 mm}}", '"slice_thickness <= 1"'),
    "any without a list": RULE.replace(
        "{slice_thickness: {at_most: 1 mm}}", "{any: {slice_thickness: 1 mm}}"
    ),
    "a tag": RULE.replace("at_most: 1 mm", "at_most: !!python/object:os.system 1 mm"),
    "several errors at once": RULE.replace("level: required", "level: must").replace("roles:", "role:"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pack_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text(HEAD + BAD[name], "utf-8")
    with pytest.raises(SourceErrors) as refused:
        load_pack(Path("bad.yaml"), packs.readings())
    assert str(refused.value) == snapshot


def test_a_pack_is_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("- a list\n", "utf-8")
    with pytest.raises(SourceErrors, match="a pack is a mapping"):
        load_pack(path, {})


def test_a_missing_pack_file_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="No such file"):
        packs.get(str(tmp_path / "none.yaml"))


def test_two_readings_of_one_id_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "readings.yaml"
    one = "  - {id: C01, title: t, taken: a, other: b}\n"
    path.write_text("readings:\n" + one + one, "utf-8")
    with pytest.raises(SourceErrors, match="two readings are named C01"):
        load_readings(path)


def test_shipped_packs_do_not_execute_anything() -> None:
    """The sources of the engine never call what could run text."""
    folder = Path(packs.__file__).parent
    for path in folder.rglob("*.py"):
        text = path.read_text("utf-8")
        assert (
            "eval(" not in text and "exec(" not in text and "compile(" not in text.replace("re.compile(", "")
        )
