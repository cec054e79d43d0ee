from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import UnusableInput
from generator.vendors.ge import facts
from generator.vendors.ge.container import lxprotocol
from generator.vendors.ge.fields import geometry

KEYS = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"'), max_size=30)
INDENTS = st.sampled_from(["", " ", "    ", "\t", "\t  "])
BLANKS = st.sampled_from(["", "\n", "   \n", "\t\n"])


@given(st.lists(st.tuples(KEYS, VALUES), min_size=1))
def test_what_is_rendered_is_parsed(pairs: list[tuple[str, str]]) -> None:
    text = lxprotocol.render(pairs)
    assert lxprotocol.parse(text, "x") == pairs
    assert lxprotocol.values(text, "x")[0] == dict(pairs)


@given(st.lists(st.tuples(INDENTS, KEYS, VALUES, BLANKS), min_size=1))
def test_tabs_and_blank_lines_are_tolerated(rows: list[tuple[str, str, str, str]]) -> None:
    text = "".join(f'{indent}set {key} "{value}"\n{blank}' for indent, key, value, blank in rows).encode()
    pairs = [(key, value) for _, key, value, _ in rows]
    assert lxprotocol.parse(text, "x") == pairs
    values, repeated = lxprotocol.values(text, "x")
    assert values == dict(pairs)
    assert len(values) + len(repeated) == len(pairs)
    assert lxprotocol.patch(text, {}, (), "x").data == text


@given(st.lists(st.tuples(INDENTS, KEYS, VALUES, BLANKS), min_size=1), st.data())
def test_a_patch_changes_what_it_names_and_nothing_else(
    rows: list[tuple[str, str, str, str]], data: st.DataObject
) -> None:
    text = "".join(f'{indent}set {key} "{value}"\n{blank}' for indent, key, value, blank in rows).encode()
    key, value = data.draw(st.sampled_from([row[1] for row in rows])), data.draw(VALUES)
    new = lxprotocol.patch(text, {key: value}, (), "x").data
    kept = [(k, v) for k, v in lxprotocol.parse(text, "x") if k != key]
    assert [(k, v) for k, v in lxprotocol.parse(new, "x") if k != key] == kept
    assert dict(lxprotocol.parse(new, "x"))[key] == value


@given(st.binary(max_size=300))
def test_foreign_bytes_end_in_one_error(data: bytes) -> None:
    try:
        assert lxprotocol.parse(data, "x")
    except UnusableInput as error:
        assert error.path == "x"


@given(st.text(max_size=80))
def test_foreign_text_is_never_taken_for_pairs(text: str) -> None:
    body = b'    set A "1"\n' + text.encode() + b"\n"
    try:
        pairs = lxprotocol.parse(body, "x")
    except UnusableInput:
        return
    shown = [line for line in body.decode().split("\n") if line.strip()]
    assert len(pairs) == len(shown)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b'    set A "1"\nnonsense\n', "line 2"),
        (b'    set A "1"\n    set B 2\n', "line 2"),
        (b'    set A "1"\n\n    set B "2" "3"\n', "line 3"),
        (b'    set A\n "1"\n', "line 1"),
        (b'    set A "1\n2"\n', "line 1"),
        (b'    set A "\xe9"\n', "byte 11"),
    ],
)
def test_what_is_wrong_is_located(text: bytes, where: str) -> None:
    with pytest.raises(UnusableInput) as caught:
        lxprotocol.parse(text, "x")
    assert caught.value.where == where


@pytest.mark.parametrize("text", [b"", b"\n\n", b"x" * (1 << 21)])
def test_what_is_no_series_is_refused(text: bytes) -> None:
    with pytest.raises(UnusableInput, match="no LxProtocol"):
        lxprotocol.parse(text, "x")


def test_a_file_without_a_last_line_feed_and_with_returns() -> None:
    assert lxprotocol.parse(b'set A "1"\r\nset B "2"', "x") == [("A", "1"), ("B", "2")]


def test_a_missing_key_goes_to_its_canonical_place() -> None:
    text = lxprotocol.render([("PLANE", "AXIAL"), ("TE", "90.0"), ("FOV", "24.0")])
    patched = lxprotocol.patch(text, {"TR": "500.0", "ZZZ": "1"}, facts.key_order().order, "x")
    assert [key for key, _ in lxprotocol.parse(patched.data, "x")] == ["PLANE", "TE", "TR", "FOV", "ZZZ"]
    assert patched.changed == ("TR", "ZZZ")


