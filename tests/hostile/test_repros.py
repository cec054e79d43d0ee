"""Files that once broke the program, from outside of it: each must give a located message, or notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.errors import Unforeseen, UnusableInput
from generator.model import plausible
from generator.vendors import opening
from tests.conftest import SHARED

FOLDER = SHARED / "hostile"

REFUSED = {
    "abs.tar": "leaves the archive",
    "bigint.exar1": "4300 digits|does not hash",
    "bomb.tgz": "inflate to more",
    "bomb2.edx": "inflate to more",
    "canon-27bf4c62.xml": r"line \d+: .*no number that a quantity has",
    "canon-5df4a44b.xml": r"line \d+: .*no number that a quantity has",
    "card-1a59df29.ExamCard": "line 208: the block of scan 'D': byte 0: the integer pool",
    "card-371a1b18.ExamCard": r"line \d+: something else than base64",
    "cdcm-52751288.dcm": "NAQ: .* is not a number",
    "cdcm-95216d87.dcm": "DICOM",
    "check.exar1": "not the schema",
    "chr.tar": "member 'a/l': links and devices",
    "exar-02507a23-donor.exar1": "row [0-9a-f]{40}: ",
    "exar-582da807-donor.exar1": "row [0-9a-f]{40}: ",
    "exar-6f8322bd-donor.exar1": "row [0-9a-f]{40}: the content does not hash",
    "exar-dc8aaf2f-donor.exar1": "row [0-9a-f]{40}: the content does not hash",
    "extdtd.tar": "session.xml: line 1: XML with a DOCTYPE",
    "extra.exar1": "not the schema .* table 'z'",
    "fifo.tar": "links and devices",
    "gdcm-95216d87.dcm": "DICOM",
    "gdcm-c5b57d5d.dcm": r"\(0025,101B\): byte 0: damaged gzip",
    "ge-35b0a6ef-donor.tar": r"session.xml: line \d+: damaged XML",
    "ge-35b0a6ef-donor.tgz": r"session.xml: line \d+: damaged XML",
    "gz300.tgz": "inflate to more",
    "hard.tar": "links and devices",
    "laugh.ExamCard": "line 1: a document type or entity",
    "many.tgz": "too many members",
    "manyrec.edx": "inflate to more",
    "neg.edx": r"byte \d+: .*length",
    "nest900.exar1": "row [0-9a-f]{40}: ",
    "plaugh.xml": "DOCTYPE",
    "pu16.xml": "line 1: .*(DOCTYPE|entity amplification)",
    "pxxe.xml": "DOCTYPE",
    "quote.pro": "this is an XML file",
    "sym.tar": "links and devices",
    "trav.tar": "leaves the archive",
    "trig.exar1": "trigger 't'",
    "u16dtd.ExamCard": "line 1: a document type",
    "utf16dtd.tar": "DOCTYPE",
    "view.exar1": "view 'v'",
    "viewcontent.exar1": "schema",
    "vt.exar1": "table 'f'",
    "xxe.ExamCard": "line 1: a document type",
}
"""What the message must say beside the path."""

READ = {
    "card-888650da-donor.ExamCard": "", "card-888650da.ExamCard": "",
    "card-df57bf4e-donor.ExamCard": "", "cdcm-2c8a5b31.dcm": "implausible", "cdcm-6077cafc.dcm": "",
    "deepok.tar": "", "ent.ExamCard": "", "enum.ExamCard": "", "gdcm-fbff10ac.dcm": "implausible",
    "ge-110b6c80-donor.tar": "slab-locations", "ge-110b6c80.tar": "slab-locations",
    "ge-1a198964.tar": "implausible",
    "lx-110b6c80": "slab-locations",
    "lx-2fdcc1fb": "slab-locations", "lx-b2920fcc": "implausible", "manypart.edx": "missing-part",
    "miss.exar1": "", "print-2fafb7cb.xml": "impossible", "print-38edf6cf.xml": "impossible", "pxi.xml": "",
    "utf16.ExamCard": "", "xinc.tar": "",
}  # fmt: skip
"""Those that are read: the code of a note that must be there, if something in them is wrong for a reader."""

FAIL_A_CHECK = {
    "card-888650da-donor.ExamCard": "index beyond",
    "card-888650da.ExamCard": "index beyond",
    "card-df57bf4e-donor.ExamCard": "members",
    "enum.ExamCard": "index beyond",
    "miss.exar1": "which is not there",
}
"""Those that only the self-checks of a container find: `inspect` says it, and they are no donors."""


def _there(pattern: str) -> list[Path]:
    return sorted(FOLDER.glob(pattern)) if FOLDER.is_dir() else []


def _path(name: str) -> Path:
    if not FOLDER.is_dir():
        pytest.skip("needs the hostile files of ../shared, which are not part of the project")
    return FOLDER / name


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    path = _path(name)
    for way in (opening.read, opening.inspect):
        with pytest.raises(UnusableInput) as error:
            way(path)
        assert not isinstance(error.value, Unforeseen), str(error.value)
        assert str(error.value).startswith(str(path))
        assert re.search(REFUSED[name], str(error.value)), str(error.value)


@pytest.mark.parametrize("name", READ)
def test_read(name: str) -> None:
    read = opening.read(_path(name))
    assert list(_impossible(read)) == []
    assert "root:" not in read.model_dump_json(), "nothing of another file, such as /etc/passwd"
    assert not READ[name] or READ[name] in {note.code for note in read.notes}


@pytest.mark.parametrize("name", FAIL_A_CHECK)
def test_found_by_the_self_checks(name: str) -> None:
    failed = opening.inspect(_path(name)).failed
    assert any(FAIL_A_CHECK[name] in note.message for note in failed)


_ELSEWHERE = frozenset({
    "susp-ge-slab_thickness-0.tar", "susp-pro-acquisition_matrix-0.pro", "susp-ge-acquisition_duration-0.tar",
})  # fmt: skip
"""Files whose absurd number stands under a key that no value is taken from any more."""


@pytest.mark.parametrize("path", _there("susp-*") or [Path("susp")], ids=lambda path: path.name)
def test_a_value_that_cannot_be_true_is_named(path: Path) -> None:
    """Read from a file, it is null and a note says why; or the file is refused at the place of the value."""
    file = _path(path.name)
    field = path.name.split("-")[2]
    try:
        read = opening.read(file)
    except UnusableInput as error:
        assert not isinstance(error, Unforeseen), str(error)
        assert re.search(r": (line \d+|element \(.*\)): ", str(error)), str(error)
        return
    assert list(_impossible(read)) == []
    noted = {note.field for note in read.notes if note.code in ("implausible", "impossible")}
    assert field in noted or path.name in _ELSEWHERE


def test_every_file_of_the_folder_has_its_test() -> None:
    names = {path.name for path in _there("*")} - {"README.md"}
    known = {name for name in names if name.startswith("susp-")} | set(REFUSED) | set(READ)
    assert names <= known
    assert set(FAIL_A_CHECK) <= set(READ)


def _impossible(read: Any) -> Iterator[str]:
    """Fields whose value no scan can have."""
    yield from plausible.refused({"field_strength": read.field_strength})
    for protocol in read.protocols:
        for step in protocol.steps:
            yield from plausible.refused(dict(step))
