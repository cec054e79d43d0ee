# ruff: noqa: E501  (a row of a table is a line)
"""Every label and word that consoles of Siemens print, one line each, against what it means.

Written by hand, not from the tables of the program: the labels of the printouts at hand (VB17 to XA61, English,
one of VE11C in German), the French ones of VB17 (facts: formats/console_words.json), and those recalled.
"""

from __future__ import annotations

from typing import Any

import pytest

from generator.vendors.siemens.printouts import fields_of, software_of, strength_of
from generator.vendors.siemens.printouts.layouts import Print
from tests.vendors.siemens.test_printouts import folded

Printed = dict[str, list[str]]


def fields(values: Printed, header: str = "") -> dict[str, Any]:
    return fields_of(Print("scan", (), header, folded(values)))[0]


FLAT: Printed = {"Dimension": ["2D"]}
SLAB: Printed = {"Dimension": ["3D"], "Slabs": ["1"]}
VOXEL: Printed = {"FoV read": ["240 mm"], "Base resolution": ["120"], "Slice thickness": ["3 mm"]}
WEIGHTED: Printed = {"Diff. weightings": ["1"], "b-value 1": ["700 s/mm²"]}

# field; what is meant; what else is printed; the value under the label; every label
LABELS: list[tuple[str, Any, Printed, str, str]] = [
    ("repetition_time", 2500.0, {}, "2500 ms", "TR"),
    ("echo_times", (8.5,), {}, "8.5 ms", "TE; TE 1"),
    ("inversion_time", 900.0, {"Magn. preparation": ["Non-sel. IR"]}, "900 ms", "TI; TI 1"),
    (
        "repetition_time_preparation", 2300.0, {"TR": ["2300 ms"]}, "Slice-sel. IR",
        "Magn. preparation; Magn. Preparation; Magn. Präparation; Préparation aim.; Préparation magn.",
    ),
    (
        "flip_angle", 15.0, {}, "15 deg",
        "Flip angle; Flip Angle 1; Flipwinkel; Angle de basc.; Kippwinkel; Angle de bascule",
    ),
    ("number_of_averages", 2.0, {}, "2", "Averages; Mittelungen; Nb. d'excitations; Nb. d’excitations; Moyennes"),
    ("concatenations", 3, {}, "3", "Concatenations; Verknüpfungen; Concaténations"),
    ("number_of_temporal_positions", 4, {}, "4", "Measurements; Messungen; Répétitions; Mesures"),
    (
        "field_of_view", (230.0, 207.0), {"FoV phase": ["90 %"]}, "230 mm",
        "FoV read; FOV Read; FoV Auslese; FoV lecture; FoV; FOV lecture; Lecture FOV",
    ),
    (
        "field_of_view", (200.0, 150.0), {"FoV read": ["200 mm"]}, "75,0 %",
        "FoV phase; FOV Phase; Phase FoV; Phase du FOV",
    ),
    (
        "slice_thickness", 4.5, {}, "4.5 mm",
        "Slice thickness; Schichtdicke; Epaiss. coupe; Epaisseur de coupe; Épaisseur de coupe",
    ),
    (
        "slice_gap", 1.0, {"Slices": ["9"], "Slice thickness": ["5 mm"], **FLAT}, "20 %",
        "Dist. factor; Distance Factor; Distanzfaktor; Fac. distance; Facteur de distance",
    ),
    ("number_of_slices", 30, FLAT, "30", "Slices; Schichten; Coupes"),
    ("number_of_slabs", 2, {"Dimension": ["3D"]}, "2", "Slabs; 3D-Blöcke; Volumes"),
    (
        "number_of_slices", 160, SLAB, "160",
        "Slices per slab; Schichten im 3D-Block; Coupes par volume; Schichten pro 3D-Block; Coupes par bloc; "
        "Coupes par slab",
    ),
    ("number_of_slices", None, {"Slices": ["9"], **FLAT}, "2", "Nr. of slice groups; Nr. of slab groups"),
    (
        "number_of_slices", None, {"Slices": ["9"], **FLAT}, "2",
        "Slice group; Slab group; Schichtgruppe; 3D-Block-Gruppe; Groupe de coupes; Groupe de blocs",
    ),
    ("mr_acquisition_type", "3D", {}, "3D", "Dimension"),
    ("mr_acquisition_type", "3D", {}, "1", "Slabs"),
    ("mr_acquisition_type", "2D", {}, "1", "Slices"),
    ("acquisition_matrix", (320, None), {}, "320", "Base resolution; Basis-Auflösung; Résolution base; Résolution de base"),
    (
        "voxel_size", (2.0, 4.0, 3.0), VOXEL | FLAT, "50 %",
        "Phase resolution; Phasen-Auflösung; Résolution phase; Résolution de phase",
    ),
    (
        "voxel_size", (2.0, 2.0, 6.0), VOXEL | SLAB | {"Phase resolution": ["100 %"]}, "50 %",
        "Slice resolution; Schicht-Auflösung; Résolution coupes; Résolution de coupe",
    ),
    (
        "phase_oversampling", 0.25, {}, "25 %",
        "Phase oversampling; Phasen-Oversampling; Suréchantil. phase; Suréchantillonnage de phase; "
        "Suréchantillonnage phase",
    ),
    (
        "slice_oversampling", 0.111, {}, "11.1 %",
        "Slice oversampling; Schicht-Oversampling; Suréchantillonnage coupe; Suréchantillonnage de coupe",
    ),
    (
        "partial_fourier_phase", 0.75, {}, "6/8",
        "Phase partial Fourier; Phasen Partial Fourier; Phase Fourier partiel; Fourier partiel phase; "
        "Fourier partiel de phase",
    ),
    (
        "partial_fourier_slice", 0.875, SLAB, "7/8",
        "Slice partial Fourier; Schicht Partial Fourier; Coupe Fourier partiel; Fourier partiel coupe; "
        "Fourier partiel de coupe",
    ),
    ("pixel_bandwidth", 1628.0, {}, "1628 Hz/Px", "Bandwidth; Bandbreite; Largeur de bande; Bande passante"),
    (
        "compressed_sensing_factor", 1.0, {}, "GRAPPA",
        "PAT mode; Acceleration mode; PAT Modus; Mode PAT; Beschleunigungsmodus; Mode d'accélération; "
        "Accel. mode; Beschl. Modus",
    ),
    (
        "parallel_reduction_factor_in_plane", 2.0, {}, "2",
        "Accel. factor PE; Acceleration Factor PE; Beschl. Faktor PE; Facteur d'accél. PE; Facteur accél. PE; "
        "Beschleunigungsfaktor PE; Facteur d'accélération PE",
    ),
    (
        "parallel_reduction_factor_out_of_plane", 2.0, SLAB, "2",
        "Accel. factor 3D; Acceleration Factor 3D; Beschl. Faktor 3D; Facteur accél. 3D; "
        "Beschleunigungsfaktor 3D; Facteur d'accélération 3D",
    ),
    (
        "compressed_sensing_factor", 6.5, {"PAT mode": ["CS"]}, "6.5",
        "Total factor; Gesamtfaktor; Facteur total",
    ),
    (
        "reference_lines", 24, {}, "24",
        "Ref. lines PE; Reference lines PE; Ref. Zeilen PE; Lignes réf. PE; Referenzzeilen PE; "
        "Lignes de référence PE",
    ),
    (
        "reference_lines_out_of_plane", 32, {}, "32",
        "Ref. lines 3D; Reference lines 3D; Ref. Zeilen 3D; Lignes réf. 3D; Referenzzeilen 3D; "
        "Lignes de référence 3D",
    ),
    (
        "reference_scan", "integrated", {}, "Integrated",
        "Reference scan mode; Reference scans; Referenzmessungsm.; Mode scan de référence; Referenzscans; "
        "Referenzmessungen; Scans de référence",
    ),
    (
        "multiband_factor", 4, {}, "4",
        "SMS factor; Slice accel. factor; Accel. factor slice; Beschl. Fak. Schicht; SMS-Faktor; Facteur SMS",
    ),
    ("echo_train_length", 19, {}, "19", "Turbo factor; Turbo Faktor; Facteur Turbo"),
    ("echo_train_length", 128, {}, "128", "EPI factor; EPI Faktor; Facteur EPI"),
    ("echo_spacing", 10.7, {}, "10.7 ms", "Echo spacing; Echoabstand; Ecart écho; Espacement des échos"),
    ("echo_train_duration", 782.0, {}, "782 ms", "Echo train duration; Echozugdauer"),
    (
        "fat_suppression", "spair", {}, "SPAIR",
        "Fat suppr.; Fat-water contrast; Fettunterdr.; Suppression graisse; Fett-Wasser-Kontrast; "
        "Contraste graisse-eau",
    ),
    ("plane", "coronal", {"Slices": ["5"]}, "Coronal", "Orientation; Orientierung"),
    (
        "phase_encoding_direction", "AP", {"Slices": ["5"]}, "A >> P",
        "Phase enc. dir.; Phase encoding dir.; Phasenkod.-Richt.; Dir. codage phase; Phasenkodierricht.; "
        "Phasenkodierrichtung; Phasenkodier-Richt.; Direction codage phase; Direction de codage de phase",
    ),
    (
        "elliptical_scanning", True, {}, "On",
        "Elliptical scanning; Elliptische Abtastung; Scanning elliptique; Acquisition elliptique",
    ),
    ("magnetization_transfer", True, {}, "On", "MTC"),
    ("technique", "susceptibility_weighted", {"Sequence name": ["fl"]}, "On", "SWI"),
    ("number_of_shots", 3, {"Sequence name": ["tgse"]}, "3", "Segments; Segmente"),
    ("number_of_shots", 7, {}, "7", "Readout segments"),
    ("saturation_bands", 2, {}, "2", "Nr. of sat. regions"),
    (
        "saturation_bands", 2, {"Special sat.": ["Parallel F"]}, "1",
        "Sat. region; Saturation region; Sättigungsregion; Sat. region 1",
    ),
    ("saturation_bands", 1, {}, "Parallel F", "Special sat.; Special saturation; Spez. Sättiger; Spécial sat."),
    ("technique", "time_of_flight", {"Sequence name": ["fl"]}, "TONE", "Excitation; Anregung"),
    ("slice_order", "ascending", FLAT, "Ascending", "Series; Serie; Série"),
    (
        "flow_compensation", "readout", {}, "Read",
        "Flow comp.; Flow compensation; Flow comp. 1; Flusskomp.; Flusskomp. 1; Comp. flux; Flusskompensation; "
        "Compensation de flux",
    ),
    (
        "distortion_correction", "3D", {}, "3D",
        "Distortion corr.; Distortion correction; Verzeichn. Korr.; Corr. Distortion; Verzeichnungskorrektur; "
        "Correction de distorsion",
    ),
    ("distortion_correction", "2D", {"Distortion corr.": ["On"]}, "2D", "Mode; Modus"),
    (
        "intensity_normalization", True, {}, "On",
        "Prescan normalize; Prescan Normalisierung; Pré-acq. normalisée",
    ),
    ("intensity_normalization", True, {}, "Prescan", "Normalize; Normalisieren; Normaliser"),
    ("interpolation", 2.0, {}, "On", "Interpolation"),
    (
        "gradient_mode", "Fast*", {}, "Fast*",
        "Gradient mode; Gradientenmodus; Mode gradients; Mode de gradient; Mode gradient",
    ),
    (
        "specific_absorption_rate_mode", "Low SAR", {}, "Low SAR",
        "RF pulse type; HF-Puls-Typ; Type impulsion RF; Type d'impulsion RF",
    ),
    ("diffusion_scheme", "vendor", {}, "MDDW", "Diffusion mode; Diffusionsmodus; Mode diffusion"),
    ("deep_learning_reconstruction", "none", {}, "Off", "Deep Resolve"),
    ("gating", "cardiac", {}, "Pulse/Trigger", "1st Signal/Mode; 1.Signal/Modus; 1. Signal/Modus; 1er Signal/Mode"),
    ("breath_hold", True, {}, "Breath-hold", "Resp. control; Atemkontrolle; Contrôle resp."),
    ("b_values", (500.0,), {"b-value 1": ["500 s/mm²"]}, "1", "Diff. weightings; Diffusions-Wichtungen"),
    ("b_values", (900.0,), {"Diff. weightings": ["1"]}, "900 s/mm²", "b-value; b-Value 1; b-Wert 1; Valeur b 1"),
    ("diffusion_directions", 30, WEIGHTED, "30", "Diff. directions; Diff.-Richtungen; Directions diff."),
    (
        "technique", "turbo_spin_echo", {}, "tse",
        "Sequence name; Sequence Name; Sequenzname; Nom de la séquence; Nom de séquence",
    ),
    ("readout", "radial", {}, "Radial", "Trajectory; Trajektorie"),
]  # fmt: skip