def test_a_key_is_removed_with_its_line() -> None:
    patched = lxprotocol.patch(b'\tset A "1"\n\n\tset B "2"\n', {"A": None, "C": None}, (), "x")
    assert patched.data == b'\n\tset B "2"\n'
    assert patched.changed == ("A",)


@pytest.mark.parametrize("value", ['a"b', "a\nb", "é"])
def test_a_value_that_has_no_text_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        lxprotocol.render([("A", value)])


def test_keys_and_their_defaults_hang_together() -> None:
    order = facts.key_order()
    assert len(order.order) == len(set(order.order))
    assert {*order.always, *order.usual, *order.since_mr29} - set(order.order) == set()


@pytest.mark.parametrize(("kilohertz", "points"), [(31.25, 256), (83.33, 384), (142.86, 320), (27.78, 352)])
def test_receiver_bandwidths_of_real_files_are_on_the_raster(kilohertz: float, points: int) -> None:
    found = geometry.receiver_bandwidth(2000 * kilohertz / points, points)
    assert facts.shown(facts.RBW, found) == f"{kilohertz:.2f}"


PIECES = [
    "    set ",
    "\tset ",
    "    set\t",
    "A",
    "B ",
    '"',
    " ",
    "\n",
    "\r\n",
    "    \n",
    'K "v"',
    'set K "v"\n',
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_quick_way_finds_what_the_thorough_one_finds(text: str) -> None:
    for candidate in (text, f'    set A "1"\n{text}', f'{text}\tset Z "2"\n'):
        if quick := lxprotocol._usual(candidate):
            assert list(zip(*quick, strict=True)) == lxprotocol._irregular(candidate, "x")


def test_a_value_without_its_closing_quote_is_damage() -> None:
    with pytest.raises(UnusableInput, match="line 2"):
        lxprotocol.values(b'    set A "1"\n    set B "\n', "x")


def test_each_way_a_text_may_be_written() -> None:
    """Heads with returns, tabs and blanks, blank lines, a last line without its end; and what is none."""
    usual = b'    set A "1"\n    set B "x y"\n'
    assert lxprotocol.parse(usual, "x") == [("A", "1"), ("B", "x y")]
    for text in (
        b'set A "1"\nset B "x y"', b'\tset A\t"1"\r\n\n \n  set B "x y"  \n', usual + b"\n \n", b"\n" + usual,
    ):  # fmt: skip
        assert lxprotocol.parse(text, "x") == [("A", "1"), ("B", "x y")], text
    long = b'    set A "1"\n' + b" " * 200 + b'set B "x y"\n'
    assert lxprotocol.parse(long, "x") == [("A", "1"), ("B", "x y")]
    for text, where in {
        b'set A "1" set B "2"\n': "line 1",
        b'set A "1"\nset B "2\n': "line 2",
        b'A "1"\n': "line 1",
    }.items():
        with pytest.raises(UnusableInput, match="expected") as caught:
            lxprotocol.parse(text, "x")
        assert caught.value.where == where
    most = b'set A "1"\n'
    assert lxprotocol.parse(most + b"\n" * (lxprotocol._MAX_BYTES - len(most)), "x") == [("A", "1")]


def test_of_a_repeated_key_the_last_value_counts() -> None:
    text = b'set A "1"\nset B "2"\nset A "3"\nset A "4"\n'
    assert lxprotocol.values(text, "x") == ({"A": "4", "B": "2"}, [("A", "1"), ("A", "3")])


def test_the_bytes_of_a_patch() -> None:
    text = b'\tset A   "1"  \n\n    set C "3"'
    assert lxprotocol.patch(text, {"A": "2"}, (), "x").data == b'\tset A   "2"  \n\n    set C "3"'
    assert lxprotocol.patch(text, {"A": "1", "D": None}, (), "x") == lxprotocol.Patch(text, ())
    order = ("Z", "A", "B", "C", "D")
    added = {
        "B": b'\tset A   "1"  \n    set B "9"\n\n    set C "3"\n',
        "D": text + b'\n    set D "9"\n', "X": text + b'\n    set X "9"\n',
        "Z": b'    set Z "9"\n' + text + b"\n",
    }  # fmt: skip
    for key, data in added.items():
        assert lxprotocol.patch(text, {key: "9"}, order, "x").data == data, key
    with pytest.raises(ValueError, match="cannot hold"):
        lxprotocol.patch(text, {"A": '"'}, (), "x")
    for key in ("", "A B", 'A"', "Ä "):
        with pytest.raises(ValueError, match="cannot hold"):
            lxprotocol.render([(key, "1")])
