"""A protocol from an export of the site's own scanner: its series cloned, patched, renamed and ordered.

Every byte that the spec does not speak about stays as the donor has it. What belongs to the site and not to
the scanner does not travel: notes, pictures, network destinations, users, and the name of the directory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from generator.errors import CannotBuild, UsageError
from generator.model.tree import Note, Protocol, Target
from generator.text import clock
from generator.vendors.dialect import BuildOptions, DonorFile, Export, Losses
from generator.vendors.ge import archive, facts, lxprotocol, package, rendering, session, writer
from generator.vendors.ge.cloning import Clone, clone, renumbered
from generator.vendors.ge.matching import DonorSeries, donor_series, likeness, match, refuse
from generator.vendors.ge.package import Folder, Package
from generator.vendors.ge.steps import Slot, slots

_FACE = "Made from {name} (sha256 {digest}): series of the site, patched. Review every series on the console."
_LINK = re.compile(r"@id\s*=\s*'([^']+)'")
_LINK_TYPE = "com.ge.med.di.wf.session.WfImport"


@dataclass(frozen=True, slots=True)
class _Donor:
    """The donor, opened: the protocol that lends its frame, and the series of all its protocols."""

    file: DonorFile
    package: Package
    base: Folder
    series: tuple[DonorSeries, ...]

    @property
    def scanner(self) -> session.Session:
        return session.read(self.base.files[package.SESSION], self.base.name)


def build(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write a protocol by patching a donor.

    Raises
    ------
    UnusableInput
        If the donor cannot be read.
    CannotBuild
        If it is of another field strength, or has no series of a family that the spec needs.
    """
    losses, names = Losses(), rendering.Names(protocol)
    wanted = slots(protocol, losses)
    donor, chosen = _open(_path(options), wanted)
    _check_scanner(donor.scanner, target)
    clones = list(_clones(wanted, chosen, donor, names, options, losses))
    meta = donor.scanner.meta
    folder = names.protocol_folder(protocol, meta.get("humanoid", "adult"), meta.get("anatomy"))
    tar = archive.pack(_members(donor, clones, folder, _session(protocol, donor, clones, options), names))
    files = {
        rendering.TAR: tar,
        f"{rendering.REPORTS}/{folder}.html": _report(protocol, target, donor, wanted, clones, options),
    }
    notes = (*_remarks(donor, clones, options), *_filed(protocol, meta), *writer.name_notes(protocol))
    return Export("donor", files, tuple(losses.found), notes, donor.file)


def _path(options: BuildOptions) -> Path:
    if options.donor is None:
        raise UsageError("a donor build needs a donor")
    return options.donor


def _open(path: Path, wanted: list[Slot]) -> tuple[_Donor, list[DonorSeries]]:
    """Open the donor and choose a series for every scan.

    The protocol that has most of them lends the frame; the others only fill in, since a protocol stands for
    one set of coils.
    """
    if path.is_file() and package.sniff(path, package.read_head(path)) != "ge-protocol":
        raise CannotBuild(f"{path.name} is no protocol archive: a donor needs session.xml and all its series")
    found = package.load(path, to_write=True)
    by_folder = [tuple(donor_series(folder)) for folder in found.folders]
    scores = [[likeness(slot.scan, own) for slot in wanted] for own in by_folder]
    ranks = [(sum(score > 0 for score in row), sum(row)) for row in scores]
    best = ranks.index(max(ranks))
    own, pool = by_folder[best], list(chain.from_iterable(by_folder))
    chosen: list[DonorSeries] = []
    lacking = []
    for slot, score in zip(wanted, scores[best], strict=True):
        source = match(slot.scan, own if score else pool, {id(one) for one in chosen})
        chosen += [source] if source else []
        lacking += [] if source else [slot.scan]
    if lacking:
        raise refuse(lacking, pool, path.name)
    donor = _Donor(DonorFile(path.name, _digest(path, found)), found, found.folders[best], tuple(pool))
    return donor, chosen