def test_every_label_names_its_field() -> None:
    rows = [(*row[:4], label) for row in LABELS for label in row[4].split("; ")]
    wrong = [
        (label, field, got, wanted)
        for field, wanted, beside, value, label in rows
        if (got := fields(beside | {label: [value]}).get(field)) != wanted
    ]
    assert not wrong and len(rows) > 210


def test_labels_of_which_several_values_are_taken() -> None:
    """The position of a table has a letter and a number; the frequency says the field strength."""
    tables = [
        fields({label: ["H", "12 mm"]})["table_position"] for label in ("Table position", "Tischposition")
    ]
    assert tables == [12, 12]
    for label in ("Frequency 1H", "Frequenz 1H", "Fréquence 1H"):
        printed = Print("scan", (), "", folded({label: ["123.25 MHz"]}))
        assert printed.number("frequency") == 123.25, label
    both = {"Slice group": ["1", "2"], "Slices": ["5", "5"], "Orientation": ["Coronal"] * 2, **FLAT}
    assert fields(both | {"Position": ["Isocenter"] * 2}).get("number_of_slices") is None
    assert fields(both | {"Position": ["Isocenter", "L0 P1 H0"]})["number_of_slices"] == 10


# label, field, each word with what it means: English, German, French
WORDS: list[tuple[str, str, dict[str, Any]]] = [
    ("MTC", "magnetization_transfer", {
        "On": True, "Ein": True, "Activé": True, "Off": False, "Aus": False, "Désactivé": False, "No": None,
        "": None,
    }),
    ("Flow comp.", "flow_compensation", {
        "No": "none", "Nein": "none", "Non": "none", "None": "none", "Keine": "none", "Kein": "none",
        "Keiner": "none", "Néant": "none", "Yes": "yes", "Ja": "yes", "Oui": "yes", "On": "yes",
        "Read": "readout", "Slice": "slice", "Slice/Read": "all", "Sideways": None,
    }),
    ("Reference scans", "reference_scan", {
        "Integrated": "integrated", "Integriert": "integrated", "Intégré": "integrated",
        "Separate": "separate", "Séparé": "separate", "GRE/Separate": "separate", "EPI/Separate": "separate",
        "Sometimes": None,
    }),
    ("Trajectory", "readout", {
        "Cartesian": "cartesian", "Kartesisch": "cartesian", "cartésien": "cartesian",
        "Cartésienne": "cartesian", "Radial": "radial", "Spiral": None,
    }),
    ("Fat suppr.", "fat_suppression", {
        "None": "none", "Standard": "none", "Keine": "none", "Fat sat.": "fat_saturation",
        "Fettsättig.": "fat_saturation", "Sat. graisse": "fat_saturation",
        "Saturation graisse": "fat_saturation", "Fat saturation": "fat_saturation",
        "Fettsättigung": "fat_saturation", "Quick fat sat.": "fat_saturation",
        "Fast fat saturation": "fat_saturation", "SPAIR": "spair", "Water excit.": "water_excitation",
        "Water excitation": "water_excitation", "Wasseranregung": "water_excitation",
        "Water excit. normal": "water_excitation", "Wasseranreg. normal": "water_excitation",
        "Excit. eau normale": "water_excitation", "Water excit. fast": "water_excitation",
        "Wasseranreg. schnell": "water_excitation", "Excit. eau rapide": "water_excitation",
        "Fast water excitation": "water_excitation", "Dixon": "dixon", "Fast Dixon": "dixon", "Magic": None,
    }),
    ("Resp. control", "breath_hold", {
        "Off": False, "Aus": False, "Breath-hold": True, "Atemanhalten": True, "Trigger": None,
    }),
    ("Resp. control", "gating", {
        "Off": None, "Breath-hold": None, "Atemanhalten": None, "Trigger": "respiratory",
    }),
    ("1st Signal/Mode", "gating", {
        "None": "none", "Keiner": "none", "ECG/Trigger": "cardiac", "Pulse/Gate": "cardiac",
        "Resp./Trigger": "respiratory", "Atem/Trigger": "respiratory", "Ext./Trigger": None,
    }),
    ("Series", "slice_order", {
        "Ascending": "ascending", "Aufsteigend": "ascending", "Ascendant": "ascending",
        "Descending": "descending", "Absteigend": "descending", "Descendant": "descending",
        "Interleaved": "interleaved", "Verschachtelt": "interleaved", "Entrelacé": "interleaved",
        "Shuffled": None,
    }),
    ("Distortion corr.", "distortion_correction", {
        "Off": "none", "Aus": "none", "2D": "2D", "3D": "3D", "4D": None,
    }),
    ("Diffusion mode", "diffusion_scheme", {
        "MDDW": "vendor", "3D Diagonal": "diagonal", "Diagonal": "diagonal", "3-Scan Trace": "trace_3",
        "4-Scan Trace": "trace_4", "Free": "free", "Frei": "free", "q-Space": None,
    }),
    ("Phase partial Fourier", "partial_fourier_phase", {
        "Off": 1.0, "Aus": 1.0, "Désactivé": 1.0, "4/8": 0.5, "5/8": 0.625, "6/8": 0.75, "7/8": 0.875,
        "Allowed": None, "Erlaubt": None, "Permis": None, "7/9": None,
    }),
    ("Normalize", "intensity_normalization", {"Prescan": True, "Off": False, "On": None}),
    ("Prescan normalize", "intensity_normalization", {"On": True, "Off": False}),
    ("Interpolation", "interpolation", {"On": 2.0, "Off": 1.0, "1.5": 1.5}),
    ("Deep Resolve", "deep_learning_reconstruction", {"On": None, "Off": "none"}),
    ("Special sat.", "saturation_bands", {"None": 0, "Keine": 0, "Parallel F": 1}),
    ("Nr. of sat. regions", "saturation_bands", {"0": 0, "3": 3}),
    ("Measurements", "number_of_temporal_positions", {"1": 1, "0": None, "2.5": None, "-3": None}),
    ("PAT mode", "multiband_factor", {
        "None": 1, "Off": 1, "GRAPPA": 1, "mSENSE": 1, "CAIPIRINHA": 1, "Slice Acceleration": None, "CS": None,
    }),
    ("PAT mode", "compressed_sensing_factor", {
        "None": 1.0, "GRAPPA": 1.0, "Slice Acceleration": 1.0, "CS": None, "CS-GRAPPA": None,
        "Compressed Sensing": None, "": None,
    }),
    ("PAT mode", "parallel_reduction_factor_in_plane", {"None": 1.0, "Off": 1.0, "Keiner": 1.0, "GRAPPA": None}),
    ("PAT mode", "reference_scan", {"None": "none", "Off": "none", "GRAPPA": None}),
    ("Magn. preparation", "repetition_time_preparation", {"None": None, "Off": None, "Slice-sel. IR": 2000.0}),
    ("Orientation", "plane", {
        "Transversal": "transverse", "Sagittal": "sagittal", "Coronal": "coronal", "S > C-3": "sagittal",
        "Oblique": None,
    }),
    ("Orientation", "oblique_angles", {
        "Sagittal": (0.0, 0.0), "T > C-6.4": (-6.4, 0.0), "T > C-6.4 > S1.2": (-6.4, 1.2),
        "C > T12 > S-3.5": (12.0, -3.5), "S>T- 4,5": (-4.5, 0.0), "T > X3": None, "": None,
    }),
    ("Phase enc. dir.", "phase_encoding_direction", {
        "A >> P": "AP", "P >> A": "PA", "R >> L": "RL", "L >> R": "LR", "H >> F": "HF", "F >> H": "FH",
        "D >> G": "RL", "G >> D": "LR", "A >> B": None,
    }),
    ("Dimension", "mr_acquisition_type", {"2D": "2D", "3D": "3D"}),
    ("SMS factor", "multiband_factor", {"1": 1, "2": 2, "0": None}),
]  # fmt: skip


