"""The sheet that the page hands out: sources, results of methods, and words in its language."""

import numpy as np
import pytest

from demo.work import fuse_files, results, sheet
from demo.work.recipe import recipe_of
from demo.work.sheet import Made, made_after, write_sheet
from demo.work.uploads import prepare_upload
from lkc.io.image_files import read_image
from lkc.viz.sheet import can_draw
from tests.demo.steps import NIGHT, write
from tests.viz.test_sheet import is_in


def make(pair, task: str, method: str, detail: float = 1.0, before: Made | None = None) -> Made:
    """What the page makes of a pair under the number "1"."""
    fusion = fuse_files.fuse_files(*pair, task, method, detail)
    result, _ = results.save_result(fusion, task, *pair)
    return made_after(before, "1", result, recipe_of(*pair, task, method, detail, "keep"))


@pytest.fixture
def drawn(monkeypatch) -> list:
    """What the sheets of a test are drawn of."""
    calls = []
    draw = sheet.comparison_sheet
    monkeypatch.setattr(
        sheet, "comparison_sheet", lambda *a, **k: calls.append((a, k)) or draw(*a, **k)
    )
    return calls


def test_it_holds_what_is_on_the_screen_with_its_settings(tmp_path, drawn):
    values = np.random.default_rng(0).integers(7000, 9000, (40, 60)).astype(np.uint16)
    files = [write(tmp_path / f"{n}.tif", v) for n, v in (("a", values), ("b", values[::-1]))]
    pair = [prepare_upload(file)[0] for file in files]
    made = make(pair, "mri-ct", "maximum", 1.5)
    file = write_sheet(made, "en")
    assert file.endswith("/a-sheet.png")
    whole = read_image(file)
    for picture in (*pair, made.result.fused):
        shown = fuse_files.to_display(read_image(picture))
        assert is_in(np.dstack([shown] * 3), whole)
    (images, lines), _ = drawn[0]
    labels = [*images]
    assert labels[0].startswith("MRI, shown from 70")
    assert labels[2] == "Fused: rule: maximum"
    assert lines[0] == "Task: MRI + CT · Method: rule: maximum · Detail: 1.5"
    assert "not for diagnosis" in lines[-1]


def test_what_other_methods_made_of_the_same_is_on_it_too(drawn):
    first = make(NIGHT, "ir-vis", "maximum")
    second = make(NIGHT, "ir-vis", "average", before=first)
    third = make(NIGHT, "ir-vis", "maximum", before=second)
    assert [*second.others] == ["maximum"]
    assert [*third.others] == ["average"]
    assert not make(NIGHT, "ir-vis", "average", 0.5, before=first).others
    assert not made_after(first, "2", second.result, second.recipe).others
    write_sheet(third, "zh")
    (images, lines), _ = drawn[0]
    assert len(images) == 4
    expected = "红外" if can_draw("红外可见光融合结果规则最大任务") else "Infrared"
    assert next(iter(images)) == expected
    assert expected in lines[0]


def test_without_a_font_for_chinese_it_speaks_english(monkeypatch, drawn):
    monkeypatch.setattr(sheet, "can_draw", str.isascii)
    write_sheet(make(NIGHT, "ir-vis", "maximum"), "zh")
    assert [*drawn[0][0][0]][1] == "Visible"
