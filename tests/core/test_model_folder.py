from hashlib import sha256

import pytest

from learnsys.core.errors import BadFile
from learnsys.core.model_folder import check_place, load_folder, save_folder
from learnsys.core.predictor import ModelCard, read_card

NUMBERS = b"any bytes"
CARD = ModelCard(
    room="toy", kind="toy", name="a", version="1", inputs=(), outputs=(), sha256=sha256(NUMBERS).hexdigest()
)


def test_a_folder_is_written_whole_and_in_the_place_of_an_older_one(tmp_path):
    for _ in range(2):
        assert save_folder(tmp_path / "m", CARD, NUMBERS) == tmp_path / "m"
        assert load_folder(tmp_path / "m", read_card) == CARD
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_what_is_no_model_is_left_alone(tmp_path):
    (tmp_path / "m").mkdir()
    with pytest.raises(BadFile, match="is no model"):
        save_folder(tmp_path / "m", CARD, NUMBERS)
    with pytest.raises(BadFile, match="no folder"):
        check_place(tmp_path / "none" / "m")
    assert list((tmp_path / "m").iterdir()) == []


def test_a_folder_that_is_put_there_while_it_is_read_is_read_again(tmp_path):
    seen = []

    def load(path):
        seen.append(path)
        if len(seen) == 1:
            raise FileNotFoundError(2, "No such file or directory")
        return len(seen)

    assert load_folder(tmp_path, load) == 2
    with pytest.raises(BadFile, match="No such file"):
        load_folder(tmp_path, lambda path: (tmp_path / "none").read_bytes())
