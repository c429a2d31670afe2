"""The metrics of the exhibit are those of `lkc.metrics`, on the images that it shows."""

import pytest
import torch

from lkc.fusion.images import fuse
from lkc.metrics import METRICS, evaluate
from lkc.model.loading import load_model
from lkc.tutorial.losses_and_metrics import sharpen, smooth
from lkc.tutorial.train_one_yourself import street_sources

pytestmark = pytest.mark.page

A, B = street_sources(10, "night", 64, 80).float()  # (H, W) each, whole gray levels


def candidates() -> dict[str, torch.Tensor]:
    noise = torch.randn(A.shape, generator=torch.Generator().manual_seed(0))
    mean = ((A + B) / 2).round()
    return {
        "average": mean,
        "maximum": torch.maximum(A, B),
        "copy": A,
        "noisy": (mean + 30 * noise).round().clamp(0, 255),
        "negative": 255 - B,
        "flat": torch.full_like(A, 90.0),
    }


def as_image(pixels: torch.Tensor) -> dict:
    height, width = pixels.shape
    return {"height": height, "width": width, "values": pixels.flatten().tolist()}


@pytest.mark.parametrize("name", candidates())
def test_eleven_metrics_equal_those_of_lkc(name, compute):
    fused = candidates()[name]
    found = compute("metrics.js", "evaluate(...given)", [as_image(x) for x in (fused, A, B)])
    assert list(found) == list(METRICS)
    assert found == pytest.approx(evaluate(fused, A, B), rel=1e-3, abs=1e-6)


def test_a_flat_source_has_nothing_to_lose(compute):
    images = [B, torch.full_like(A, 7.0), B]
    found = compute("metrics.js", "evaluate(...given)", [as_image(x) for x in images])
    assert found == pytest.approx(evaluate(*images), rel=1e-3, abs=1e-6)


def pixels_of(page, canvas: str) -> torch.Tensor:
    """The gray levels of a canvas: (1, 1, H, W)."""
    width, height, levels = page.evaluate(
        """id => {
            const canvas = document.getElementById(id), { width, height } = canvas;
            const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
            return [width, height, [...data].filter((_, i) => i % 4 === 0)];
        }""",
        canvas,
    )
    return torch.tensor(levels, dtype=torch.float32).view(1, 1, height, width)


def scores_on(page, kind: str) -> dict[str, float]:
    rows = page.locator("#scores tbody tr")
    return page.evaluate(
        f"rows => Object.fromEntries(rows.map((row) => [row.id, Number(row.dataset.{kind})]))",
        rows.element_handles(),
    )


SETTINGS = (
    {"sharpen": 1.3},
    {"blur": 1.75, "noise": 12},
    {"first": 0.4, "second": 0.25, "average": 0.5},
    {"first": 1},
    {"sharpen": 0.8, "blur": 0.5, "noise": 30, "average": 0.15},
)


def test_page_shows_the_metrics_of_what_it_shows(opened):
    page = opened("metric-gym")
    sources = [pixels_of(page, name)[0, 0] for name in ("first", "second")]
    for settings in SETTINGS:
        page.get_by_role("button", name="start again").click()
        for name, value in settings.items():
            page.locator(f"#{name}-slider").fill(str(value))
        page.evaluate("new Promise(requestAnimationFrame)")
        page.evaluate("new Promise(requestAnimationFrame)")
        for canvas, kind in (("now", "value"), ("start", "start")):
            expected = evaluate(pixels_of(page, canvas)[0, 0], *sources)
            assert scores_on(page, kind) == pytest.approx(expected, rel=1e-3)
    assert page.locator("#scores tr").count() == 1 + len(METRICS)


def test_sliders_do_what_the_lesson_does(opened):
    page = opened("metric-gym")
    start, first, second = (pixels_of(page, name) / 255 for name in ("start", "first", "second"))
    expected = {
        ("blur", 2): smooth(start, 2),
        ("sharpen", 1.5): sharpen(start, 1.5),
        ("first", 0.3): start + 0.3 * (first - start),
        ("average", 1): (first + second) / 2,
    }
    for (name, value), image in expected.items():
        page.get_by_role("button", name="start again").click()
        page.locator(f"#{name}-slider").fill(str(value))
        page.evaluate("new Promise(requestAnimationFrame)")
        page.evaluate("new Promise(requestAnimationFrame)")
        off = pixels_of(page, "now") - 255 * image.clamp(0, 1)
        assert off.abs().max() < 0.51, name


def test_noise_is_normal_and_the_same_each_time(compute):
    drawn = compute("random.js", "[...normalNumbers(given, 1)]", 20_000)
    assert compute("random.js", "[...normalNumbers(given, 1)]", 3) == drawn[:3]
    noise = torch.tensor(drawn)
    assert abs(noise.mean()) < 0.02
    assert abs(noise.std() - 1) < 0.02
    assert 0.94 < (noise.abs() < 1.96).double().mean() < 0.96
    assert abs((noise[1:] * noise[:-1]).mean()) < 0.02


def test_examples_win_metrics_with_worse_images(opened):
    page = opened("metric-gym")
    winners = {"noisy": "AG", "sharpened": "SF", "average": "SSIM", "visible alone": "VIFF"}
    for example, metric in winners.items():
        page.get_by_role("button", name=example, exact=True).click()
        cell = page.locator(f"#{metric} td").last
        assert cell.get_attribute("class") == "better"
        assert "+" in cell.inner_text()
        better = page.locator("#scores td.better").count()
        worse = page.locator("#scores td.worse").count()
        said = page.locator("#verdict").inner_text()
        assert said.startswith(f"{better} of 11 metrics")
        assert f"{worse} call it worse" in said
        assert worse > 0
    page.get_by_role("button", name="start again").click()
    assert page.locator("#scores td.same").count() == 11


def test_start_is_what_lite_makes(opened):
    page = opened("metric-gym")
    pair = (pixels_of(page, name)[0, 0].byte().numpy() for name in ("first", "second"))
    fused = fuse(*pair, model=load_model("lite", "ir-vis", device="cpu"))
    off = pixels_of(page, "start")[0, 0] - torch.from_numpy(fused)
    assert off.abs().max() <= 1
