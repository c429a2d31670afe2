"""The exhibit's fields are those that `lkc.analysis` finds in the same networks."""

import pytest
import torch
from torch import nn

from lkc.analysis.receptive_field import area_by_mass, effective_field, theoretical_field
from lkc.model.lite import DepthwiseBlock
from lkc.tutorial.exhibits.data import FIELD_SIDE, FIELD_STREET
from lkc.tutorial.train_one_yourself import street_sources

pytestmark = pytest.mark.page

CHANNELS = 8
NETWORKS = 8
MAPS = ("kernels", "leak")


class WithoutShortcut(DepthwiseBlock):
    def forward(self, x):
        return super().forward(x) - x


def build(stack: dict, kernels: list[int], norm: str, shortcut: bool) -> nn.Module:
    """The network of a stack that the page drew."""
    block = DepthwiseBlock if shortcut else WithoutShortcut
    name = "batch" if norm == "stored" else norm
    blocks = [block(CHANNELS, kernel, name) for kernel in kernels]
    start, end = nn.Conv2d(2, CHANNELS, 1), nn.Conv2d(CHANNELS, 1, 1)
    pairs = [(start, stack["start"]), (end, stack["end"])]
    for module, drawn in zip(blocks, stack["blocks"], strict=True):
        layers = (module.large_kernel, module.widen, module.narrow)
        pairs += zip(layers, (drawn[name] for name in ("large", "widen", "narrow")), strict=True)
    with torch.no_grad():
        for layer, drawn in pairs:
            layer.weight.copy_(torch.tensor(drawn["weight"]).view_as(layer.weight))
            layer.bias.copy_(torch.tensor(drawn["bias"]))
    return nn.Sequential(start, *blocks, end).eval()


PLAIN = "const plain = (part) => ({ weight: [...part.weight], bias: [...part.bias] });"
DRAW = f"""(() => {{
    {PLAIN}
    return given.seeds.map((seed) => drawStack(given.kernels, seed)).map((stack) => ({{
        start: plain(stack.start), end: plain(stack.end),
        blocks: stack.blocks.map(({{ large, widen, narrow }}) =>
            ({{ large: plain(large), widen: plain(widen), narrow: plain(narrow) }})),
    }}));
}})()"""
FIELDS = """(() => {
    const { size, pixel } = given, settings = { ...given.settings, eps: 1e-5 };
    const stack = drawStack(given.kernels, given.seeds[0]);
    const { kept, output } = runStack(stack, given.sources, size, settings);
    return [[...output], ...[true, false].map((leaks) =>
        [...fieldOf(stack, kept, pixel, size, { ...settings, leaks })])];
})()"""


@pytest.mark.parametrize("shortcut", [True, False])
@pytest.mark.parametrize("norm", ["instance", "layer", "stored"])
def test_fields_equal_those_of_lkc(norm, shortcut, compute):
    sources = torch.rand(2, 20, 26)
    given = {
        "kernels": [3, 7, 3],
        "seeds": [5],
        "size": {"height": 20, "width": 26},
        "pixel": {"row": 6, "column": 15},
        "settings": {"norm": norm, "shortcut": shortcut},
        "sources": sources.flatten(1).tolist(),
    }
    (stack,) = compute("stack.js", DRAW, given)
    network = build(stack, given["kernels"], norm, shortcut)
    output, with_leak, without = (
        torch.tensor(x).view(20, 26) for x in compute("stack.js", FIELDS, given)
    )
    with torch.no_grad():
        torch.testing.assert_close(output, network(sources[None])[0, 0], atol=1e-5, rtol=1e-4)
    for found, detach in ((with_leak, False), (without, True)):
        expected = effective_field(network, sources[None], (6, 15), detach_norms=detach).sum(0)
        off = (found - expected).abs().max() / expected.max()
        assert off < 1e-4
    leaks = (with_leak > 0).all().item()
    assert leaks == (norm != "stored")