def test_every_word_is_understood() -> None:
    beside = {"TR": ["2000 ms"], "Slices": ["5"]}
    wrong = [
        (label, word, field, got, wanted)
        for label, field, words in WORDS
        for word, wanted in words.items()
        if (got := fields(beside | {label: [word]})[field]) != wanted or type(got) is not type(wanted)
    ]
    assert not wrong


# what stands for the sequence: VB the binary in the head, VD its short name in a row, XA behind the last colon
TECHNIQUES = {
    "gradient_echo": ("fl", "fl_r", "SIEMENS: gre"),
    "susceptibility_weighted": ("swi_r", "qswi"),
    "field_map": ("fm", "fm_r"),
    "magnetization_prepared_gradient_echo": ("tfl",),
    "turbo_spin_echo": ("tse", "tseR_rr", "tir", "tir_rs", "spc", "spcR", "spcir", "spcirR", "spcdir", "SIEMENS: tse_vfl"),
    "single_shot_turbo_spin_echo": ("h",),
    "echo_planar_diffusion": ("epse", "ezse", "resolve", "SIEMENS: ep2d_diff"),
    "echo_planar_bold": ("epfid", "USER: ep2d_bold"),
    "arterial_spin_labelling": ("tgse",),
    "spin_echo": ("se",),
    "multi_echo_gradient_echo": ("me",),
    None: ("r1", "xyz", "USER: of_a_site", "Tse"),
}  # fmt: skip


