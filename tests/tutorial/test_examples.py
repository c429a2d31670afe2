"""The pairs of the notebooks: shipped ones, the reader's own, and claims about them."""

import numpy as np
import pytest

from lkc.errors import InputError
from lkc.io.image_files import write_image
from lkc.io.pixels import luma, to_unit_range
from lkc.tasks import TASKS
from lkc.tutorial import expect, load_pair, pair_names


@pytest.fixture(autouse=True)
def no_own_data(monkeypatch):
    monkeypatch.delenv("LKC_DATA", raising=False)


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """A data set with one road pair, in the layout of MSRS/test."""
    pixels = np.arange(32 * 48, dtype=np.uint16).reshape(32, 48)
    write_image(tmp_path / "ir" / "00123.png", pixels)
    write_image(tmp_path / "vi" / "00123.png", np.zeros((32, 48, 3), np.uint8))
    monkeypatch.setenv("LKC_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_shipped_pairs(task):
    assert len(pair_names(task)) >= 3
    pair = load_pair(task)
    assert pair.name == pair_names(task)[0]
    assert pair.first.shape[:2] == pair.second.shape[:2]


def test_sources_are_luma_in_the_order_of_the_task():
    pair = load_pair("mri-pet", "head-1")
    assert pair.sources.shape == (1, 2, 256, 256)
    expected = luma(to_unit_range(pair.second, "pet"))
    assert np.array_equal(pair.sources[0, 1].numpy(), expected)
    assert pair.sources[0, 0].max() == pair.first.max() / np.float32(255)


def test_a_wrong_name_is_one_sentence():
    with pytest.raises(InputError, match="no ir-vis example 'noon': choose one of fog, glare"):
        load_pair("ir-vis", "noon")


def test_own_folder_takes_part_and_keeps_its_bits(own_folder):
    pair = load_pair("ir-vis", "night")
    assert pair.name == "00123"
    assert pair.first.dtype == np.uint16


def test_tasks_absent_from_the_own_folder_fall_back_to_the_examples(own_folder):
    assert "colin27" in pair_names("mri-ct")


def test_own_folder_with_one_folder_per_task(own_folder, monkeypatch, tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    own_folder.rename(root / "ir-vis")
    monkeypatch.setenv("LKC_DATA", str(root))
    assert pair_names("ir-vis") == ["00123"]


def test_a_false_claim_fails_on_the_examples():
    with pytest.raises(AssertionError, match="the moon is square"):
        expect(False, "the moon is square")


def test_a_false_claim_is_a_remark_on_own_data(own_folder, capsys):
    expect(False, "the moon is square")
    assert "Your data disagree" in capsys.readouterr().out
