"""The steps of an export: scans, and pauses for everything that a console has no step for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from generator.model.tree import Acquisition, Contrast, Note, Pause, Protocol, Reformat
from generator.text import clock
from generator.vendors.dialect import BuildOptions, Losses

CONTRAST_REASON = (
    "written as an operator's pause with a text; a pause step has structured contrast fields, but their "
    "meaning is assumed, so they stay empty"
)


@dataclass(frozen=True)
class Planned:
    """One step to write: a scan, or a pause if there is no acquisition."""

    index: int
    text: str
    acquisition: Acquisition | None = None
    duration: float | None = None

    @property
    def comment(self) -> str:
        """What the scan's comment tells the operator about its position."""
        a = self.acquisition
        parts = [f"plane: {a.plane_reference}" if a and a.plane_reference else ""]
        parts += [f"coverage: {', '.join(a.coverage)}" if a and a.coverage else ""]
        return "; ".join(filter(None, parts))


def plan(protocol: Protocol, options: BuildOptions, losses: Losses) -> list[Planned]:
    """Lay out the steps of an export in exam order; file losses for steps that become text."""
    found: list[Planned] = []
    for index, step in enumerate(protocol.steps):
        if isinstance(step, Acquisition):
            if step.instruction:
                found.append(Planned(index, one_line(step.instruction)))
            found.append(
                Planned(index, step.name, step, options.duration(index) or step.acquisition_duration)
            )
        else:
            found.append(Planned(index, one_line(_text(step, losses.at(index, None)))))
    return found


def _text(step: Contrast | Pause | Reformat, losses: Losses) -> str:
    if isinstance(step, Contrast):
        losses.approximated("contrast", step.agent, contrast_text(step), CONTRAST_REASON)
        return contrast_text(step)
    if isinstance(step, Reformat):
        text = reformat_text(step)
        losses.approximated(
            "reformat", step.source, text, "written as an instruction; reconstructions are set at the console"
        )
        return text
    if step.duration is None:
        return step.text
    text = f"{step.text} ({clock(step.duration)} min)"
    losses.approximated("duration", step.duration, None, "there is no timed pause; the time is in its text")
    return text


def contrast_text(step: Contrast) -> str:
    """What the operator reads about the injection."""
    parts = [f"Inject {step.agent or 'contrast agent'}{f' {step.dose:g} mmol/kg' if step.dose else ''}"]
    if step.minimum_delay:
        parts.append(f"next scan not before {clock(step.minimum_delay)} min after the injection")
    return "; ".join([*parts, *([step.text] if step.text else [])])


def reformat_text(step: Reformat) -> str:
    """What the operator reads about a reformat."""
    parts = [f"Reformat {step.source}"]
    parts += [step.plane] if step.plane else []
    parts += [f"{step.slice_thickness:g} mm"] if step.slice_thickness else []
    parts += [f"gap {step.slice_gap:g} mm"] if step.slice_gap is not None else []
    parts += [f"parallel to: {step.plane_reference}"] if step.plane_reference else []
    return ", ".join(parts)


def one_line(text: str) -> str:
    """A label is one line."""
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())


def protocol_name(name: str) -> str:
    """The name inside the protocol text: ASCII, without quotes; the label has it in full."""
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^\x20-\x7e]|\"", "'", flat).strip() or "protocol"


_LONGEST_NAME = 100


def file_name(text: str) -> str:
    """A file name that any system takes: plain characters, and not too many of them."""
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", flat)[:_LONGEST_NAME].strip("-.") or "protocol"


def folders(protocol: Protocol) -> tuple[list[str], str]:
    """Directories (region, exam) and the name of the program."""
    name = one_line(protocol.path[-1] if protocol.path else protocol.name)
    above = [one_line(part) for part in protocol.path[:-1]]
    region = (protocol.region or "examcard").capitalize()
    return above or [region, "examcard"], name


def label_note(options: BuildOptions) -> list[Note]:
    """Warnings that an export has to show on its face."""
    return [Note(code="warning", message=text) for text in options.warnings]