def test_every_name_of_a_sequence() -> None:
    rows = [(name, technique) for technique, names in TECHNIQUES.items() for name in names]
    head = "TA: 1:14 PM: FIX Rel. SNR: 1.00"
    wrong = [
        (name, technique, got)
        for name, technique in rows
        if (got := fields({}, f"{head} {name}" if ":" in name else f"{head} : {name}")["technique"])
        != technique
    ]
    wrong += [
        (name, technique, got)
        for name, technique in rows
        if ":" not in name and (got := fields({"Sequence name": [name]})["technique"]) != technique
    ]
    assert not wrong


TWO: Printed = {
    "TI 1": ["700 ms"],
    "TI 2": ["2500 ms"],
    "Magn. preparation": ["Non-sel. IR"],
    "TR": ["5000 ms"],
}
STEADY = ("fl", "swi", "me")


def test_what_the_sequence_makes_of_times_and_angles() -> None:
    """TR of steady-state scans is the time between excitations; of prepared ones the cycle."""
    said = {"TR": ["21 ms"], "Echo spacing": ["7.1 ms"], "Flip angle": ["9 deg"]}
    excitation, refocusing = {}, {}
    for name in ("fl", "swi", "me", "tfl", "se", "tse", "h", "spc", "epse", "epfid", "fm"):
        found = fields(said | {"Sequence name": [name]})
        excitation[name], refocusing[name] = (
            found["repetition_time_excitation"],
            found["refocusing_flip_angle"],
        )
    assert {name: time for name, time in excitation.items() if time} == {
        "fl": 21, "swi": 21, "me": 21, "tfl": 7.1,
    }  # fmt: skip
    assert {name: angle for name, angle in refocusing.items() if angle} == {"tse": 9, "h": 9, "spc": 9}
    tof = fields(said | {"Sequence name": ["fl"], "Excitation": ["TONE"]})
    assert (tof["technique"], tof["repetition_time_excitation"]) == ("time_of_flight", 21)
    two = fields(TWO | {"Sequence name": ["tfl"], "Echo spacing": ["6.8 ms"], "Slices": ["1"]})
    assert two["technique"] == "mp2rage"
    assert (two["inversion_time"], two["second_inversion_time"]) == (700, 2500)
    assert (two["repetition_time_preparation"], two["repetition_time_excitation"]) == (5000, 6.8)
    assert fields(TWO | {"Sequence name": ["tse"]})["technique"] == "turbo_spin_echo"
    inverted = fields(said | {"Sequence name": ["fl"], "Magn. preparation": ["Slice-sel. IR"]})
    assert (inverted["repetition_time_excitation"], inverted["repetition_time_preparation"]) == (None, 21)
    assert fields({"TI": ["900 ms"], "Magn. preparation": ["Off"]})["inversion_time"] is None
    assert fields({"TI": ["900 ms"], "Magn. preparation": ["Slice-sel. IR"]})["second_inversion_time"] is None
    assert fields({"Sequence name": ["tse"], "Segments": ["3"]})["number_of_shots"] is None
    assert fields({"Sequence name": ["tse"], "SWI": ["On"]})["technique"] == "turbo_spin_echo"
    echoes = {f"TE {i}": [f"{2.5 * i} ms"] for i in range(1, 65)}
    assert fields(echoes)["echo_times"] == tuple(2.5 * i for i in range(1, 65))
    assert fields({"TE": ["0 ms"], "Averages": ["0"], "Echo spacing": ["0 ms"]})["number_of_averages"] is None


