"""One test of many cases, where thousands of tests of a millisecond each would cost more than they check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

Axis = Iterable[Any] | Callable[[], Iterable[Any]]


def each(
    *axes: Axis, name: Callable[[Any], str] = str
) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Check every combination of some values in one test, which names all that fail.

    Parameters
    ----------
    axes : iterable, or a function that returns one
        The values of each parameter of the check, in its order.
    """

    def decorate(check: Callable[..., None]) -> Callable[[], None]:
        def test() -> None:
            cases = list(product(*(axis() if callable(axis) else axis for axis in axes)))
            wrong: list[str] = []
            for case in cases:
                try:
                    check(*case)
                except AssertionError as error:
                    wrong.append(f"{', '.join(map(name, case))}: {error}")
            assert cases, "nothing to check"
            assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong)

        test.__doc__ = check.__doc__
        return test

    return decorate
