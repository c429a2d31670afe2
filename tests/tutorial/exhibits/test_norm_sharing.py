"""The exhibit of shared statistics computes what `lkc.model.norm` computes."""

import pytest
import torch

from lkc.model.norm import NORM_PLANS, SINGLE_NORMS, make_norm
from lkc.tutorial.exhibits.data import small_batch
from lkc.tutorial.normalization import index_sets

pytestmark = pytest.mark.page

BATCH = small_batch()
SAMPLES, CHANNELS = BATCH.shape[:2]
SIZES = (1, 2, 4, 8)


def by_lkc(norm: str, size: int) -> torch.Tensor:
    with torch.no_grad():
        return make_norm(norm, CHANNELS, size).double()(BATCH)


def choose(page, fieldset: str, value: str | int) -> None:
    page.locator(f"#{fieldset} [value='{value}']").check()


@pytest.mark.parametrize("norm", SINGLE_NORMS)
def test_module_equals_lkc(norm, compute):
    flat = BATCH.flatten(2).flatten(0, 1)  # (maps, H W)
    for size in SIZES:
        given = {"maps": flat.tolist(), "norm": norm, "size": size, "shape": BATCH.shape}
        sets, normalized = compute(
            "norms.js",
            """(() => {
                const sets = indexSets(given.norm, given.shape[0], given.shape[1], given.size);
                return [sets, normalize(given.maps, sets, 1e-5)];
            })()""",
            given,
        )
        expected = index_sets(norm, SAMPLES, CHANNELS, CHANNELS // size)
        assert sets == expected.flatten().tolist()
        torch.testing.assert_close(
            torch.tensor(normalized, dtype=torch.float64).view_as(BATCH), by_lkc(norm, size)
        )


@pytest.mark.parametrize("norm", [*SINGLE_NORMS, "hybrid"])
def test_page_shows_the_numbers_of_lkc(norm, opened):
    page = opened("norm-sharing")
    choose(page, "norm", norm)
    page.locator("#grid [data-sample='1'][data-channel='5']").hover(position={"x": 2, "y": 2})
    places = NORM_PLANS["hybrid"].__dict__ if norm == "hybrid" else {"": norm}
    for place, applied in places.items():
        if place:
            choose(page, "place", place)
        for size in (2, 4) if applied == "group" else (4,):
            if applied == "group":
                choose(page, "size", size)
            shown = page.locator("#arithmetic")
            assert shown.get_attribute("data-norm") == applied
            y = by_lkc(applied, size)[1, 5, 0, 0].item()
            assert float(shown.get_attribute("data-y")) == pytest.approx(y, abs=1e-9)
            assert f"= {y:.3f}".replace("-", "−") in shown.inner_text()
            sets = index_sets(applied, SAMPLES, CHANNELS, CHANNELS // size)
            members = int((sets == sets[1, 5]).sum())
            assert page.locator("#grid .shares").count() == members
            assert f"{16 * members} in all" in shown.inner_text()


def test_mean_and_variance_are_written_out(opened):
    page = opened("norm-sharing")
    shown = page.locator("#arithmetic")
    column = BATCH[:, 0]
    assert float(shown.get_attribute("data-mean")) == pytest.approx(column.mean().item())
    variance = column.var(correction=0).item()
    assert float(shown.get_attribute("data-variance")) == pytest.approx(variance)
    assert f"= {variance:.4f}" in shown.inner_text()


def test_arrow_keys_move_the_map_and_with_shift_the_value(opened):
    page = opened("norm-sharing")
    page.locator("#grid .here").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Shift+ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    assert "Sample 2, channel 3, row 1, column 2" in page.locator("#arithmetic h2").inner_text()
    assert page.evaluate("document.activeElement.ariaLabel").startswith("sample 2, channel 3")


def test_a_second_look_shows_the_values_after_the_norm(opened):
    page = opened("norm-sharing")
    colours = "document.querySelector('.map canvas').toDataURL()"
    before = page.evaluate(colours)
    choose(page, "norm", "instance")
    assert page.evaluate(colours) == before
    choose(page, "values", "after")
    assert page.evaluate(colours) != before
