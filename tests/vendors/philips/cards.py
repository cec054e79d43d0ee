"""Synthetic cards for the tests: all of them made by the template writer."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Target
from generator.vendors import account
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.philips import DIALECT
from generator.vendors.philips.container import block
from generator.vendors.philips.container.block import Block
from generator.vendors.philips.container.graph import Row
from tests.support.kitchen import kitchen_sink
from tests.support.translate import write_export

TARGET = Target(vendor="philips", field_strength=3.0)

T1 = Acquisition(
    name="T1",
    technique="magnetization_prepared_gradient_echo",
    mr_acquisition_type="3D",
    plane="sagittal",
    repetition_time_preparation=2300,
    repetition_time_excitation=7.4,
    echo_times=(3.2,),
    inversion_time=900,
    flip_angle=8,
    echo_train_length=176,
    pixel_bandwidth=240,
    field_of_view=(256, 256),
    voxel_size=(1, 1, 1),
    slice_thickness=1,
    number_of_slices=176,
    phase_encoding_direction="AP",
    number_of_averages=1,
    fat_suppression="none",
    acquisition_duration=255.3,
)
FLAIR = Acquisition(
    name="FLAIR",
    technique="turbo_spin_echo",
    mr_acquisition_type="3D",
    plane="sagittal",
    repetition_time=4800,
    echo_times=(340,),
    inversion_time=1650,
    flip_angle=90,
    refocusing_flip_angle=40,
    echo_train_length=180,
    field_of_view=(250, 250),
    voxel_size=(1.1, 1.1, 1.1),
    slice_thickness=1.1,
    number_of_slices=160,
    fat_suppression="spir",
)
SMALL = Protocol(
    name="Brain & <more>",
    id="brain-more",
    region="brain",
    steps=(
        T1,
        Pause(text="Check the line"),
        Contrast(agent="gadobutrol", dose=0.1, minimum_delay=300, text="Flush"),
        FLAIR,
    ),
)


def build(protocol: Protocol = SMALL, target: Target = TARGET, **options: Any) -> Export:
    return account.build(DIALECT, protocol, target, BuildOptions(**options))


def write(folder: Path, protocol: Protocol = SMALL, **options: Any) -> Path:
    export = build(protocol, **options)
    return write_export(export, folder) / next(iter(export.files))


def sink(target: Target = TARGET) -> Protocol:
    return kitchen_sink(target)


def block_of(row: Row) -> Block:
    return block.decode(base64.b64decode(row.block.base64))


def packed(edited: Block) -> str:
    return base64.b64encode(edited.encode()).decode()


def unpacked(export: Export) -> dict[str, bytes]:
    """Make an export readable: its blocks as lists, and the XML with a number where a block was."""
    files = {}
    for name, content in export.files.items():
        shown, number = content.decode(), 0
        for packed in re.findall(r'SOAP-ENC:base64">([^<]+)<', shown):
            data = base64.b64decode(packed)
            if data[:2] != b"PK":
                files[f"{number:02d}.txt"] = show_list(block.decode(data)).encode()
                shown = shown.replace(packed, f"block {number:02d}")
                number += 1
        files[f"{name}.xml"] = shown.replace("\r\n", "\n").encode()
    return files


_KINDS = {block.FLOAT: "float", block.INTEGER: "int", block.TEXT: "text", block.ENUM: "enum"}


def show_list(edited: Block) -> str:
    """Write a block as a list for people: enum texts without their lists, long arrays shortened."""
    return "".join(
        f"{record.name:<33}{_KINDS[record.kind]:<7}{_shown(record)}\n" for record in edited.records
    )


def _shown(record: block.Record) -> str:
    values = list(record.numbers)
    if record.kind == block.ENUM and record.texts is not None:
        values = [record.choices[index] for index in values]
    words = [
        f"{v:.7g}" if record.kind == block.FLOAT else repr(v) if record.kind == block.TEXT else str(v)
        for v in values
    ]
    while len(words) > 1 and words[-1] == words[-2]:
        words.pop()
    left = len(values) - len(words)
    return " ".join(words) + (f" (and {left} more)" if left else "")
