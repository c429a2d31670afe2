"""The hot spot's networks compute what torch computes, and reach far by their statistics alone."""

import pytest
import torch

from lkc.tutorial.exhibits import tiny
from lkc.tutorial.exhibits.build import DATA
from lkc.tutorial.exhibits.data import STREET_SIZE, STREETS
from lkc.tutorial.train_one_yourself import street_sources

pytestmark = pytest.mark.page

HEIGHT, WIDTH = STREET_SIZE
CARDS = ("batch, in use", "batch, training", "layer", "instance", "group", "hybrid")
ON_CARD = {"batch, in use": {"stem": "stored", "block": "stored"}}
ON_CARD |= {"hybrid": {"stem": "instance", "block": "group"}}


@pytest.fixture(scope="module")
def streets() -> torch.Tensor:
    return torch.stack([street_sources(*street, *STREET_SIZE) for street in STREETS]) / 255


@pytest.fixture(scope="module")
def networks() -> dict:
    return DATA["hot-spot"]()["networks"]


def fuse(card: str, streets: torch.Tensor) -> torch.Tensor:
    """What torch makes of the first street on a card: (H, W)."""
    network = tiny.load_tiny(card.partition(",")[0])
    training = card == "batch, training"
    with torch.no_grad():
        return network.train(training)(streets if training else streets[:1])[0, 0]


@pytest.mark.parametrize("card", CARDS)
def test_networks_equal_torch(card, compute, streets, networks):
    part = streets[..., 30:54, 20:60].contiguous()  # (N, 2, 24, 40)
    norm = card.partition(",")[0]
    found = compute(
        "bytes.js tiny.js",
        """(() => {
            const weights = {};
            for (const name in given.weights) weights[name] = readWeights(given.weights[name]);
            const size = { height: 24, width: 40 };
            const begun = given.streets.map((street) => startStem(weights, street, size));
            return [...fuse(weights, begun, given.plan, size, { eps: 1e-5, groupSize: 8 })];
        })()""",
        {
            "weights": networks[norm],
            "plan": ON_CARD.get(card, {"stem": norm, "block": norm}),
            "streets": (part if card == "batch, training" else part[:1]).flatten(2).tolist(),
        },
    )
    torch.testing.assert_close(
        torch.tensor(found).view(24, 40), fuse(card, part), atol=2e-5, rtol=0
    )


def with_spot(street: torch.Tensor, row: int, column: int, brightness: float, sigma: float):
    """Add a Gaussian that ends at three sigma to the infrared image: (1, 2, H, W)."""
    down = (torch.arange(HEIGHT) - row)[:, None]
    right = torch.arange(WIDTH) - column
    end = -int(-3 * sigma // 1)
    inside = torch.maximum(down.abs(), right.abs()) <= end
    spot = brightness * torch.exp(-(down**2 + right**2) / (2 * sigma**2)) * inside
    hot = street.clone()
    hot[:, 0] = (hot[:, 0] + spot).clamp(max=1)
    far = torch.maximum(down.abs(), right.abs()) > end + tiny.REACH
    return hot, far


def settle(page) -> None:
    """Wait until every card shows what belongs to the spot."""
    page.evaluate("new Promise(requestAnimationFrame)")
    page.locator("#cards[aria-busy='false']").wait_for()


def test_page_shows_what_torch_finds_far_away(opened, streets):
    page = opened("hot-spot")
    page.locator("#street").focus()
    for key in ("Shift+ArrowUp", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    page.locator("#brightness").fill("0.6")
    page.locator("#sigma").fill("1.5")
    settle(page)
    assert "row 38, column 49" in page.locator("#where").inner_text()
    hot, far = with_spot(streets[:1], row=37, column=48, brightness=0.6, sigma=1.5)
    for card in CARDS:
        section = page.locator("section", has=page.get_by_role("heading", name=card, exact=True))
        before = fuse(card, streets)
        change = 255 * (fuse(card, torch.cat([hot, streets[1:]])) - before)[far]
        mean, largest = (float(section.get_attribute(f"data-{key}")) for key in ("mean", "largest"))
        assert mean == pytest.approx(change.abs().mean().item(), abs=2e-3)
        assert largest == pytest.approx(change.abs().max().item(), abs=5e-3)
        if card == "batch, in use":
            assert largest == 0
            assert "Nothing at all changed" in section.inner_text()
        else:
            assert mean > 0.02


def test_the_pointer_drags_the_spot(opened):
    page = opened("hot-spot", width=360)
    box = page.locator("#street canvas").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 1)
    page.wait_for_function("document.querySelector('#where').textContent.includes('column 96')")
    assert "row 1," in page.locator("#where").inner_text()
    page.mouse.up()
    page.mouse.move(box["x"] + 20, box["y"] + 20)  # No button is down: it stays.
    page.wait_for_timeout(100)
    assert "column 96" in page.locator("#where").inner_text()


def test_one_scale_makes_small_changes_pale(opened):
    page = opened("hot-spot")
    settle(page)
    map_of = "document.querySelectorAll('#cards section canvas:last-of-type')[{}].toDataURL()"
    before = [page.evaluate(map_of.format(card)) for card in range(len(CARDS))]
    page.get_by_label("one scale").check()
    settle(page)
    after = [page.evaluate(map_of.format(card)) for card in range(len(CARDS))]
    kept = [card for card, *maps in zip(CARDS, before, after, strict=True) if maps[0] == maps[1]]
    assert len(kept) == 2  # The one where nothing changed, and the one with the largest change.
    assert kept[0] == "batch, in use"