# head of the step, seconds
CLOCKS = {
    "TA: 5:17 PM: FIX": 317.0, "TA:0:30": 30.0, "TA: 1:02:03 Voxel": 3723.0, " TA : 2:05": 125.0,
    "TA: 16 s PAT": 16.0, "TA: 7.5 min PAT": 450.0, "TA: 2,5 Min.": 150.0, "TA: 12.5 sec": 12.5,
    "TA: 0:00": None, "PM: FIX": None, "ta: 1:00": 60.0,
}  # fmt: skip


def test_every_way_to_print_the_time() -> None:
    wrong = [
        (head, got)
        for head, wanted in CLOCKS.items()
        if (got := fields({}, head)["acquisition_duration"]) != wanted
    ]
    assert not wrong


def said(values: Printed, header: str = "") -> dict[str, str]:
    return dict(fields_of(Print("scan", (), header, folded({"Slices": ["5"]} | values)))[1])


def test_every_doubt_names_its_field() -> None:
    """What a printout does not say for certain is said of the field that it leaves open."""
    volume = {
        "Orientation": ["Sagittal"],
        "FoV read": ["256 mm"],
        "FoV phase": ["100 %"],
        "R >> L": ["176 mm"],
        "A >> P": ["256 mm"],
        "F >> H": ["256 mm"],
    }
    cases: list[tuple[Printed, str, str, str]] = [
        (
            {"Flip angle 1": ["4 deg"], "Flip angle 2": ["5 deg"]},
            "",
            "flip_angle",
            "2 different angles are printed",
        ),
        ({}, "TA: 0:00", "acquisition_duration", "0:00, which is no time"),
        (volume | SLAB, "", "slab_thickness", "adjustment volume"),
        (
            {"Slices": ["9"], "Slice group": ["1", "2"], **FLAT},
            "",
            "number_of_slices",
            "only 1 of 2 slice groups",
        ),
        (
            {"Turbo factor": ["5"], "EPI factor": ["3"]},
            "",
            "echo_train_length",
            "a turbo factor and an EPI factor",
        ),
        ({"Phase partial Fourier": ["Allowed"]}, "", "partial_fourier_phase", "the scanner chooses"),
        ({"Slice partial Fourier": ["Permis"], **SLAB}, "", "partial_fourier_slice", "the scanner chooses"),
        ({"Deep Resolve": ["On"]}, "", "deep_learning_reconstruction", "its kind and level are not printed"),
    ]
    wrong = [
        (name, text) for values, head, name, text in cases if text not in said(values, head).get(name, "")
    ]
    assert not wrong
    assert [name for _, name in ((v, n) for v, h, n, _ in cases for n in said(v, h))] == [c[2] for c in cases]
    assert not said(
        {"Flip angle 1": ["4 deg"], "Flip angle 2": ["4 deg"], "Deep Resolve": ["Off"]}, "TA: 0:01"
    )
    alike = {"Slice group": ["1", "2"], "Position": ["Isocenter"] * 2, "Orientation": ["Coronal"] * 2, **FLAT}
    alone = {"Slice group": ["1"], "Position": ["Isocenter"], "Orientation": ["Coronal"], **FLAT}
    assert not said(alone | {"Slices": ["5"]}) and fields(alone | {"Slices": ["5"]})["number_of_slices"] == 5
    assert said(alike | {"Slices": ["5", "5"]}) == {
        "number_of_slices": "only one of 2 slice groups are printed"
    }


