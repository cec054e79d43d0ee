"""What a user may type for a protocol."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import UsageError
from generator.spec.load import find

PROTOCOL = "protocol: {}\ntitle: t\nsteps: []\n"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "protocols" / "ofsep"
    folder.mkdir(parents=True)
    (folder / "b.yaml").write_text(PROTOCOL.format("ofsep-follow-up"), "utf-8")
    (folder / "a.yml").write_text(PROTOCOL.format("'ofsep-relapse'"), "utf-8")
    (tmp_path / "sequences").mkdir()
    (tmp_path / "sequences" / "t1.yaml").write_text("acquisition: t1\n", "utf-8")
    (folder / "misspelt.yaml").write_text(PROTOCOL.replace("protocol:", "protocl:"), "utf-8")
    monkeypatch.setattr("generator.resources.specs", lambda *parts: tmp_path.joinpath(*parts))
    return tmp_path


def test_a_file_is_itself(shipped: Path) -> None:
    file = shipped / "sequences" / "t1.yaml"
    assert find(str(file)) == [file]


def test_a_folder_is_every_protocol_below_it_even_a_broken_one(shipped: Path) -> None:
    assert [path.name for path in find(str(shipped))] == ["a.yml", "b.yaml", "misspelt.yaml"]


@pytest.mark.parametrize(("name", "file"), [("ofsep-follow-up", "b.yaml"), ("ofsep-relapse", "a.yml")])
def test_a_shipped_protocol_has_an_id(shipped: Path, name: str, file: str) -> None:
    assert [path.name for path in find(name)] == [file]


def test_a_misspelt_id_is_answered_with_the_right_one(shipped: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'ofsep-follow-up'"):
        find("ofsep-folow-up")


@pytest.mark.parametrize("word", ["zzz", "", "z" * 5000, "z\0"])
def test_another_word_is_answered_with_all_ids(shipped: Path, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(word)
    assert "ofsep-relapse" in caught.value.choices


def test_a_folder_without_protocols_is_an_error(shipped: Path) -> None:
    with pytest.raises(UsageError, match="no protocol files in"):
        find(str(shipped / "sequences"))