def _digest(path: Path, found: package.Package) -> str:
    if path.is_file():
        return hashlib.sha256(package.read_file(path)).hexdigest()
    digest = hashlib.sha256()
    for folder in found.folders:
        for name, data in sorted(folder.files.items()):
            digest.update(f"{folder.name}/{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _check_scanner(scanner: session.Session, target: Target) -> None:
    gauss = scanner.scanner.get("fieldstrength", "")
    if gauss.isdecimal() and abs(int(gauss) / 10000 - target.field_strength) > 0.2:
        raise CannotBuild(
            f"the donor is of a {int(gauss) / 10000:g} T scanner, the target is {target.field_strength:g} T"
        )


def _clones(
    wanted: list[Slot],
    chosen: list[DonorSeries],
    donor: _Donor,
    names: rendering.Names,
    options: BuildOptions,
    losses: Losses,
) -> Iterator[Clone]:
    software = donor.scanner.scanner.get("MR_VERSION", facts.DEFAULT_SOFTWARE)
    used: set[tuple[str, str]] = set()
    for slot, source in zip(wanted, chosen, strict=True):
        key = (source.folder.name, source.task.folder)
        again = key in used or any(folder == source.task.folder for _, folder in used)
        folder = names.series_folder(slot.scan.name) if again else source.task.folder
        used.add(key)
        made = clone(slot, source, folder, software, options, losses.at(slot.index, slot.scan.name))
        foreign = again or source.folder is not donor.base
        yield replace(made, markup=renumbered(made.markup, names)) if foreign else made


def _session(protocol: Protocol, donor: _Donor, clones: list[Clone], options: BuildOptions) -> bytes:
    parts = session.split(donor.base.files[package.SESSION])
    head = session.rename(parts.head, "session", rendering.session_name(protocol.name))
    if not options.keep_notes:
        head = session.map_property(head, "description", lambda _: " ".join(options.warnings))
    body = "".join(made.markup for made in clones)
    return (head + _without_loose_links(body) + parts.tail).encode("utf-8")


def _without_loose_links(body: str) -> str:
    """Take out imports whose source did not come along; they would point nowhere."""
    if all(f'id="{target}"' in body for target in _LINK.findall(body)):
        return body
    return session.without_elements(body, _LINK_TYPE)


def _members(
    donor: _Donor, clones: list[Clone], folder: str, session_data: bytes, names: rendering.Names
) -> Iterator[archive.Member]:
    """Members of the export in the donor's order, then what is new; only session, pairs and notes change."""
    content = {folder: None, f"{folder}/{package.SESSION}": session_data}
    for made in clones:
        place = f"{folder}/{made.folder}"
        content |= {place: None, f"{place}/.pn": None}
        content |= {f"{place}/{package.SERIES}": made.pairs, f"{place}/{package.NOTE}": made.note}
    for member in _donor_members(donor):
        name = _moved(member.name, donor.base.name, folder)
        if name in content:
            data = content.pop(name)
            renamed = archive.with_name(member, name)
            yield renamed if data is None else archive.with_data(renamed, data)
    for name in sorted(content, key=lambda name: (name.count("/"), name)):
        yield archive.new_member(name, content[name], names.mtime)


def _moved(name: str, old: str, new: str) -> str | None:
    """Path of a member of the protocol directory in the export; ``None`` for members of others."""
    if name == old:
        return new
    stem = "" if old == "." else f"{old}/"
    return f"{new}/{name[len(stem) :]}" if name.startswith(stem) else None


def _donor_members(donor: _Donor) -> Iterable[archive.Member]:
    members = (member for tar in donor.package.archives.values() for member in tar.members)
    return (member for member in members if not member.is_apple_double)


def _remarks(donor: _Donor, clones: list[Clone], options: BuildOptions) -> Iterator[Note]:
    for made in clones:
        yield from made.remarks
    used = {id(made.source) for made in clones}
    left = [s.task.name for s in donor.series if s.folder is donor.base and id(s) not in used]
    if left:
        yield Note(code="series-dropped", message=f"series of the donor left out: {', '.join(left)}")
    others = {made.source.folder.name for made in clones} - {donor.base.name}
    if others:
        message = f"series come from {len(others) + 1} protocols of the donor: check that the coils agree"
        yield Note(code="several-protocols", message=message)
    if any(not session.is_scanning(task) for task in session.split(donor.base.files[package.SESSION]).tasks):
        yield Note(code="tasks-dropped", message="tasks of the donor that are no series are left out")
    if package.METADATA in donor.base.files:
        message = f"{package.METADATA} left out: its checksum fits the donor only"
        yield Note(code="metadata-dropped", message=message)
    apple = sum(m.is_apple_double for tar in donor.package.archives.values() for m in tar.members)
    if apple:
        yield Note(code="apple-double-dropped", message=f"{apple} side files of macOS left out")
    if not options.keep_notes:
        message = "notes, description and network destinations left out (--keep-notes keeps them)"
        yield Note(code="notes-dropped", message=message)


def _filed(protocol: Protocol, meta: Mapping[str, str]) -> Iterator[Note]:
    """Say under which anatomy the console files the protocol, where that is not the one of the spec."""
    found = meta.get("anatomy")
    if protocol.region and found and found != facts.ANATOMY_WORD.get(protocol.region, facts.OTHER):
        message = (
            f"filed under {found} on the console, as the donor is; the protocol is of the {protocol.region}"
        )
        yield Note(code="anatomy", message=message)


def _report(
    protocol: Protocol,
    target: Target,
    donor: _Donor,
    wanted: list[Slot],
    clones: list[Clone],
    options: BuildOptions,
) -> bytes:
    rows = [
        {
            "name": slot.scan.name,
            "time": clock(made.seconds) if made.seconds is not None else "",
            "paragraphs": slot.paragraphs,
            "pairs": lxprotocol.parse(made.pairs, made.folder),
        }
        for slot, made in zip(wanted, clones, strict=True)
    ]
    return rendering.render(
        "report.html.j2",
        title=protocol.name,
        face=_FACE.format(name=donor.file.name, digest=donor.file.sha256),
        label=options.label,
        warnings=options.warnings,
        target=str(target),
        series=rows,
    )
