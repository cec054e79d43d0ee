"""How long commands take from the shell, beside an empty typer program in the same run."""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import generator
from bench import network

EMPTY = """
import typer
app = typer.Typer(rich_markup_mode=None)

@app.command()
def nothing() -> None:
    pass

app()
"""
RUNS = 9
PROTOCOLS = 100
SETTLED = 3
"""Seconds before what was just compiled may be part of an answer, see :mod:`generator.answers`."""


def _seconds(command: list[str], **environment: str) -> float:
    around = {**os.environ, **environment}
    start = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=around)
    return time.perf_counter() - start


def _times(folder: str) -> dict[str, list[float]]:
    """Seconds of every command; a check works anew in an environment where it was never run."""
    examcard = str(Path(sys.executable).with_name("examcard"))
    target = ("--vendor", "ge", "--field-strength", "3T")
    commands = {
        "empty typer program": [sys.executable, "-c", EMPTY, "--help"],
        "examcard --help": [examcard, "--help"],
        "check of 1 target": [examcard, "check", "ofsep-brain-follow-up", *target],
        "check of 1 protocol, 8 targets": [examcard, "check", "ofsep-brain-follow-up"],
        f"check of {PROTOCOLS} protocols": [examcard, "check", folder],
    }
    times: dict[str, list[float]] = {}
    for turn in range(RUNS):  # interleaved, so that a busy moment touches all of them alike
        for name, command in commands.items():
            times.setdefault(name, []).append(_seconds(command, BENCH=f"{os.getpid()}-{turn}"))
            if "check" in command:
                again = _seconds(command, BENCH=f"{os.getpid()}-{turn}")
                times.setdefault(f"{name}, again", []).append(again)
    return times


def report() -> None:
    for folder in generator.__path__:  # as pip leaves it; an editable install has no bytecode yet
        compileall.compile_dir(folder, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        network.write(Path(folder), PROTOCOLS)
        time.sleep(SETTLED)
        times = _times(folder)
    empty = statistics.median(times["empty typer program"])
    print(f"{f'start-up, median of {RUNS} runs':<38} {'ms':>6} {'x empty':>8}")
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:<38} {middle * 1000:>6.0f} {middle / empty:>8.2f}")
