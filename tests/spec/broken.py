"""Specs that are broken in one way each; the messages are in the snapshot of test_errors.py."""

from __future__ import annotations

HEAD = "protocol: broken\ntitle: A broken spec\nsteps:\n"

SCAN = """\
  - acquisition:
      name: T1
      role: t1_3d_pre
"""


def scan(line: str) -> str:
    """Make a protocol with one scan that has one more line."""
    return f"{HEAD}{SCAN}      {line}\n"


def variants(*lines: str) -> str:
    """Make a protocol with one scan and these variants."""
    return f"{HEAD}{SCAN}    variants:\n" + "".join(f"      {line}\n" for line in lines)


BROKEN: dict[str, str] = {
    # Quantities
    "bare number": scan("repetition_time: 2300"),
    "bare number in a list": scan("voxel_size: [1 mm, 1, 1 mm]"),
    "wrong dimension": scan("repetition_time: 2.3 mm"),
    "misspelt unit": scan("pixel_bandwidth: 240 Hz/pxl"),
    "unit in the wrong case": scan("repetition_time: 2300 MS"),
    "megaseconds": scan("repetition_time: 2.3 Ms"),
    "a unit that is a computation": scan("repetition_time: 1 s**9**9**9"),
    "no quantity": scan("inversion_time: minimum"),
    "clock time": scan("acquisition_duration: 4:35"),
    "decimal comma": scan("repetition_time: 2,3 s"),
    "negative time": scan("repetition_time: -1 s"),
    "a control character by its escape": scan('instruction: "ring \\a the bell"'),
    "a text that turns around": scan("instruction: no \u202emuinilodag"),
    "an id without end": HEAD.replace("broken", "a" * 101, 1) + SCAN,
    "endless time": scan("repetition_time: 1e999 s"),
    "angle beyond a turn": scan("flip_angle: 900 deg"),
    # Numbers, truth values, texts, words
    "percentage for a fraction": scan("partial_fourier_phase: 87.5"),
    "unit where none belongs": scan("phase_oversampling: 20 %"),
    "count with a fraction": scan("number_of_slices: 176.5"),
    "count in quotes": scan('number_of_slices: "176"'),
    "count of zero": scan("number_of_slices: 0"),
    "yes for true": scan("elliptical_scanning: yes"),
    "misspelt technique": scan("technique: turbo_spin_ehco"),
    "word of another list": scan("plane: axial"),
    "null where a value must be": scan("optional: null"),
    "null in a list": scan("echo_times: [5 ms, null]"),
    # Shapes
    "value for a list": scan("echo_times: 5 ms"),
    "list for a value": scan("repetition_time: [5 ms]"),
    "list too short": scan("field_of_view: [256 mm]"),
    "text for a mapping": scan("vendor: siemens"),
    "steps as a mapping": "protocol: broken\ntitle: x\nsteps:\n  acquisition: {name: x}\n",
    "step as a word": HEAD + "  - t1-3d\n",
    "protocol as a list": "- protocol: broken\n",
    "situation as a word": "protocol: broken\ntitle: x\nsteps: []\nsituation: new\n",
    # Keys
    "unknown key": scan("number_of_coils: 3"),
    "misspelt key": scan("repitition_time: 2.3 s"),
    "duplicate key": scan("role: dwi"),
    "unknown key of the head": "protocol: broken\ntitle: x\nguideline: [ofsep-2020]\nsteps: []\n",
    "missing head": "version: '1'\n",
    "missing name": HEAD + "  - acquisition: {role: dwi}\n",
    "missing source of a reformat": HEAD + "  - reformat: {plane: transverse}\n",
    "misspelt step": HEAD + "  - aquisition: t1-3d\n",
    "two steps in one": HEAD + "  - pause: wait\n    contrast: {}\n",
    "contrast without mapping": HEAD + "  - contrast: gadobutrol\n",
    "null key": scan("? \n      : 1"),
    "list as key": scan("? [a]\n      : 1"),
    # Variants
    "conflicting variants": variants(
        "- {when: {vendor: ge}, set: {flip_angle: 8 deg}, source: a}",
        "- {when: {field_strength: 3 T}, set: {flip_angle: 9 deg}, source: b}",
    ),
    "empty variant": variants("- {when: {vendor: ge}, set: {}}"),
    "variant without set": variants("- {when: {vendor: ge}}"),
    "variant with a null set": variants("- when: {vendor: ge}", "  set:"),
    "variant for everything": variants("- {when: {}, set: {flip_angle: 8 deg}}"),
    "variant for an unknown vendor": variants("- {when: {vendor: simens}, set: {flip_angle: 8 deg}}"),
    "variant for a misspelt key": variants("- {when: {field_strengh: 3 T}, set: {flip_angle: 8 deg}}"),
    "variant for a bare field strength": variants("- {when: {field_strength: 3}, set: {flip_angle: 8 deg}}"),
    "variant for null": variants("- {when: {model: null}, set: {flip_angle: 8 deg}}"),
    "variant as a word": variants("- ge"),
    "variants as a mapping": f"{HEAD}{SCAN}    variants: {{when: {{vendor: ge}}}}\n",
    # References
    "unknown definition": HEAD + "  - acquisition: sink-mprag\n",
    "definition with a path": HEAD + "  - acquisition: ../sink-mprage\n",
    "definition as a list": HEAD + "  - acquisition: [sink-mprage]\n",
    "reformat of no scan": f"{HEAD}{SCAN}  - reformat: {{source: t1_3d_prae}}\n",
    "suppression without reason": f"{HEAD}{SCAN}suppress:\n  - code: TIM001\n",
    "suppression with an empty reason": f"{HEAD}{SCAN}suppress:\n  - {{code: TIM001, reason: ''}}\n",
    "suppression of no step": f"{HEAD}{SCAN}suppress:\n  - {{code: TIM001, step: T3, reason: none}}\n",
    "source of no value": scan("sources: {echo_time: a book}"),
    "source that is no text": scan("source: [a, b]"),
    "invalid id": "protocol: Broken Spec\ntitle: x\nsteps: []\n",
    "definition for a protocol": "acquisition: t1-3d\nrole: t1_3d_pre\n",
    # The file itself
    "open bracket": scan("voxel_size: [1 mm, 1 mm"),
    "colon in a text": scan("instruction: note: sagittal"),
    "text that begins with a sign": scan("instruction: @home"),
    "tab": HEAD + "\t- pause: wait\n",
    "tag": scan("instruction: !!str 5"),
    "python tag": scan("instruction: !!python/object/apply:os.system [ls]"),
    "merge key": f"{HEAD}{SCAN}      <<: {{flip_angle: 9 deg}}\n",
    "two documents": HEAD + "  - pause: wait\n---\nprotocol: second\n",
    "empty file": "# nothing but a comment\n",
    "unknown alias": scan("echo_times: *later"),
    "recursive alias": scan("vendor: &self {inner: *self}"),
    "alias bomb": scan(
        "vendor:\n        a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
        + "".join(f"        a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    ),
    "endless nesting": scan("vendor: {a: " + "[" * 60 + "]" * 60 + "}"),
    "nesting through aliases": scan(
        f"vendor:\n        a: &a {'[' * 30}{']' * 30}\n        b: {'[' * 30}*a{']' * 30}\n"
    ),
    "control character": scan("instruction: \x1b[31mred"),
    "several errors": scan(
        "repetition_time: 2300\n      flip_angel: 9 deg\n      plane: axial\n      echo_times: [3 m, 5]"
    ),
}
