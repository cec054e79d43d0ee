"""session.xml: what is read, and what a patch changes in its text."""

from __future__ import annotations

import pytest

from generator.errors import UnusableInput
from generator.vendors.ge.container import session

NS = "http://wf.di.med.ge.com/2006/session"
SCAN = "gemriwfm.components.task.LxScanningTask"


def task(name: str, folder: str, time: str = "61000", kind: str = SCAN) -> str:
    return f"""
 <task name="{name}" type="{kind}">
  <data name="MR_DATA"><property name="CONTENT_PROPERTY" value="wrong"/></data>
  <data name="LxProtocol"><property name="CONTENT_PROPERTY" value="{folder}"/></data>
  <property name="scanTime" value="{time}"/>
 </task>"""


def text(*tasks: str, more: str = "") -> str:
    return f"""<?xml version="1.0"?>
<session name="A &amp; B" xmlns="{NS}">
 <data name="MetaData"><property name="library" value="Site"/></data>
 <data name="MRSessionData"><property name="entry" value="Head First"/>
  <property name="position" value="Supine"/></data>{more}{"".join(tasks)}
</session>
"""


def test_what_a_session_says() -> None:
    times = {"61000": 61.0, "500": 0.5, "": None, "soon": None, "9" * 11: 99999999.999, "9" * 12: None}
    other = task("post", "p", kind="com.ge.x")
    found = session.read(text(*(task(f"T{i}", f"d{i}", t) for i, t in enumerate(times)), other).encode(), "x")
    assert (found.name, found.meta, found.entry) == ("A & B", {"library": "Site"}, ("Head First", "Supine"))
    assert [tuple(one) for one in found.tasks] == [
        (f"T{i}", f"d{i}", time) for i, time in enumerate(times.values())
    ]
    bare = session.read(f'<session xmlns="{NS}"/>'.encode(), "x")
    assert (bare.name, bare.meta, bare.scanner, bare.tasks, bare.entry) == ("", {}, {}, (), ("", ""))


def test_a_session_that_cannot_be() -> None:
    for folder in ("", ".", "..", "a/b"):
        with pytest.raises(UnusableInput, match="no directory of its own") as caught:
            session.read(text(task("T", folder)).encode(), "x")
        assert caught.value.where == "line 6"
    with pytest.raises(UnusableInput, match="its root is"):
        session.read(b"<session/>", "x")
    with pytest.raises(UnusableInput, match="a session of"):
        session.read(b" " * (session.MAX_BYTES + 1), "x")


def test_lists_of_names_and_values() -> None:
    pairs = {"DATA_FOV": "240", "DATA_APP": "a:b"}
    assert session.join_pairs(pairs) == "DATA_FOV:240;DATA_APP:a:b;"
    assert session.split_pairs("DATA_FOV:240;DATA_APP:a:b;;none;") == pairs


def test_a_session_is_cut_at_its_tasks() -> None:
    between = '\n <property name="IS_PPS_ENABLED" value="false"/>'
    inner = ' <task name="in" type="t"><x/></task>'
    nested = task("B", "b").replace("\n </task>", f"\n {inner}\n </task>")
    whole = text(task("A", "a") + between, nested, "<!-- <task> -->", more="<![CDATA[<task>]]>")
    parts = session.split(whole.encode())
    assert parts.tasks == (task("A", "a"), nested)
    assert (parts.between, parts.pieces[0][0]) == (between, "")
    assert parts.head + "".join(lead + one for lead, one in parts.pieces) + parts.tail == whole
    assert parts.tail == "<!-- <task> -->\n</session>\n"
    flat = f'<s xmlns="{NS}">  <task name="A"/> <task name="B"/></s>'
    assert session.split(flat.encode()).pieces == (("", '  <task name="A"/>'), ("", ' <task name="B"/>'))
    assert session.split(b"<s><t/></s>") == session.Parts("<s><t/></s>", (), "")
    with pytest.raises(UnusableInput, match="not UTF-8") as caught:
        session.split(b"<s>\xff</s>")
    assert caught.value.where == "byte 3"


def test_which_directory_a_task_points_to() -> None:
    scanning = task("A", "d").replace("wrong", "d")
    assert (session.folder_of(scanning), session.is_scanning(scanning)) == ("d", True)
    assert (session.folder_of(task("A", "d", kind="x")), session.is_scanning("no task")) == ("", False)
    assert session.folder_of(f'<ses:task type="{SCAN}"/>') == ""
    assert session.is_scanning(f"<!-- a --><ses:task name='x' type='{SCAN}'/>")


def test_values_are_replaced_in_the_text() -> None:
    one = """<a x='1' name = 'old'><b name="old"/><ses:property name="p" value="v&amp;&quot;"/></a>"""
    assert session.attributes_of("<a x='1' y = \"&lt;&quot;&apos;\"/>") == {"x": "1", "y": "<\"'"}
    assert session.with_attribute("<a name='o' x='o'>", "name", '<"\n\t&') == (
        "<a name=\"&lt;&quot;&#10;&#9;&amp;\" x='o'>"
    )
    assert session.rename(one, "a", "new") == one.replace("name = 'old'", 'name = "new"')
    assert session.rename(one, "b", "new") == one.replace('b name="old"', 'b name="new"')
    assert session.rename("<x:b name='o'></x:b>", "b", "n") == '<x:b name="n"></x:b>'
    assert session.rename(one, "c", "new") == one
    seen: list[str] = []
    session.map_property(one, "p", lambda old: seen.append(old) or old)
    assert seen == ['v&"']
    assert session.set_property(one, "p", "w") == one.replace('"v&amp;&quot;"', '"w"')
    assert session.set_property(one, "q", "w") == one
    twice = '<property name="p" value="1"/><property name="p" value="2"/><b name="p" value="3"/>'
    assert session.map_property(twice, "p", lambda old: old * 2) == twice.replace('"1"', '"11"').replace(
        '"2"', '"22"'
    )


def test_a_scan_time_is_set_added_or_taken_out() -> None:
    timed = '<task>\n  <property name="scanTime" value="5"/>\n</task>'
    bare = "<task>\n</task>"
    assert session.set_scan_time(timed, 7) == timed.replace('"5"', '"7"')
    assert session.set_scan_time(timed, None) == bare
    assert session.set_scan_time(bare, None) == bare
    added = f'<task>\n  <ses:property name="scanTime" value="9" xmlns:ses="{NS}"/>\n</task>'
    assert session.set_scan_time(bare, 9) == added


def test_elements_of_a_kind_are_taken_out_with_their_lines() -> None:
    one = '<a>\n  <b type="x"><c type="x"/></b>\n  <d type="y"/>\n  <e type="x"/>\n</a>'
    assert session.without_elements(one, "x") == '<a>\n  <d type="y"/>\n</a>'
    assert session.without_elements(one, "z") == one
