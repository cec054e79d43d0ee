"""XML by lxml and by expat: the same elements, the same faults; nothing harmful by either."""

from __future__ import annotations

import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import xml
from generator.errors import UnusableInput


def shape(element: Any) -> Iterator[tuple[Any, ...]]:
    for one in element.iter():
        yield one.tag, dict(one.attrib), one.text or "", one.tail or ""


def parsed(data: bytes, with_lxml: bool) -> tuple[Any, ...]:
    """What the program gets of an input on a machine that has lxml, or has not."""
    with pytest.MonkeyPatch.context() as patch:
        if not with_lxml:
            patch.setitem(sys.modules, "lxml", None)
        try:
            root = xml.parse(data, "a file")
        except UnusableInput as error:
            return (str(error),)
        assert type(root).__module__.startswith("lxml" if with_lxml else "generator")
        return tuple(shape(root))


def same(data: bytes) -> tuple[Any, ...]:
    one, other = parsed(data, True), parsed(data, False)
    assert one == other
    return one


GOOD = {
    "comments and instructions": b"<a>x<!-- c -->y<?do it?>z<b/><!-- d -->w</a>",
    "namespaces": b'<a xmlns="urn:x" xmlns:b="urn:b" b:c="1"><b:d e="&lt;&#233;"/></a>',
    "character data": b"<a><![CDATA[<b>]]> &amp; c\r\n</a>",
    "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16"),
    "Windows": b'<?xml version="1.0" encoding="windows-1252"?><a>\x80</a>',
    "mark of UTF-8": b"\xef\xbb\xbf<a>\xc3\xa9</a>",
    "deep": b"<a>" * 200 + b"</a>" * 200,
}
BAD = {
    "empty": (b"", "line 1: damaged XML: no element found"),
    "cut off": (b"<a>\n<b>", "line 2: damaged XML: no element found"),
    "crossed": (b"<a>\n<b></a>", "line 2: damaged XML: mismatched tag"),
    "entity": (b"<a>&x;</a>", "line 1: damaged XML: undefined entity"),
    "twice": (b'<a b="1" b="2"/>', "damaged XML: duplicate attribute"),
    "prefix": (b"<a:b/>", "damaged XML: unbound prefix"),
    "more": (b"<a/>b", "damaged XML: junk after document element"),
    "byte": (b"<a>\x00</a>", "damaged XML: invalid token"),
    "document type": (b"\n<!DOCTYPE a><a/>", "line 2: XML with a DOCTYPE"),
    "laugh": (b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>', "XML with a DOCTYPE"),
    "outside": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "XML with a DOCTYPE"),
    "too deep": (b"<a>" * 300 + b"</a>" * 300, "more than 256 elements inside one another"),
    "no such encoding": (b'<?xml version="1.0" encoding="nonsense"?><a/>', "damaged XML"),
}
BAD["in UTF-16"] = ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"), "XML with a DOCTYPE")


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_both_give_the_same_elements(data: bytes) -> None:
    assert len(same(data)[0]) == 4


@pytest.mark.parametrize(("data", "message"), BAD.values(), ids=BAD)
def test_both_refuse_with_the_same_words(data: bytes, message: str) -> None:
    (text,) = same(data)
    assert text.startswith("a file: line ")
    assert message in text


@pytest.mark.parametrize("with_lxml", [True, False])
def test_an_element_knows_its_line(with_lxml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not with_lxml:
        monkeypatch.setitem(sys.modules, "lxml", None)
    root = xml.parse(b"<a>\n\n<b/>\n<c>\n</c></a>", "a file")
    assert [xml.line(one) for one in root.iter()] == [1, 3, 4]


def test_a_place_given_takes_the_place_of_the_line() -> None:
    with pytest.raises(UnusableInput, match=r"^a file: member x: damaged XML"):
        xml.parse(b"<a>", "a file", "member x")


PIECES = [
    b"<a>",
    b"</a>",
    b"<b c='d'/>",
    b"x",
    b"\n",
    b"&amp;",
    b"&u;",
    b"<!-- e -->",
    b"<![CDATA[<]]>",
    b"<",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=9))
def test_both_agree_on_any_text(pieces: list[bytes]) -> None:
    same(b"<r>" + b"".join(pieces) + b"</r>")


@pytest.mark.corpus
def test_both_agree_on_real_files(corpus: Path) -> None:
    """Printouts and sessions of the corpus."""
    found = [path.read_bytes() for path in sorted(corpus.rglob("*.xml"))[:4]]
    for path in sorted(corpus.rglob("*.tar"))[:2]:
        with tarfile.open(path) as archive:
            members = [one for one in archive if one.name.endswith("session.xml")]
            found += [stream.read() for one in members if (stream := archive.extractfile(one))]
    assert found
    for data in found:
        same(data)
