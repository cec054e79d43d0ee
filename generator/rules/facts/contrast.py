"""Facts of contrast: what the images of a scan would show, by :mod:`generator.contrast`.

A scan that cannot be simulated leaves them unstated. Of several ways to read a scan the one counts that
speaks for it, so that a finding holds however the vendor counts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from generator.contrast import measures
from generator.contrast.scan import SignalParameters, Unknown, scan_of
from generator.rules.facts.labels import call
from generator.rules.facts.table import derived
from generator.rules.facts.view import Facts, Unstated


def _known(work_out: Callable[[SignalParameters, str], float], facts: Facts) -> float:
    try:
        return work_out(scan_of(facts.get), facts["role"])
    except Unknown as unknown:
        raise Unstated(unknown.what) from unknown


def _best(name: str, facts: Facts) -> float:
    return _known(partial(measures.best, name), facts)


def _declare(measure: measures.Measure) -> None:
    def formula(facts: Facts) -> float:
        return _best(measure.name, facts)

    formula.__name__, formula.__doc__ = measure.name, measure.label
    derived("step", float, of=measure.fields)(formula)
    call(measure.name, measure.label)


for _measure in measures.MEASURES.values():
    _declare(_measure)


@derived("step", float, of=("echo_times", "flip_angle"))
def role_contrast(facts: Facts) -> float:
    """Signal ratio of the two tissues that the role is read for."""
    return _known(measures.contrast, facts)
