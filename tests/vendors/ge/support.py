"""What the GE tests share: builds, unpacked archives, the oracle's view of a series."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zlib import crc32

from generator import donors
from generator.errors import CannotBuild
from generator.model.tree import Protocol, Target
from generator.vendors import account
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.ge import DIALECT, writer
from generator.vendors.ge.container import archive, lxprotocol
from generator.vendors.ge.container.session import NAMESPACE as NS
from tests.support.kitchen import kitchen_sink
from tests.support.oracles import Oracles

TARGET = Target(vendor="ge", field_strength=3.0, model="Premier", software="MR30.0")


def sink() -> Protocol:
    return kitchen_sink(TARGET)


def durations(protocol: Protocol) -> list[float | None]:
    """Seconds of each step: what the spec states, else a number of the step's own."""
    stated = [getattr(step, "acquisition_duration", None) for step in protocol.steps]
    return [100.0 + index if time is None else time for index, time in enumerate(stated)]


def options(protocol: Protocol, **more: Any) -> BuildOptions:
    return BuildOptions(durations=durations(protocol), label=f"{protocol.id} for tests", **more)


def build(protocol: Protocol, target: Target, wanted: BuildOptions) -> Export:
    """Build as the program does: with the losses that reading back finds."""
    return account.build(DIALECT, protocol, target, planned(protocol, target, wanted))


def planned(protocol: Protocol, target: Target, wanted: BuildOptions, **more: Any) -> BuildOptions:
    """Choose the steps of the one donor, as the program does before a build."""
    if wanted.donor is None:
        return wanted
    plan, _ = donors.make_plan(DIALECT, protocol, target, [wanted.donor], **more)
    if plan.gaps and not more:
        raise CannotBuild("; ".join(donors.shopping_list(plan)))
    return replace(wanted, plan=plan)


def template(protocol: Protocol) -> Export:
    return build(protocol, TARGET, options(protocol))


def tar_files(export: Export) -> dict[str, bytes]:
    """Files of the archive inside an export, path to content."""
    members = archive.read(export.files[writer.TAR], writer.TAR).members
    return {member.name: member.data for member in members if not member.is_folder}


def oracle_pairs(oracles: Oracles, texts: dict[str, bytes], folder: Path) -> dict[str, dict[str, Any]]:
    """Pairs of LxProtocol texts as dicompare reads them."""
    paths = {}
    for index, (name, text) in enumerate(sorted(texts.items())):
        path = folder / f"{index}.lx"
        path.write_bytes(text)
        paths[str(path)] = name
    read = oracles.run("lxprotocol_pairs", *paths)
    return {paths[path]: pairs for path, pairs in read.items()}


def same_value(ours: str, theirs: Any) -> bool:
    """dicompare turns what looks like a number into one."""
    if isinstance(theirs, (int, float)):
        return float(ours) == float(theirs)
    return bool(ours == theirs)


# --- synthetic donors: archives of our own making, in the shapes that real ones have ------------------

SERIES = {
    "PLANE": "AXIAL", "IMODE": "2D", "PSEQ": "FSE-XL", "IOPT": "EDR, TRF, Fast, ARC", "PLUG": "22",
    "FLIPANG": "142", "AUTOFLIPANG": "1", "TE": "90.0", "TR": "4000.0", "INRANGETR": "1", "ETL": "16",
    "FOV": "24.0", "SLTHICK": "3.00", "SPC": "0.0", "SLOC1": "I58.5", "ELOC1": "S58.5", "ELOC2": "0.0",
    "ELOC3": "0.0", "NOSLC": "40", "MATRIXX": "320", "MATRIXY": "256", "SWAPPF": "A/P", "NEX": "1.00",
    "CONTRAST": "No", "PHASEFOV": "1.00", "RBW": "31.25", "PHASEACCEL": "2.00", "COILPLUGS": "Head32",
    "TRMIN": "3000.0", "TRMAX": "6000.0", "ANATOMY": "SRT%5CNone%5CT-A0100",
}  # fmt: skip
SUMMARY = "DATA_FOV:240;DATA_NUMPIXELX:320;DATA_SLTHICK:3.00;CORNER_POINTS:1/2;"


def lx(**changes: str | None) -> bytes:
    """Text of one series: the base above with some keys changed or (None) left out."""
    values = {**SERIES, **changes}
    return lxprotocol.render((key, value) for key, value in values.items() if value is not None)


def task_xml(name: str, folder: str, *, time: int | None = 200000, inner: str = "") -> str:
    stamp = f'    <ses:property name="scanTime" value="{time}"/>\n' if time is not None else ""
    number = crc32(folder.encode())
    shown = escape(name, {'"': "&quot;"})
    return f"""  <task name="{shown}" type="gemriwfm.components.task.LxScanningTask" xmlns:ses="{NS}">
    <!--a view-->
    <ses:data name="LxProtocol" type="com.ge.x.WfReferencedResource" id="data.1{number}.1491329434973">
      <ses:property name="CONTENT_PROPERTY" value="{folder}"/>
    </ses:data>
    <ses:data name="MR_DATA" type="gemriwfm.x.MRDicomRepositoryData" id="data.2{number}.1491329434973">
      <ses:property name="IMAGE_ATTRIBUTES" value="{SUMMARY}"/>
    </ses:data>
{stamp}{inner}    <ses:property name="taskRxParamMapAsString" value="RXPSEQ=FSE-XL;"/>
  </task>
"""


def session_xml(tasks: str, name: str = "Site brain", strength: int = 30000) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<session name="{name}" xmlns="{NS}">
  <data name="MetaData" type="x" id="data.1.1">
    <property name="humanoid" value="adult"/>
    <property name="anatomy" value="head"/>
    <property name="description" value="Hospital of Somewhere"/>
  </data>
  <data name="MRSessionData" type="x" id="data.2.2">
    <property name="fieldstrength" value="{strength}"/>
    <property name="gradcoil" value="13"/>
    <property name="MR_VERSION" value="MR30.0#1"/>
  </data>
{tasks}</session>
""".encode()


NOTE = b'<html>\n  <body>\n    <p style="margin-top: 0">\n      Ask Dr Nobody\n    </p>\n  </body>\n</html>\n'


def protocol_files(series: dict[str, bytes], **more: Any) -> dict[str, bytes]:
    """Files of one protocol directory: name of the series to its LxProtocol."""
    folders = {name: f"{writer.folder_name(name)}_20200101_{i}" for i, name in enumerate(series)}
    tasks = "".join(task_xml(name, folders[name]) for name in series)
    files = {"session.xml": session_xml(tasks, **more)}
    for name, text in series.items():
        files[f"{folders[name]}/LxProtocol"] = text
        files[f"{folders[name]}/.pn/notes.html"] = NOTE
    return files


def tar_of(files: dict[str, bytes], top: str = "adult_head_Sitebrain_20200101_1") -> bytes:
    """An archive of one protocol directory, folders included."""
    names: list[str] = [top]
    for path in files:
        parts = path.split("/")[:-1]
        names += ["/".join([top, *parts[: i + 1]]) for i in range(len(parts))]
    members = [archive.new_member(name, None, 0) for name in dict.fromkeys(names)]
    members += [archive.new_member(f"{top}/{path}", data, 0) for path, data in files.items()]
    return archive.pack(members)


def donor_file(folder: Path, series: dict[str, bytes], **more: Any) -> Path:
    """Write a donor archive."""
    path = folder / "site.tar"
    path.write_bytes(tar_of(protocol_files(series, **more)))
    return path