def test_geometry_by_hand() -> None:
    """Sums and products of a printed group, slab and voxel."""
    view = {
        "FoV read": ["220 mm"],
        "FoV phase": ["81.3 %"],
        "Base resolution": ["384"],
        "Slice thickness": ["3 mm"],
    }
    flat = fields(
        view
        | FLAT
        | {
            "Slices": ["20", "16"],
            "Dist. factor": ["10 %", "10 %"],
            "Phase resolution": ["75 %"],
            "Slice group": ["1", "2"],
            "Orientation": ["Coronal", "Coronal"],
        }
    )
    assert flat["field_of_view"] == (220, 178.86)
    assert flat["voxel_size"] == (0.572917, 0.763889, 3)
    assert (flat["number_of_slices"], flat["slice_gap"], flat["number_of_slabs"]) == (36, 0.3, None)
    assert (flat["slab_thickness"], flat["slab_overlap"], flat["partial_fourier_slice"]) == (None, None, 1)
    assert (flat["plane"], flat["oblique_angles"]) == ("coronal", (0, 0))
    assert (flat["parallel_reduction_factor_out_of_plane"], flat["multiband_factor"]) == (1, None)
    slab = fields(view | SLAB | {"Slices per slab": ["64"], "Dist. factor": ["-20 %"]})
    assert (slab["number_of_slices"], slab["number_of_slabs"], slab["slab_thickness"]) == (64, 1, 192)
    assert (slab["slab_overlap"], slab["slice_gap"], slab["slice_order"]) == (None, None, None)
    assert (slab["multiband_factor"], slab["partial_fourier_slice"]) == (1, None)
    slabs = fields(
        view | {"Dimension": ["3D"], "Slabs": ["4"], "Slices per slab": ["40"], "Dist. factor": ["-20 %"]}
    )
    assert (slabs["number_of_slices"], slabs["number_of_slabs"], slabs["slab_overlap"]) == (160, 4, 0.2)
    assert slabs["slab_thickness"] is None
    touching = fields(
        {"Dimension": ["3D"], "Slabs": ["2"], "Slices per slab": ["40"], "Dist. factor": ["0 %"]}
    )
    assert touching["slab_overlap"] == 0
    apart = fields({"Dimension": ["3D"], "Slabs": ["2"], "Slices per slab": ["40"], "Dist. factor": ["5 %"]})
    assert apart["slab_overlap"] is None
    mixed = {
        "Slices": ["5", "7"],
        "Dist. factor": ["0 %", "10 %"],
        "Slice thickness": ["4 mm"],
        **FLAT,
        "Orientation": ["Sagittal", "Coronal"],
        "Phase enc. dir.": ["A >> P", "R >> L"],
    }
    found = fields(mixed)
    assert (found["number_of_slices"], found["slice_gap"], found["plane"]) == (12, None, None)
    assert (found["oblique_angles"], found["phase_encoding_direction"]) == (None, None)
    touching = fields({"Slices": ["5"], "Dist. factor": ["0 %"], "Slice thickness": ["4 mm"], **FLAT})
    assert touching["slice_gap"] == 0
    third = fields({"Slices": ["5"], "Dist. factor": ["10 %", "30 %"], "Slice thickness": ["4 mm"], **FLAT})
    assert third["slice_gap"] == 0.4  # the second is of something else
    assert (
        fields({"Dimension": ["3D"], "Slices per slab": ["40"], "Slice thickness": ["1 mm"]})[
            "slab_thickness"
        ]
        is None
    )
    assert fields({})["mr_acquisition_type"] is None and fields({})["partial_fourier_slice"] is None


