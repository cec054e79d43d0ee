"""Waits that an injection needs: a timed pause before a post-contrast T1 that would come too early."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from generator.model.tree import Contrast, Pause, Protocol, Step, Target
from generator.text import clock
from generator.timing.steps import is_post_contrast_t1, step_time

_RASTER = 5  # s; a wait is rounded up to a multiple of it

_Origins = tuple[int | None, ...]


def with_waits(protocol: Protocol, target: Target) -> tuple[Protocol, _Origins]:
    """Put a timed pause before a post-contrast T1 that the steps before it do not delay enough.

    What passes between the injection and the T1 is counted at its least: optional steps not at all,
    estimates less their uncertainty, unknown times as nothing.

    Parameters
    ----------
    protocol : Protocol
        Resolved for ``target``.
    target : Target
        Whose timing applies.

    Returns
    -------
    protocol : Protocol
        The same object if no wait is needed.
    origins : tuple of int or None
        For every step of the result its index in the protocol that was given; ``None`` for a wait.
    """
    steps: list[Step] = list(protocol.steps)
    origins: list[int | None] = list(range(len(steps)))
    for injection in [index for index, step in enumerate(protocol.steps) if isinstance(step, Contrast)]:
        _delay_images(steps, origins, origins.index(injection), target)
    if len(steps) == len(protocol.steps):
        return protocol, tuple(origins)
    return protocol.model_copy(update={"steps": tuple(steps)}), tuple(origins)


def _delay_images(steps: list[Step], origins: list[int | None], injection: int, target: Target) -> None:
    """Insert the waits of one injection; an optional T1 gets an optional wait, the next one is seen to."""
    contrast = steps[injection]
    assert isinstance(contrast, Contrast)
    if not contrast.minimum_delay:
        return
    index = injection + 1
    while index < len(steps) and not isinstance(steps[index], Contrast):
        step = steps[index]
        if is_post_contrast_t1(step):
            missing = contrast.minimum_delay - surely_passed(steps[injection:index], target)
            if missing > 0:
                steps.insert(index, _wait(missing, contrast.minimum_delay, step.optional))
                origins.insert(index, None)
                index += 1
            if not step.optional:
                return
        index += 1


def surely_passed(steps: Sequence[Step], target: Target | None) -> float:
    """Seconds that some steps take at the least."""
    return sum(step_time(step, target).surely for step in steps if not step.optional)


def _wait(missing: float, delay: float, optional: bool) -> Pause:
    duration = float(_RASTER * ceil(missing / _RASTER))
    text = f"Wait {clock(duration)}: contrast images not before {clock(delay)} after the injection"
    return Pause(text=text, duration=duration, optional=optional)
