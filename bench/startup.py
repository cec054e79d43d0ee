"""How long commands take from the shell, beside an empty typer program in the same run."""

from __future__ import annotations

import compileall
import statistics
import subprocess
import sys
import time
from pathlib import Path

import generator

EMPTY = """
import typer
app = typer.Typer(rich_markup_mode=None)

@app.command()
def nothing() -> None:
    pass

app()
"""
RUNS = 9


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def report() -> None:
    for folder in generator.__path__:  # as pip leaves it; an editable install has no bytecode yet
        compileall.compile_dir(folder, quiet=1)
    examcard = str(Path(sys.executable).with_name("examcard"))
    commands = {
        "empty typer program": [sys.executable, "-c", EMPTY, "--help"],
        "examcard --help": [examcard, "--help"],
        "examcard check (1 protocol)": [examcard, "check", "ofsep-brain-follow-up"],
        "examcard check (1 target)": [
            *(examcard, "check", "ofsep-brain-follow-up"),
            *("--vendor", "ge", "--field-strength", "3T"),
        ],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS):  # interleaved, so that a busy moment touches all of them alike
        for name, command in commands.items():
            times[name].append(_seconds(command))
    empty = statistics.median(times["empty typer program"])
    print("start-up, median of", RUNS, "runs      ms    x empty")
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:<30} {middle * 1000:>7.0f} {middle / empty:>8.2f}")
