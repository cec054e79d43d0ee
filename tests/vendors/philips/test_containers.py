"""Both codecs alone: properties, and input that is none."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import UnusableInput
from generator.vendors.philips import DIALECT
from generator.vendors.philips.container import block, envelope, graph, notes
from generator.vendors.philips.container.block import ENUM, FLOAT, INTEGER, TEXT, BadBlock, Record
from generator.vendors.philips.container.graph import (
    Array,
    Bytes,
    Card,
    Node,
    Null,
    Plain,
    Text,
    Typed,
    Value,
    walk,
)
from tests.vendors.philips import cards

_names = st.from_regex(r"[A-Z]{2}_[a-zA-Z0-9_]{1,28}", fullmatch=True)
_words = st.lists(st.from_regex(r"[A-Z0-9_]{1,8}", fullmatch=True), min_size=1, max_size=6)
_whole = st.integers(-(2**31), 2**31 - 1)
_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80)


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    found = []
    for name in draw(st.lists(_names, unique=True, max_size=12)):
        kind = draw(st.sampled_from((FLOAT, INTEGER, TEXT, ENUM)))
        size = draw(st.integers(1, 5))
        texts = None
        if kind == ENUM:
            words = draw(_words)
            texts = ",".join(words).encode()
            entries = draw(st.lists(st.integers(0, len(words) - 1), min_size=size, max_size=size))
        else:
            one = {FLOAT: st.floats(width=32, allow_nan=False), INTEGER: _whole, TEXT: _text}[kind]
            entries = draw(st.lists(one, min_size=size, max_size=size))
        rest = draw(st.binary(min_size=32 - len(name), max_size=32 - len(name)))
        flag = draw(st.integers(0, 255))
        found.append(Record(name, kind, block.pack(kind, entries), texts, flag, rest))
    return found


@given(records())
@settings(deadline=None, max_examples=60)
def test_a_block_comes_back_as_it_was(made: list[Record]) -> None:
    data = block.Block(made).encode()
    decoded = block.decode(data)
    assert decoded.records == made
    assert decoded.encode() == data
    found = block.decode_values(data)
    assert list(found) == [record.name for record in made]
    for record in made:
        stored = record.numbers
        texts = tuple(record.choices[i] for i in stored) if record.kind == ENUM else stored
        assert found[record.name] == (texts[0] if len(texts) == 1 else texts)


@given(records(), st.data())
@settings(deadline=None, max_examples=80)
def test_a_damaged_block_is_an_error_or_a_block(made: list[Record], data: st.DataObject) -> None:
    raw = bytearray(block.Block(made).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for take_apart in (block.decode_values, block.decode):
        try:
            take_apart(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
            take_apart(bytes(raw))
        except BadBlock as error:
            assert str(error)


@pytest.mark.parametrize("column", [38, 42, 46], ids=["count", "list pointer", "value pointer"])
@pytest.mark.parametrize("value", [0xFFFFFFFF, 0x7FFFFFFF, 2**20])
def test_counts_and_pointers_outside_are_refused(column: int, value: int) -> None:
    lines = "EX_A_one int 1\nEX_A_two enum YES | NO,YES\nEX_A_three float 2.5\nEX_A_four text word"
    raw = bytearray(listing_block(lines))
    struct.pack_into("<I", raw, 32 + 50 + column, value)
    with pytest.raises(BadBlock):
        block.decode_values(bytes(raw))


def test_values_that_share_their_place_are_refused() -> None:
    raw = bytearray(listing_block("EX_A_one int 1 2 3\nEX_A_two int 4 5 6"))
    struct.pack_into("<I", raw, 32 + 50 + 46, struct.unpack_from("<I", raw, 32 + 46)[0] - 50)
    with pytest.raises(BadBlock, match="EX_A_two"):
        block.decode_values(bytes(raw))


def listing_block(lines: str) -> bytes:
    from generator.vendors.philips.container import block

    return block.parse_list(lines).encode()


def graphs() -> st.SearchStrategy[Node]:
    plain = st.builds(Plain, st.from_regex(r"[A-Za-z0-9.]{0,6}", fullmatch=True))
    typed = st.builds(Typed, st.sampled_from(SPACES), st.just("Kind"), st.just("A_B"))
    leaves: st.SearchStrategy[Value] = st.one_of(
        plain, typed, st.builds(Null, st.booleans()), st.builds(Text, _text.map(str.strip))
    )
    leaves = leaves | st.builds(Bytes, st.binary(max_size=9).map(lambda raw: base64.b64encode(raw).decode()))
    things = st.recursive(leaves, _objects, max_leaves=14)
    return st.lists(st.tuples(_members, things), max_size=5).map(
        lambda members: Node(SPACES[0], "ExamCard", members)
    )


SPACES = ["http://schemas.microsoft.com/clr/nsassem/A/a", "http://schemas.microsoft.com/clr/ns/System.X"]
_members = st.sampled_from(["name", "list", "scan", "applicationMode"])


def _objects(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    nodes = st.builds(
        Node, st.sampled_from(SPACES), st.just("Thing"), st.lists(st.tuples(_members, inner), max_size=4)
    )
    return nodes | st.lists(inner, max_size=3).map(lambda items: Array("", "xsd:anyType", 4, list(items)))


@given(graphs())
@settings(deadline=None, max_examples=60)
def test_a_graph_comes_back_as_it_was(root: Node) -> None:
    written = graph.dump(Card(root))
    again = graph.load(envelope.parse(Path("card"), written))
    assert graph.dump(again) == written
    assert [type(thing) for thing in walk(again.root)] == [type(thing) for thing in walk(root)]


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=300))
@settings(deadline=None, max_examples=40)
def test_a_note_comes_back(text: str) -> None:
    lines = [" ".join(line.split()) for line in text.replace("<", "(").replace("&", "+").splitlines()]
    clean = "\n".join(filter(None, lines)).encode("utf-8", "ignore").decode()
    assert notes.read(notes.write(clean)) == (clean, True)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_note_in_utf_16_has_no_nul(encoding: str) -> None:
    page = "<html><body>Plan on the <b>cord</b> &amp; check</body></html>"
    packed = zlib.compressobj(wbits=-15)
    body = packed.compress(page.encode(encoding)) + packed.flush()
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(body), len(page) * 2, 9, 0)
    note = base64.b64encode(head + b"index.htm" + body).decode()
    assert notes.read(note) == ("Plan on the cord & check", False)


def test_control_characters_of_a_note_are_left_out() -> None:
    assert notes.read(notes.write("one\x00 two\x1b\nthree"))[0] == "one two\nthree"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return cards.write(tmp_path)


def refused(path: Path, match: str) -> None:
    with pytest.raises(UnusableInput, match=match) as caught:
        DIALECT.read(path)
    assert caught.value.where, "the error does not say where"
    with pytest.raises(UnusableInput):
        DIALECT.inspect(path)


def edit(path: Path, old: str, new: str, count: int = 1) -> Path:
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, count).encode())
    return path


ATTACKS = {
    "doctype": ("<SOAP-ENV:Envelope", '<!DOCTYPE x [<!ENTITY a "b">]><SOAP-ENV:Envelope', "document type"),
    "comment": ("<SOAP-ENV:Body>", "<SOAP-ENV:Body><!-- x -->", "comment"),
    "instruction": ("<SOAP-ENV:Body>", "<SOAP-ENV:Body><?php x?>", "processing instruction"),
    "no body": ("SOAP-ENV:Body>", "SOAP-ENV:Head>", "envelope"),
    "other root": (":ExamCard ", ":Order ", "not an ExamCard|not closed"),
    "dangling": ('<instrumentList href="#ref-', '<instrumentList href="#ref-90000', "no object has the id"),
    "wrong count": ("<_size>2</_size>", "<_size>7</_size>", "7"),
    "no number": ("<_size>2</_size>", "<_size>two</_size>", "two"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_bad_envelopes_are_refused_with_their_place(card: Path, attack: str) -> None:
    old, new, message = ATTACKS[attack]
    refused(edit(card, old, new), message)


def test_entities_are_never_expanded(card: Path) -> None:
    edit(card, "Brain &#38; ", "Brain &bomb; &#38;#38; ")
    assert DIALECT.read(card).protocols[0].name == "Brain &bomb; &#38; <more>"


@pytest.mark.parametrize(
    "packed", ["!!!!", "AAA", "AAAA", "QUJD" * 9000], ids=["alphabet", "padding", "short", "long"]
)
def test_blocks_that_are_none(card: Path, packed: str) -> None:
    text = card.read_bytes().decode()
    at = text.index('SOAP-ENC:base64">', text.index(":ScanProperties "))
    end = text.index("<", at)
    card.write_bytes((text[: at + 17] + packed + text[end:]).encode())
    refused(card, "block of scan")


def test_every_truncation_is_refused(card: Path, tmp_path: Path) -> None:
    whole = card.read_bytes()
    for part in range(0, len(whole) - 30, max(1, len(whole) // 60)):
        card.write_bytes(whole[:part])
        refused(card, "ends before|not an ExamCard")


@pytest.mark.parametrize("content", [b"", b"<html/>", b"\0" * 5000, b"PK\3\4", "é".encode("latin-1") * 99])
def test_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ExamCard"
    path.write_bytes(content)
    refused(path, "not an ExamCard")


def test_zeros_after_the_envelope_are_not_read(card: Path) -> None:
    size = card.stat().st_size
    with card.open("r+b") as stream:
        stream.truncate(size + 100_000_000)
    import tracemalloc

    tracemalloc.start()
    result = DIALECT.read(card)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [scan.name for scan in result.protocols[0].acquisitions] == ["T1", "FLAIR"]
    assert "tail" in {note.code for note in result.notes}
    assert peak < 20_000_000
    with pytest.raises(UnusableInput, match="after the envelope"):
        DIALECT.inspect(card)


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_a_damaged_card_is_an_error_or_a_card(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = cards.write(tmp_path_factory.mktemp("damage"))
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(raw))
    try:
        DIALECT.read(path).model_dump(mode="json")
        DIALECT.inspect(path)
    except UnusableInput as error:
        assert str(error)
