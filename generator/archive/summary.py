"""What the lines of a store say: how much there is, what drifts, what is not as a spec asks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.archive.rows import COUNTS, FIELDS, LISTS, NUMBERS

if TYPE_CHECKING:
    import pyarrow as pa

    from generator.model.tree import Acquisition, ReadResult

NO_MONTH = "no date"
_HASH = 8  # digits of a pseudonym that people see
_COLUMNS = (
    "kind", "error", "patient", "centre", "scanner", "study", "series", "folder", "vendor", "model",
    "software", "month", "name", "field_strength", "derived", "echo_time", *FIELDS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Where and when a series was made."""

    centre: str
    scanner: str
    vendor: str
    field_strength: float | None
    software: str
    month: str


@dataclass(slots=True)
class _Series:
    group: int
    config: int
    echoes: tuple[float, ...]
    images: int = 0


@dataclass
class Summary:
    """Counts of a store; memory grows with series, not with images.

    Attributes
    ----------
    kinds, errors : Counter
        Files by kind; damaged ones by what is wrong.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    patients: set[str] = field(default_factory=set)
    groups: dict[Group, int] = field(default_factory=dict)
    exams: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    configs: dict[tuple[Any, ...], int] = field(default_factory=dict)
    series: dict[str, _Series] = field(default_factory=dict)

    def add(self, table: pa.Table) -> None:
        """Count the lines of a part."""
        for row in table.select(_COLUMNS).to_pylist():
            self.kinds[row["kind"]] += 1
            if row["error"]:
                self.errors[row["error"]] += 1
            if row["kind"] == "image":
                self._image(row)

    def _image(self, row: Mapping[str, Any]) -> None:
        group = self.groups.setdefault(_group(row), len(self.groups))
        if row["study"]:
            self.exams[group].add(row["study"])
        if row["patient"]:
            self.patients.add(row["patient"])
        if row["series"] is None:
            return  # a header that was cut off
        known = self.series.get(row["series"])
        if known is None:
            values = tuple(_frozen(row[name]) for name in FIELDS)
            config = (row["name"] or "(without a name)", bool(row["derived"]), *values)
            number = self.configs.setdefault(config, len(self.configs))
            known = self.series[row["series"]] = _Series(group, number, ())
        known.images += 1
        if (echo := row["echo_time"]) is not None and echo not in known.echoes:
            known.echoes = (*known.echoes, echo)


def _group(row: Mapping[str, Any]) -> Group:
    scanner = f"{row['model'] or 'unknown'} {(row['scanner'] or '')[:_HASH]}".strip()
    return Group(
        centre=row["folder"] or (f"centre {row['centre'][:_HASH]}" if row["centre"] else "unknown"),
        scanner=scanner,
        vendor=row["vendor"] or "unknown",
        field_strength=row["field_strength"],
        software=row["software"] or "not stated",
        month=row["month"] or NO_MONTH,
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def summarise(tables: Iterable[pa.Table]) -> Summary:
    """Count all parts of a store."""
    summary = Summary()
    for table in tables:
        summary.add(table)
    return summary


def as_data(summary: Summary, against: Conformity | None = None) -> dict[str, Any]:
    """The summary as JSON: totals, groups, drift and, if asked for, conformity."""
    groups = list(summary.groups)
    by_group: dict[int, list[_Series]] = defaultdict(list)
    for one in summary.series.values():
        by_group[one.group].append(one)
    order = sorted(
        range(len(groups)),
        key=lambda i: (groups[i].centre, groups[i].scanner, groups[i].month, str(groups[i])),
    )
    data: dict[str, Any] = {
        "files": sum(summary.kinds.values()),
        **{kind: summary.kinds[kind] for kind in ("image", "other", "foreign", "damaged")},
        "patients": len(summary.patients),
        "exams": len(set().union(*summary.exams.values())),
        "series": len(summary.series),
        "errors": dict(sorted(summary.errors.items())),
        "groups": [
            {
                **{name: getattr(groups[i], name) for name in Group.__slots__},
                "exams": len(summary.exams[i]),
                "series": len(by_group[i]),
                "images": sum(one.images for one in by_group[i]),
            }
            for i in order
        ],
        "drift": list(drift(summary)),
    }
    return data if against is None else {**data, "against": against.as_data(summary)}


# --- drift --------------------------------------------------------------------------------------------


def drift(summary: Summary) -> Iterator[dict[str, Any]]:
    """Values that prevail in some months and not in others, by scanner, name of the series and field."""
    groups, configs = list(summary.groups), list(summary.configs)
    counted: dict[tuple[str, str, str], dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for one in summary.series.values():
        group, (name, derived, *_) = groups[one.group], configs[one.config]
        if not derived and group.month != NO_MONTH:
            counted[group.centre, group.scanner, name][group.month][one.config] += 1
    for (centre, scanner, name), months in sorted(counted.items()):
        for index, what in enumerate(FIELDS, 2):
            prevailing = [
                {"month": month, **_prevailing(configs, index, months[month])} for month in sorted(months)
            ]
            if len({str(entry["value"]) for entry in prevailing}) > 1:
                yield {
                    "centre": centre,
                    "scanner": scanner,
                    "name": name,
                    "field": what,
                    "months": prevailing,
                }


def _prevailing(configs: list[tuple[Any, ...]], index: int, counted: Counter[int]) -> dict[str, Any]:
    values: Counter[Any] = Counter()
    for config, number in counted.items():
        values[configs[config][index]] += number
    value, number = min(values.items(), key=lambda pair: (-pair[1], str(pair[0])))
    total = sum(values.values())
    return {"value": value, "series": total, "share": round(number / total, 3)}


# --- against a spec -----------------------------------------------------------------------------------

Asked = Callable[[str, float], "ReadResult | None"]


@dataclass
class Conformity:
    """Series against the steps of what was asked for, once for each kind of series.

    Attributes
    ----------
    asked : callable
        Vendor and field strength to what was asked for there; ``None`` where nothing was.
    """

    asked: Asked
    _known: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def as_data(self, summary: Summary) -> dict[str, Any]:
        """Series that belong to a step, those of them that are as asked, and what the others have instead."""
        groups, configs = list(summary.groups), list(summary.configs)
        found: dict[tuple[str, str, str], dict[str, Any]] = {}
        unmatched = 0
        for one in summary.series.values():
            group, config = groups[one.group], configs[one.config]
            if config[1]:
                continue
            judged = self._judged(group, config, one.echoes)
            if judged is None:
                unmatched += 1
                continue
            step, deviations = judged
            entry = found.setdefault(
                (group.centre, group.scanner, step), {"series": 0, "conform": 0, "deviations": Counter()}
            )
            entry["series"] += 1
            entry["conform"] += not deviations
            entry["deviations"].update(deviations)
        return {
            "unmatched": unmatched,
            "steps": [
                {
                    "centre": centre,
                    "scanner": scanner,
                    "step": step,
                    "series": entry["series"],
                    "conform": entry["conform"],
                    "deviations": [
                        {"field": name, "asked": asked, "found": got, "severity": severity, "series": number}
                        for (name, asked, got, severity), number in sorted(
                            entry["deviations"].items(), key=lambda pair: (-pair[1], str(pair[0]))
                        )
                    ],
                }
                for (centre, scanner, step), entry in sorted(found.items())
            ],
        }

    def _judged(self, group: Group, config: tuple[Any, ...], echoes: tuple[float, ...]) -> Any:
        key = (group.vendor, group.field_strength, config, echoes)
        if key not in self._known:
            self._known[key] = self._judge(group, config, echoes)
        return self._known[key]

    def _judge(self, group: Group, config: tuple[Any, ...], echoes: tuple[float, ...]) -> Any:
        from generator.compare.fields import compare_steps
        from generator.compare.pairing import alikeness, match

        if group.field_strength is None or (asked := self.asked(group.vendor, group.field_strength)) is None:
            return None
        steps = [step for protocol in asked.protocols for step in protocol.acquisitions]
        scan = _scan(config, echoes)
        pairs = match(1, len(steps), lambda _, j: alikeness(scan, steps[j]))
        if not pairs:
            return None
        step = steps[pairs[0].b]
        differences = compare_steps(step, scan).differences
        return step.name, tuple(
            (d.name, str(d.a), str(d.b), d.severity) for d in differences if d.severity in ("image", "time")
        )


def _scan(config: tuple[Any, ...], echoes: tuple[float, ...]) -> Acquisition:
    from generator.images.series import acquisition

    fields = dict(zip(FIELDS, config[2:], strict=True))
    for name in LISTS:
        if fields[name] and name == "acquisition_matrix":
            fields[name] = tuple(None if v is None else int(v) for v in fields[name])
    return acquisition(str(config[0]), {**fields, "echo_times": tuple(sorted(echoes)) or None})[0]


NUMERIC = (*NUMBERS, *COUNTS)
"""Fields that can be drawn."""