def test_products_are_rounded_to_what_consoles_print() -> None:
    """A field of view to 0.0001 mm, a voxel to a nanometre, overlaps and gaps likewise."""
    view = {
        "FoV read": ["213 mm"],
        "FoV phase": ["87.333 %"],
        "Base resolution": ["301"],
        "Slice thickness": ["1.1 mm"],
    }
    fine = fields(
        view | SLAB | {"Phase resolution": ["77 %"], "Slice resolution": ["61 %"], "Slices per slab": ["7"]}
    )
    assert fine["field_of_view"] == (213, 186.0193)
    assert fine["voxel_size"] == (0.707641, 0.919015, 1.803279)
    assert fine["slab_thickness"] == 7.7
    gap = fields(
        FLAT | {"Slices": ["5", "many"], "Dist. factor": ["33.33333 %"] * 2, "Slice thickness": ["1.1 mm"]}
    )
    assert (gap["number_of_slices"], gap["slice_gap"]) == (5, 0.366667)
    share = fields({"Phase oversampling": ["33.333333333 %"]})
    assert share["phase_oversampling"] == 0.333333
    thin = fields(SLAB | {"Slices per slab": ["3"], "Slice thickness": ["0.3333333 mm"]})
    assert thin["slab_thickness"] == 1.0


VOLUME: Printed = {"FoV read": ["250 mm"], "FoV phase": ["80 %"], **SLAB}


@pytest.mark.parametrize(
    ("orientation", "sides", "height"),
    [
        ("Sagittal", ("150", "250", "200"), 150),
        ("Coronal", ("200", "120", "250"), 120),
        ("Transversal", ("200", "250", "90"), 90),
        ("T > C3", ("250", "200.6", "90"), 90),
        ("Transversal", ("200", "250.7", "90"), None),
        ("Transversal", ("200", "250", "0"), None),
        ("", ("200", "250", "90"), None),
    ],
)
def test_the_adjustment_volume_is_the_slab_in_every_plane(
    orientation: str, sides: tuple[str, str, str], height: float | None
) -> None:
    volume = {name: [f"{side} mm"] for name, side in zip(("R >> L", "A >> P", "F >> H"), sides, strict=True)}
    assert fields(VOLUME | volume | {"Orientation": [orientation]})["slab_thickness"] == height


def test_diffusion_is_given_where_it_is_printed_whole() -> None:
    rows = {"b-value 1": ["0 s/mm²", "2"], "b-value 2": ["1000 s/mm²", "4"], "Diff. directions": ["12"]}
    whole = fields(rows | {"Diff. weightings": ["2"]})
    assert (whole["b_values"], whole["b_value_averages"], whole["diffusion_directions"]) == (
        (0, 1000),
        (2, 4),
        12,
    )
    part = fields(rows | {"Diff. weightings": ["3"]})
    assert (part["b_values"], part["b_value_averages"]) == (None, None)
    assert fields({"b-value 1": ["0 s/mm²"], "Diff. directions": ["12"]})["diffusion_directions"] is None
    assert fields({"b-value 1": ["900 Hz"], "Diff. weightings": ["1"]})["b_values"] is None
    assert (
        fields(rows | {"Diff. weightings": ["2"], "b-value 1": ["0 s/mm²", "0"]})["b_value_averages"] is None
    )
    assert (
        fields(rows | {"Diff. weightings": ["2"], "Diff. directions": ["0"]})["diffusion_directions"] is None
    )


