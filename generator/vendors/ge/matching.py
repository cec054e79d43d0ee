"""Which series of a donor a wanted scan is made from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition
from generator.vendors.ge import facts
from generator.vendors.ge.container import lxprotocol, package, session
from generator.vendors.ge.fields import decode, encode, sequences
from generator.vendors.ge.fields.series import Draft

DEFINING_OPTIONS = {
    "IrP", "EPI", "DIFF", "FMRI", "SS", "Calib", "Flex", "IDEAL", "MRCP", "SqP", "Fluoro", "SmartPrep",
}  # fmt: skip
"""Options that make another sequence of a PSEQ; the others are settings that can be patched."""

_ALSO = {("SPGR", "6"): (("MP-RAGE", "84"), ("SPGR", "0")), ("Cube", "53"): (("FRFSE-XL", "23"),)}
"""(PSEQ, PLUG) of sequences that do the same in another way, taken if the first are not there."""

_CLOSENESS = ("repetition_time", "inversion_time", "flip_angle", "slice_thickness", "echo_train_length")


@dataclass(frozen=True, slots=True)
class DonorSeries:
    """One series of the donor: its protocol, its task and its pairs."""

    folder: package.Folder
    task: session.Task
    markup: str
    values: Mapping[str, str]
    tokens: tuple[str, ...]
    fields: Mapping[str, object] = field(compare=False)

    @property
    def family(self) -> sequences.Family:
        """The family in the donor's own codes, all its options included."""
        values = self.values
        pseq = values.get(facts.PSEQ, "")
        return sequences.Family(
            pseq, values.get(facts.IMODE, ""), values.get(facts.PLUG, ""), self.tokens, pseq
        )

    @property
    def is_localizer(self) -> bool:
        """Whether it images three planes at once."""
        return self.values.get(facts.PLANE) == facts.THREE_PLANE

    @property
    def codes(self) -> str:
        """Codes of the family, for messages."""
        pseq, imode, plug = (self.values.get(key, "?") for key in (facts.PSEQ, facts.IMODE, facts.PLUG))
        own = f", {self.values[facts.PSDNAME]}" if facts.PSDNAME in self.values else ""
        return f"{pseq} {imode} (PLUG {plug}, {_defining(self.tokens)}{own})"


def _defining(tokens: Iterable[str]) -> str:
    return ", ".join(sorted(DEFINING_OPTIONS.intersection(tokens))) or "no special option"


def donor_series(folder: package.Folder) -> Iterator[DonorSeries]:
    """List the series of one protocol of the donor, in its order."""
    place = f"{folder.source}!{folder.name}"
    raw = folder.files[package.SESSION]
    scanning = [text for text in session.split(raw, place).tasks if session.is_scanning(text)]
    tasks = session.read(raw, place).tasks
    if len(scanning) != len(tasks):
        raise UnusableInput(place, "series inside other tasks, which cannot be patched", package.SESSION)
    for task, markup in zip(tasks, scanning, strict=True):
        name = f"{task.folder}/{package.SERIES}"
        if name not in folder.files:
            continue
        values = dict(lxprotocol.parse(folder.files[name], f"{place}/{name}"))
        fields, _ = decode(values)
        yield DonorSeries(folder, task, markup, values, facts.options(values.get(facts.IOPT, "")), fields)


def likeness(scan: Acquisition, candidates: Sequence[DonorSeries]) -> float:
    """How near the nearest of the series comes to a scan; 0 if none is of its family."""
    wanted = encode(scan, sequences.family_of(scan), facts.DEFAULT_SOFTWARE)
    return max((_likeness(wanted, candidate) for candidate in _fitting(wanted, candidates)), default=0.0)


