from __future__ import annotations

import pytest

from generator.vendors.siemens.container import ascconv

XA = """<XProtocol>
### ASCCONV BEGIN object=GradDirPatDblImpl@MrProtocolData ###
e_phase.dCor  =  1.0
### ASCCONV END ###
### ASCCONV BEGIN object=MrProtDataImpl@MrProtocolData version=66110001 converter=x ###
ulVersion\t = \t66110001
tProtocolName\t = \t"a b"
alTR.__attribute__.size\t = \t256
alTR[0]\t = \t2000000
sSliceArray.asSlice[0].dThickness\t = \t5.0
sSliceArray.asSlice[1].dThickness\t = \t5.0
sKSpace.ucDimension\t = \t2
### ASCCONV END ###
"""
VB = """### ASCCONV BEGIN ###
ulVersion                                = 0x14b44b6
alTR[0]                                  = 8600
sKSpace.ucPhasePartialFourier            = 0x20 # ' '
sProtConsistencyInfo.lMaximumNofRxReceiverChannels = 32
### ASCCONV END ###
"""


def test_the_block_of_the_protocol_is_found_behind_that_of_another_object() -> None:
    assert ascconv.parse(XA).raw["ulVersion"] == "66110001"


def test_numbers_are_read_in_every_spelling() -> None:
    block = ascconv.parse(VB)
    assert block.integer("ulVersion") == 21710006
    assert block.integer("sKSpace.ucPhasePartialFourier") == 32
    assert ascconv.to_number("-1e-006") == -1e-6
    assert ascconv.to_number('"text"') is None
    assert ascconv.to_number("nan") is None


def test_a_name_written_byte_by_byte_is_put_together() -> None:
    text = XA.replace(
        'tProtocolName\t = \t"a b"',
        "\n".join(f"tProtocolName.{i}\t = \t0x{b:x}    # '?'" for i, b in enumerate("µm".encode())),
    )
    assert ascconv.parse(text).text("tProtocolName") == "µm"


@pytest.mark.parametrize("text", [XA, VB, XA.replace("\n", "\r\n")])
def test_an_edit_to_the_same_values_changes_no_byte(text: str) -> None:
    block = ascconv.parse(text)
    same = {k: v[1:-1] if v.startswith('"') else ascconv.to_number(v) for k, v in block.raw.items()}
    assert ascconv.edit(text, same) == text
    assert ascconv.edit(text, {}) == text


def test_an_edit_keeps_the_style_of_the_text() -> None:
    edited = ascconv.edit(VB, {"sKSpace.ucPhasePartialFourier": 16, "alTR[0]": 9000, "lAverages": 2})
    assert "sKSpace.ucPhasePartialFourier            = 0x10\n" in edited
    assert "alTR[0]                                  = 9000\n" in edited
    assert "lAverages                                = 2\n" in edited
    assert '"a c"' in ascconv.edit(XA, {"tProtocolName": "a c"})
    spaced = XA.replace("\t = \t", "  =  ")
    assert "alTR[0]  =  1\n" in ascconv.edit(spaced, {"alTR[0]": 1})
    assert "dThickness  =  4.0\n" in ascconv.edit(spaced, {"sSliceArray.asSlice[1].dThickness": 4.0})
    assert "alTR[0]\t = \t1\r\n" in ascconv.edit(XA.replace("\n", "\r\n"), {"alTR[0]": 1})


def test_new_array_elements_stand_in_the_order_of_their_index() -> None:
    changes: dict[str, ascconv.Value] = {
        "sSliceArray.asSlice[3].dThickness": 5.0,
        "sSliceArray.asSlice[2].dThickness": 5.0,
        "sSliceArray.asSlice[0].dReadoutFOV": 230.0,
        "alTR[1]": 5,
    }
    keys = list(ascconv.parse(ascconv.edit(XA, changes)).raw)
    slices = [key for key in keys if key.startswith("sSliceArray")]
    assert slices == [
        "sSliceArray.asSlice[0].dThickness",
        "sSliceArray.asSlice[0].dReadoutFOV",
        "sSliceArray.asSlice[1].dThickness",
        "sSliceArray.asSlice[2].dThickness",
        "sSliceArray.asSlice[3].dThickness",
    ]
    assert keys.index("alTR[1]") == keys.index("alTR[0]") + 1


def test_a_deleted_member_is_gone_and_nothing_else() -> None:
    edited = ascconv.edit(XA, {"alTR[0]": None, "no.such": None})
    assert edited == XA.replace("alTR[0]\t = \t2000000\n", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [("nothing here", "no MrProt block"), (XA.rsplit("### ASCCONV END", 1)[0], "truncated")],
)
def test_a_text_without_a_whole_block_is_refused(text: str, message: str) -> None:
    with pytest.raises(ascconv.NoProtocol, match=message):
        ascconv.parse(text)
