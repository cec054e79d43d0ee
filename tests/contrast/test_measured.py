"""Published measurements in patients and volunteers: a model of single tissues meets their order and size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator import yaml
from generator.contrast import measures, physics, trains
from generator.contrast.scan import T2_PREPARATION, Reading, SignalParameters, readings, signal, train_angles
from generator.contrast.tissues import Tissue, table, tissue

DOCS = Path(__file__).resolve().parents[2] / "docs" / "contrast.md"
MEASURED: dict[str, Any] = yaml.load(Path(__file__).with_name("measured.yaml"))
IMAGES: list[dict[str, Any]] = MEASURED["images"]


def prepared(image: dict[str, Any]) -> SignalParameters:
    """Return an image of measured.yaml as a scan: Siemens shows the cycle as TR, GE states excitations."""
    train, spacing = image["train"], image.get("spacing")
    cycle = image["inversion_time"] + train * spacing + image["recovery"] if spacing else None
    return SignalParameters(
        technique="magnetization_prepared_gradient_echo", mr_acquisition_type="3D", vendor=image["vendor"],
        field_strength=3.0, repetition_time=image.get("repetition_time"), repetition_time_preparation=cycle,
        repetition_time_excitation=spacing, echo_times=(image["echo_time"],), flip_angle=image["flip_angle"],
        inversion_time=image["inversion_time"], echo_train_length=train,
    )  # fmt: skip


def grey_over_white(image: dict[str, Any]) -> float:
    scan = prepared(image)
    reading = readings(scan)[0]
    return signal(scan, reading, "grey_matter") / signal(scan, reading, "white_matter")


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image["id"])
def test_grey_over_white_matter_of_public_images(image: dict[str, Any]) -> None:
    """Twelve studies, two vendors, TI 450 to 1200 ms; docs/contrast.md has the same numbers."""
    model = grey_over_white(image)
    assert model == pytest.approx(image["grey_over_white"], rel=MEASURED["tolerance"])
    row = f"| {image['id']} | {image['grey_over_white']:.2f} | {model:.2f} |"
    assert row in DOCS.read_text("utf-8")


def test_a_longer_recovery_and_an_earlier_inversion_time_part_grey_from_white_as_measured() -> None:
    """Order of the ratio over the settings of one vendor: 2300/900, then 1900/900, then 2530/1200 ms."""
    found: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for image in IMAGES:
        if image["vendor"] == "siemens" and image["flip_angle"] == 9:
            setting = image["repetition_time"], image["inversion_time"]
            found.setdefault(setting, []).append((image["grey_over_white"], grey_over_white(image)))
    for which in (0, 1):
        near, short, late = (
            [pair[which] for pair in found[setting]] for setting in ((2300, 900), (1900, 900), (2530, 1200))
        )
        assert max(near) < min(short) and max(short) < min(late)


def test_a_centric_train_of_bravo_would_invert_what_is_measured() -> None:
    """Why GE has no centric train among its meanings: at TI 450 ms grey matter would be negative."""
    image = next(image for image in IMAGES if image["vendor"] == "ge")
    scan = prepared(image)
    centric = Reading(("first/centric",), spacing=image["spacing"])
    ratio = signal(scan, centric, "grey_matter") / signal(scan, centric, "white_matter")
    assert abs(ratio / image["grey_over_white"] - 1) > 1


FLAIR_3D = SignalParameters(
    technique="turbo_spin_echo", mr_acquisition_type="3D", vendor="philips", field_strength=3.0,
    repetition_time=4800.0, inversion_time=1650.0, echo_times=(274.0,), echo_train_length=152,
    echo_train_duration=525.0,
)  # fmt: skip


def test_contrast_of_lesions_peaks_at_the_measured_echo_time() -> None:
    """Eur Radiol 2006;16:915, 2D FLAIR at 3 T, 15 patients: CNR 17.2, 19.8, 15.3 at 100, 120, 140 ms."""

    def difference(echo_time: float) -> float:
        angles = trains.constant_angles(round(echo_time / 10), 150.0)
        lesion, white = (
            physics.spin_train(tissue(name, 3.0), 10000, angles, 10.0, 20, 150.0, (2600.0,))
            for name in ("lesion", "appearing_white_matter")
        )
        return lesion - white

    best = max(range(50, 260, 10), key=difference)
    assert 100 <= best <= 150


PUBLISHED = {
    "Lu 2005": ((1165.0, 83.0), (699.0, 75.0)),
    "Stanisz 2005": ((1820.0, 99.0), (1084.0, 69.0)),
    "Wansapura 1999": ((1331.0, 110.0), (832.0, 79.6)),
}
"""T1 and T2 (ms) of grey and of white matter at 3 T, both tissues in one publication."""


@pytest.mark.parametrize("source", PUBLISHED)
def test_grey_over_white_in_3d_flair_with_the_times_of_one_publication(source: str) -> None:
    """Gai 2015, as below: each publication that has both times of both tissues is within the same 20 %."""
    values = zip(("grey_matter", "white_matter"), PUBLISHED[source], strict=True)
    grey, white = (replace(tissue(name, 3.0), t1=t1, t2=t2) for name, (t1, t2) in values)
    ratio = flair(grey) / flair(white)
    assert ratio == pytest.approx(42.8 / 32.1, rel=0.2)


def flair(one: Tissue) -> float:
    """Simulate the 3D FLAIR in its most likely meaning, for a tissue that is in no table."""
    assert FLAIR_3D.inversion_time and FLAIR_3D.echo_train_length and FLAIR_3D.spacing
    angles, train = train_angles(FLAIR_3D, readings(FLAIR_3D)[0]), FLAIR_3D.echo_train_length
    before = FLAIR_3D.inversion_time - T2_PREPARATION
    return physics.spin_train(one, 4800.0, angles, FLAIR_3D.spacing, train, 120.0, (before,), T2_PREPARATION)


@pytest.mark.xfail(strict=True, reason="1.07 with the pooled table, 1.33 measured: docs/contrast.md")
def test_grey_matter_is_brighter_than_white_in_3d_flair() -> None:
    """Gai 2015 (10.1002/jmri.24679), 3 T: SNR 42.8 of grey and 32.1 of white matter, ratio 1.33."""
    reading = readings(FLAIR_3D)[0]
    ratio = signal(FLAIR_3D, reading, "grey_matter") / signal(FLAIR_3D, reading, "white_matter")
    assert ratio == pytest.approx(42.8 / 32.1, rel=0.2)


def test_b_value_at_which_grey_and_white_matter_are_alike() -> None:
    """DeLano 2000 (AJNR 21:1830), 1.5 T: alike between 1000 and 2000 s/mm2, reversed above."""
    grey, white = tissue("grey_matter", 1.5), tissue("white_matter", 1.5)

    def ratio(b_value: float) -> float:
        return physics.diffusion(grey, 10000, 100, b_value) / physics.diffusion(white, 10000, 100, b_value)

    assert ratio(1000) > 1 > ratio(2200)


SPACE = {
    "vendor": "siemens",
    "field_strength": 3.0,
    "technique": "turbo_spin_echo",
    "mr_acquisition_type": "3D",
    "echo_train_length": 250,
    "echo_spacing": 3.6,
}


def test_double_inversion_has_least_signal() -> None:
    """PMC5704893 table 5, 3 T: signal to noise 28.1 (T2 SPACE), 29.1 (FLAIR SPACE), 8.5 (DIR SPACE)."""
    double = {"repetition_time": 7500.0, "inversion_time": 3000.0, "second_inversion_time": 450.0}
    flair = {"repetition_time": 5000.0, "inversion_time": 1800.0}
    white = []
    for times in ({**double, "echo_times": (320.0,)}, {**flair, "echo_times": (392.0,)}):
        scan = SignalParameters(**SPACE, **times)  # type: ignore[arg-type]
        white.append(abs(signal(scan, readings(scan)[0], "white_matter")))
    assert white[0] < white[1] / 2


def test_suppressed_white_matter_and_csf_of_a_published_double_inversion() -> None:
    """Pouwels 2006 (10.1148/radiol.2413051182), 1.5 T: TR 6500, TI 2350 and 350 ms; grey matter brightest."""
    found = {}
    for name in ("white_matter", "csf", "grey_matter"):
        one = tissue(name, 1.5)
        found[name] = abs(
            min(
                (
                    physics.spin_train(one, 6500, (180.0,), 1e-3, 1, 180.0, times) / one.density
                    for times in ((2350.0, 350.0), (2700.0, 350.0))
                ),
                key=abs,
            )
        )
    assert found["white_matter"] < 0.17 and found["csf"] < 0.17
    assert found["grey_matter"] > max(found["white_matter"], found["csf"])


def test_relaxation_goes_with_the_field_as_measured() -> None:
    """Lu 2005 (10.1002/jmri.20356): T1 14 to 30 % longer, T2 12 to 19 % shorter at 3 T; 10 points wider."""
    for name in ("white_matter", "grey_matter"):
        low, high = tissue(name, 1.5), tissue(name, 3.0)
        assert 1.04 <= high.t1 / low.t1 <= 1.40
        assert 0.71 <= high.t2 / low.t2 <= 0.98


def test_every_value_lies_in_its_range_and_names_its_sources() -> None:
    listed = table()
    for entry in listed["tissues"].values():
        for field in ("1.5 T", "3 T"):
            for value in entry[field].values():
                low, high = value["range"]
                assert low <= value["value"] <= high
                names = {source.split(" ")[0] for source in value["from"]} - {"estimate"}
                assert names <= set(listed["sources"])


def test_contrast_of_a_scan_that_one_reading_would_spoil() -> None:
    """A demand is broken only if it is in every reading: the best one counts."""
    single = [
        measures.MEASURES["csf_over_lesion"].of(FLAIR_3D, one, measures.role_of("flair_3d"))
        for one in readings(FLAIR_3D)
    ]
    assert measures.best("csf_over_lesion", FLAIR_3D, "flair_3d") == min(single) < max(single)
    assert isinstance(readings(FLAIR_3D)[0], Reading)