def match(
    scan: Acquisition, candidates: Sequence[DonorSeries], taken: Collection[int] = ()
) -> DonorSeries | None:
    """Find the donor series that is nearest to a scan among those of its family, ``None`` without one.

    Of several that are equally near, one that is not taken yet (by ``id``) comes first: sites have series
    twice, such as a localizer of each side.
    """
    wanted = encode(scan, sequences.family_of(scan), facts.DEFAULT_SOFTWARE)
    fitting = _fitting(wanted, candidates)
    return max(fitting, key=lambda one: (_likeness(wanted, one), id(one) not in taken), default=None)


def refuse(scans: Sequence[Acquisition], candidates: Sequence[DonorSeries], donor: str) -> CannotBuild:
    """Say of all scans that have no series in the donor what they lack, and what there is."""
    lacks = "\n".join(f"{donor} cannot lend a series for {scan.name!r}: {_lack(scan)}" for scan in scans)
    there = "\n  ".join(_families(candidates)) or "no series"
    return CannotBuild(f"{lacks}\n{donor} holds:\n  {there}")


def _families(candidates: Sequence[DonorSeries]) -> Iterator[str]:
    """Codes of what a donor holds, each once, with the names of the first series."""
    by_codes: dict[str, list[str]] = {}
    for candidate in candidates:
        by_codes.setdefault(candidate.codes, []).append(repr(candidate.task.name.strip()))
    for codes, found in by_codes.items():
        names = list(dict.fromkeys(found))
        yield f"{codes}: {', '.join(names[:_NAMED])}" + (", ..." if len(names) > _NAMED else "")


_NAMED = 3


def _fitting(wanted: Draft, candidates: Sequence[DonorSeries]) -> list[DonorSeries]:
    """Series of the family; for a localizer whatever the site has as one."""
    localizers = [c for c in candidates if c.is_localizer] if wanted.scan.role == "localizer" else []
    return localizers or [c for c in candidates if _fits(wanted, c)]


def _fits(wanted: Draft, candidate: DonorSeries) -> bool:
    family, values = wanted.family, candidate.values
    code = (values.get(facts.PSEQ, ""), values.get(facts.PLUG, ""))
    known = code == (family.pseq, family.plug) or code in _ALSO.get((family.pseq, family.plug), ())
    if not known and not (family.assumed and code[0] == family.pseq):
        return False
    if family.placeholder or values.get(facts.IMODE) != family.imode or candidate.is_localizer:
        return False
    if wanted.tokens & DEFINING_OPTIONS != set(candidate.tokens) & DEFINING_OPTIONS:
        return False
    return bool(values.get(facts.PSDNAME, "") == wanted.scan.vendor.get(facts.PSDNAME, ""))


def _likeness(wanted: Draft, candidate: DonorSeries) -> float:
    """How much of the donor series may stay as it is: options in common, and parameters that are near."""
    tokens = set(candidate.tokens)
    score = 2 * len(tokens & wanted.tokens) / (len(tokens | wanted.tokens) or 1)
    score += 4.0 * (candidate.values.get(facts.PSEQ) == wanted.family.pseq)
    score += 2.0 * (candidate.values.get(facts.PLUG) == wanted.family.plug)
    score += float(candidate.task.name == wanted.scan.name)
    for name in _CLOSENESS:
        want, have = getattr(wanted.scan, name), candidate.fields.get(name)
        if want and isinstance(have, (int, float)):
            score += min(want, have) / max(want, have)
    return score


def _lack(scan: Acquisition) -> str:
    wanted = encode(scan, sequences.family_of(scan), facts.DEFAULT_SOFTWARE)
    family = wanted.family
    if family.placeholder:
        return f"the codes of {scan.technique} on GE are not known; {_NAME_THEM}"
    codes = f"{family.pseq} {family.imode} (PLUG {family.plug}, {_defining(wanted.tokens)})"
    hint = f"; {family.assumed}; if your scanner has other codes, {_NAME_THEM}" if family.assumed else ""
    return f"no series of the family {codes}{hint}" + (" (optional)" if scan.optional else "")


_NAME_THEM = "name those of your series in the spec: vendor: {PSEQ: ..., PLUG: ..., IOPT: ...}"