def test_theory_and_squares_equal_those_of_lkc(compute):
    for kernels in ([3], [7, 15], [3] * 7):
        layers = [nn.Conv2d(2, 2, k, padding=k // 2) for k in kernels]
        side = theoretical_field(nn.Sequential(*layers))
        assert compute("stack.js", "theoreticalSide(given)", kernels) == side
    field = torch.rand(18, 25) ** 8
    shares = [0.2, 0.5, 0.99]
    given = {"field": field.flatten().tolist(), "shares": shares}
    found = compute(
        "stack.js",
        """given.shares.map((share) => sideThatHolds(massBySquare(
            given.field, { row: 4, column: 20 }, { height: 18, width: 25 }), share))""",
        given,
    )
    assert found == list(area_by_mass(field, shares, (4, 20)).values())


def settle(page) -> None:
    page.locator("#fields[aria-busy='false']").wait_for()


def test_page_shows_what_lkc_finds(opened, compute):
    page = opened("receptive-field")
    settle(page)
    page.get_by_role("button", name="+ 3x3").click()
    page.get_by_label("layer").check()
    page.get_by_label("shortcuts").uncheck()
    page.locator("#leak").focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowDown")
    settle(page)
    shown = [page.locator(f"#{name}").evaluate("map => ({...map.dataset})") for name in MAPS]
    row = page.locator("#sides tbody tr").first.inner_text().split("\t")
    kernels, pixel = [7, 3], (FIELD_SIDE // 2 + 1, FIELD_SIDE // 2 - 10)
    seeds = list(range(1, NETWORKS + 1))
    stacks = compute("stack.js", DRAW, {"kernels": kernels, "seeds": seeds})
    sources = street_sources(*FIELD_STREET, FIELD_SIDE, FIELD_SIDE)[None] / 255
    networks = [build(stack, kernels, "layer", shortcut=False) for stack in stacks]
    assert row[:2] == ["1 of 7x7, 1 of 3x3; layer; no shortcuts", "9"]
    for said, detach in zip(shown, (True, False), strict=True):
        fields = [effective_field(n, sources, pixel, detach_norms=detach) for n in networks]
        field = torch.stack(fields).sum((0, 1))  # (H, W)
        half, most, inside = area_by_mass(field, (0.5, 0.99, 1.0), pixel).values()
        reach = slice(pixel[0] - 4, pixel[0] + 5), slice(pixel[1] - 4, pixel[1] + 5)
        outside = 1 - (field[reach].sum() / field.sum()).item()
        assert (int(said["half"]), int(said["most"])) == (half, most)
        assert float(said["outside"]) == pytest.approx(outside, abs=1e-4)
        assert (inside > 9) == (not detach)
        assert {str(half), str(most)} <= set(row)


def test_batch_norm_in_use_lets_nothing_in(opened):
    page = opened("receptive-field")
    page.get_by_label("batch, in use").check()
    settle(page)
    outside = [float(page.locator(f"#{name}").get_attribute("data-outside")) for name in MAPS]
    assert outside == pytest.approx([0, 0], abs=1e-12)
    page.get_by_label("instance").check()
    settle(page)
    assert float(page.locator("#kernels").get_attribute("data-outside")) < 1e-12
    assert float(page.locator("#leak").get_attribute("data-outside")) > 0.1


def test_blocks_come_and_go_however_fast(opened):
    page = opened("receptive-field", width=360)
    click_all = "selector => document.querySelectorAll(selector).forEach((b) => b.click())"
    page.evaluate(click_all, "#more button:nth-of-type(-n + 3)")
    kernels = page.locator("#blocks li").all_inner_texts()
    assert kernels == [f"{kernel}x{kernel} ✕" for kernel in (7, 3, 7, 11)]
    for _ in range(2):
        page.evaluate(click_all, "#blocks li:last-child button")
    settle(page)
    page.wait_for_timeout(100)
    settle(page)  # Nothing that was given up goes on.
    assert page.locator("#leak").get_attribute("data-theory") == "9"
    page.evaluate(click_all, "#examples button:nth-of-type(2)")  # seven blocks
    assert page.locator("#more button").first.is_disabled()
    page.evaluate(click_all, "#examples button:nth-of-type(1)")  # one block
    assert page.locator("#blocks button").first.is_disabled()
    page.locator("#kernels").click(position={"x": 2, "y": 2})
    newest = page.locator("#sides tbody tr").first
    newest.get_by_text("1 of 15x15; instance", exact=True).wait_for()
    assert newest.locator("td").first.inner_text() == "15"