def test_saturation_regions_are_counted() -> None:
    special = {"Special sat.": ["None"]}
    assert fields(special | {"Sat. region 1": ["40 mm"], "Sat. region 2": ["40 mm"]})["saturation_bands"] == 2
    assert fields(special | {"Saturation region": ["1", "2", "2"]})["saturation_bands"] == 2
    assert fields(special | {"Sat. region": []})["saturation_bands"] == 1
    assert fields({"Sat. region 1": ["40 mm"]})["saturation_bands"] is None
    assert fields({"Special sat.": ["Parallel F"], "Nr. of sat. regions": ["3"]})["saturation_bands"] == 3


def test_the_table_has_a_side() -> None:
    cases: dict[tuple[str, ...], float | None] = {
        ("H", "12 mm"): 12, ("12 mm", "H"): 12, ("F", "30.5 mm"): -30.5, ("0 mm", "F"): 0, ("12 mm",): None,
        ("H",): None, (): None, ("H", "12"): None,
    }  # fmt: skip
    found = {values: fields({"Table position": list(values)})["table_position"] for values in cases}
    assert found == cases
    assert str(found["0 mm", "F"]) == "0.0"


def test_correction_of_distortion_in_a_row_of_its_own() -> None:
    for mode, wanted in (("2D", "2D"), ("3D", "3D"), ("Off", None)):
        assert (
            fields({"Distortion corr.": ["On"], "Mode": ["Inplane", mode]})["distortion_correction"] == wanted
        )


def test_acceleration_by_hand() -> None:
    """SMS is printed beside GRAPPA; Off in a slab means neither direction is accelerated."""
    off = fields(SLAB | {"PAT mode": ["None"]})
    assert (off["parallel_reduction_factor_in_plane"], off["parallel_reduction_factor_out_of_plane"]) == (
        1,
        1,
    )
    on = fields(SLAB | {"PAT mode": ["CAIPIRINHA"], "Accel. factor PE": ["2"], "Accel. factor 3D": ["3"]})
    assert (on["parallel_reduction_factor_in_plane"], on["parallel_reduction_factor_out_of_plane"]) == (2, 3)
    assert on["reference_scan"] is None
    sms = fields(
        FLAT | {"Accel. mode": ["Slice Acceleration"], "SMS factor": ["3"], "Accel. factor PE": ["2"]}
    )
    assert (sms["multiband_factor"], sms["parallel_reduction_factor_in_plane"]) == (3, 2)
    assert fields({"PAT mode": ["CS"], "Total factor": ["8"]})["compressed_sensing_factor"] == 8
    assert fields({"PAT mode": ["GRAPPA"], "Total factor": ["8"]})["compressed_sensing_factor"] == 1
    assert fields({"Turbo factor": ["5"], "EPI factor": ["3"]})["echo_train_length"] is None


# words of the titles of the pages
SOFTWARE = {
    "SIEMENS MAGNETOM TrioTim syngo MR B17": "VB17", "SIEMENS MAGNETOM Avanto syngo MR VB19A": "VB19A",
    "SIEMENS MAGNETOM Skyra syngo MR D11": "VD11", "SIEMENS MAGNETOM Prisma syngo MR E11": "VE11",
    "SIEMENS MAGNETOM Vida syngo MR XA20": "XA20", "syngo MR XA61A": "XA61A", "MAGNETOM Cima.X VA61A": "XA61A",
    "SIEMENS MAGNETOM": None, "syngo MR Z99": None,
}  # fmt: skip
SCANNERS = {
    3.0: (
        "TrioTim",
        "Verio",
        "Skyra",
        "Prisma",
        "Prisma_fit",
        "Vida",
        "Lumina",
        "Spectra",
        "Cima.X",
        "Biograph mMR",
    ),
    1.5: ("Avanto", "Espree", "Aera", "Symphony", "Essenza", "Amira", "Sola", "Altea"),
    0.55: ("Free.Max",),
    7.0: ("Terra",),
    None: ("Unheard", "Skyra Aera"),
}


def test_title_software_and_field_strength() -> None:
    read = {title: software_of([title]) for title in SOFTWARE}
    assert read == SOFTWARE
    named = {
        name: strength_of([f"SIEMENS MAGNETOM {name}"], []) for names in SCANNERS.values() for name in names
    }
    assert named == {name: strength for strength, names in SCANNERS.items() for name in names}
    stated = {
        said: strength_of(["nothing", f"MAGNETOM Skyra {said}T"], [])
        for said in ("0.55", "1.5", "3.0", "7.0")
    }
    assert stated == {"0.55": 0.55, "1.5": 1.5, "3.0": 3.0, "7.0": 7.0}
    steps = [Print("a", (), "", {}), Print("b", (), "", folded({"Frequency 1H": ["63.65 MHz"]}))]
    assert strength_of(["MAGNETOM Skyra"], steps) == 1.5  # what is measured counts before a name


def test_labels_differ_in_capitals_blanks_and_marks_only() -> None:
    for label in (
        "Slice thickness",
        "slice  THICKNESS",
        "Slice-thickness",
        "Slice_thickness!",
        "?Slice thick\u00adness *",
        "Slice.thickness",
        "Slice'thickness",
        "Slice\u2011thickness",
        "Slice\u2019thickness",
    ):
        assert fields({label: ["3 mm"]})["slice_thickness"] == 3, label
    assert fields({"Slice/thickness": ["3 mm"]})["slice_thickness"] is None
