"""Draw the schemes of the tutorials into assets/drawings: `python assets/make_drawings.py`."""

from pathlib import Path

from svg import Drawing

TARGET = Path(__file__).parent / "drawings"
Point = tuple[float, float]


def scene(d: Drawing, x: float, y: float, person: bool, house: bool) -> None:
    """Draw a small picture of a street: a warm person, a house with windows, or both."""
    d.rect(x, y, 150, 105, "dark", 3)
    if house:
        d.rect(x + 14, y + 28, 58, 62, "second", 0)
        for row in range(3):
            for column in range(3):
                d.rect(x + 20 + 17 * column, y + 35 + 18 * row, 10, 11, "plain", 0)
        d.line((x + 6, y + 95), (x + 144, y + 95), kind="none")
    if person:
        d.circle(x + 110, y + 47, 8, "first")
        d.rect(x + 102, y + 57, 16, 34, "first", 6)


def draw_task() -> Drawing:
    """Two registered images go in, one comes out that shows what either camera saw."""
    d = Drawing(720, 300, "The task: infrared and visible image of one scene become one image")
    scene(d, 20, 40, person=True, house=False)
    scene(d, 20, 170, person=False, house=True)
    d.text(96, 28, "infrared: a person")
    d.text(96, 293, "visible: a house")
    d.arrow((178, 92), (282, 140))
    d.arrow((178, 222), (282, 174))
    d.box(288, 112, 144, 90, "both", "network", "2 planes in", "1 plane out")
    d.arrow((438, 157), (520, 157))
    scene(d, 530, 104, person=True, house=True)
    d.text(605, 92, "fused: both")
    d.text(360, 230, "the two images lie on one pixel grid", "small")
    return d


LEVELS = [("15x15", "H x W"), ("11x11", "H/2 x W/2"), ("5x5", "H/4 x W/4")]


def draw_network() -> Drawing:
    """The paper's U-Net as the release builds it, with kernel and map sizes."""
    d = Drawing(860, 470, "LKC-FUNet: a U-Net of three levels with large kernels")
    d.box(16, 60, 74, 58, "plain", "sources", "2 planes")
    d.box(112, 60, 84, 58, "second", "stem", "norm, 15x15")
    d.arrow((92, 89), (110, 89))
    left, right = 222, 566
    for level, (kernel, size) in enumerate(LEVELS):
        y = 60 + 130 * level
        shift = 20 * level
        d.box(left + shift, y, 132, 58, "second", f"encoder {level + 1}", f"{kernel}, 128 maps")
        d.box(right - shift, y, 132, 58, "first", f"decoder {level + 1}", f"{kernel}, 128 maps")
        d.circle(right - shift - 48, y + 29, 15, "both")
        d.text(right - shift - 48, y + 34, "+", "title")
        d.arrow((left + shift + 134, y + 29), (right - shift - 66, y + 29))
        d.arrow((right - shift - 32, y + 29), (right - shift - 3, y + 29))
        d.text((left + right + 69) / 2 - 1, y + 46, size, "small")
        if level < 2:
            d.arrow((left + shift + 60, y + 60), (left + shift + 86, y + 128))
            d.arrow((right - shift + 40, y + 128), (right - shift - 44, y + 46))
            d.text(left + shift + 20, y + 100, "halve", "small")
            d.text(right - shift + 40, y + 100, "double", "small")
    d.arrow((198, 89), (220, 89))
    d.box(left + 70, 398, 290, 46, "plain", "mid: two large-kernel blocks, 5x5")
    d.arrow((left + 100, 380), (left + 120, 396))
    d.arrow((left + 244, 396), (right - 100, 366))
    d.arrow((700, 89), (726, 89))
    d.box(728, 60, 112, 58, "plain", "head", "norm, 3x3", "1 plane")
    d.line((154, 58), (154, 30), (712, 30), kind="line dashed")
    d.arrow((712, 30), (712, 86), kind="line dashed")
    d.text(
        440, 24, "the 32 maps of the first convolution join before the last residual block", "small"
    )
    d.circle(36, 430, 13, "both")
    d.text(56, 435, "adaptive fusion of decoder and skip", "small left")
    return d


def chain(d: Drawing, x: float, y: float, steps: list[tuple[str, str, str]]) -> float:
    """Draw boxes joined by arrows, each (kind, first line, second line); return the right end."""
    for kind, word, detail in steps:
        d.box(x, y, 104, 58, kind, *([word, detail] if detail else [word]))
        d.arrow((x + 106, y + 29), (x + 126, y + 29))
        x += 128
    return x


def draw_dense_unit() -> Drawing:
    """The pre-activation unit that every dense layer of the network shares."""
    d = Drawing(720, 170, "Dense unit: norm, ReLU, dropout, then a dense KxK convolution")
    d.text(34, 90, "x", "title")
    d.arrow((46, 85), (66, 85))
    steps = [
        ("second", "norm", "groups of 4 maps"),
        ("plain", "ReLU", ""),
        ("plain", "dropout", "while training"),
        ("first", "KxK conv", "dense: C x C x K x K"),
    ]
    x = 68
    for number, (kind, word, detail) in enumerate(steps):
        width = 150 if number in (0, 3) else 110
        d.box(x, 56, width, 58, kind, *([word, detail] if detail else [word]))
        d.arrow((x + width + 2, 85), (x + width + 20, 85))
        x += width + 22
    d.text(
        360,
        150,
        "every output map looks at every input map: this is where 91 % of the parameters are",
        "small",
    )
    return d


def draw_residual_block() -> Drawing:
    """Two dense units and a way around them."""
    d = Drawing(720, 210, "Residual block: two dense units plus the input")
    d.text(40, 132, "x", "title")
    d.arrow((54, 127), (120, 127))
    d.box(122, 98, 170, 58, "first", "dense unit", "KxK")
    d.arrow((294, 127), (336, 127))
    d.box(338, 98, 170, 58, "first", "dense unit", "KxK, dropout 0.2")
    d.arrow((510, 127), (574, 127))
    d.circle(592, 127, 16, "both")
    d.text(592, 133, "+", "title")
    d.arrow((610, 127), (690, 127))
    d.line((84, 127), (84, 46), (592, 46))
    d.arrow((592, 46), (592, 109))
    d.box(250, 24, 210, 44, "plain", "1x1 conv where C changes")
    d.text(360, 192, "the input takes the short way: the units learn what to change", "small")
    return d


def draw_large_kernel_block() -> Drawing:
    """Widen, look far with one filter a map, narrow, add."""
    d = Drawing(860, 230, "Large-kernel block: 1x1, depthwise KxK, 1x1, plus the input")
    d.text(26, 142, "x", "title")
    d.arrow((38, 137), (64, 137))
    steps = [
        ("second", "norm", "all maps", 96),
        ("plain", "1x1, norm, ReLU", "C to 1.5 C maps", 146),
        ("first", "depthwise KxK", "one filter a map", 146),
        ("plain", "norm, ReLU", "", 100),
        ("plain", "1x1, norm", "back to C maps", 130),
    ]
    x = 66.0
    for kind, word, detail, width in steps:
        d.box(x, 108, width, 58, kind, *([word, detail] if detail else [word]))
        d.arrow((x + width + 2, 137), (x + width + 18, 137))
        x += width + 20
    d.circle(x + 16, 137, 16, "both")
    d.text(x + 16, 143, "+", "title")
    d.arrow((x + 34, 137), (840, 137))
    d.line((50, 137), (50, 54), (x + 16, 54))
    d.arrow((x + 16, 54), (x + 16, 119))
    d.text(430, 44, "unchanged", "small")
    d.text(
        430,
        205,
        "a depthwise kernel costs K x K for each map, a dense one C times as much",
        "small",
    )
    return d


def draw_adaptive_fusion() -> Drawing:
    """Two paths weigh decoder and skip for each pixel, then gate the decoder."""
    d = Drawing(890, 400, "Multi-path adaptive fusion of decoder map x and skip map g")
    d.box(20, 70, 116, 58, "first", "decoder x", "what, coarse")
    d.box(20, 270, 116, 58, "second", "skip g", "where, fine")
    d.box(180, 70, 176, 58, "plain", "channel path", "mean of each map, 2 layers")
    d.box(180, 270, 176, 58, "plain", "spatial path", "mean and max over maps")
    d.arrow((138, 99), (178, 99))
    d.arrow((138, 299), (178, 299))
    d.box(398, 166, 130, 62, "both", "add, norm", "C maps")
    d.arrow((268, 130), (268, 182), (396, 190))
    d.arrow((268, 268), (268, 216), (396, 206))
    d.text(196, 176, "(C, 1, 1)", "small")
    d.text(196, 230, "(1, H, W)", "small")
    d.arrow((530, 197), (566, 197))
    d.box(568, 166, 128, 62, "both", "softmax", "two weights a pixel")
    d.box(568, 60, 128, 58, "plain", "mix", "weighted x and g")
    d.arrow((632, 164), (632, 120))
    d.line((78, 68), (78, 34), (632, 34), kind="line dashed")
    d.arrow((632, 34), (632, 58), kind="line dashed")
    d.line((78, 330), (78, 366), (726, 366), (726, 89), kind="line dashed")
    d.arrow((726, 89), (699, 89), kind="line dashed")
    d.box(748, 60, 96, 58, "plain", "gate", "1x1, sigmoid")
    d.line((698, 80), (712, 80))
    d.arrow((712, 80), (746, 80))
    d.circle(796, 197, 17, "both")
    d.text(796, 203, "x", "title")
    d.arrow((796, 120), (796, 178))
    d.arrow((796, 216), (796, 268))
    d.box(740, 270, 110, 58, "first", "1x1 conv", "2 C maps out")
    d.text(844, 202, "times x", "small")
    return d


NORMS = [
    ("batch", lambda n, c: c == 1),
    ("layer", lambda n, c: n == 1),
    ("instance", lambda n, c: n == 1 and c == 1),
    ("group", lambda n, c: n == 1 and c in (0, 1)),
]


def draw_norm_sets() -> Drawing:
    """Which maps share a mean and a variance: one grid of samples and channels a norm."""
    d = Drawing(860, 300, "Which feature maps share their statistics under each norm")
    for number, (name, together) in enumerate(NORMS):
        left = 40 + 205 * number
        d.text(left + 76, 34, f"{name} norm", "title")
        for n in range(4):
            for c in range(4):
                x, y = left + 38 * c, 60 + 38 * n
                for depth in (8, 4, 0):  # a map has rows and columns behind its cell
                    kind = "first" if together(n, c) else "plain"
                    d.rect(x + depth, y - depth, 28, 28, kind, 2)
        d.circle(left + 38 + 14, 60 + 38 + 14, 5, "mark")
        d.text(left + 76, 228, "channels", "small")
        d.add(
            f'<text class="small" transform="translate({left - 12} 130) rotate(-90)">samples</text>'
        )
    d.text(
        430,
        258,
        "Each tile is a whole map of H x W values. Orange maps share one mean and one variance",
    )
    d.text(430, 280, "with the map that bears the dot; gamma and beta belong to its channel alone.")
    return d


def draw_leak() -> Drawing:
    """A hot object changes far pixels through the statistics, not through the kernels."""
    d = Drawing(860, 330, "How a hot object reaches far pixels through shared statistics")
    for left, title in ((30, "before the norm"), (510, "after the norm")):
        d.rect(left, 60, 320, 190, "dark", 3)
        d.text(left + 160, 46, title)
    d.circle(80, 190, 22, "glow")
    d.circle(80, 190, 13, "first")
    d.rect(262, 92, 54, 54, "none", 0)
    d.rect(284, 114, 10, 10, "second", 0)
    d.text(190, 274, "a hot object, and a pixel that no kernel joins to it", "small")
    d.box(376, 110, 110, 88, "both", "mean", "and variance", "of the whole map")
    d.line((106, 188), (350, 172), kind="ondark")
    d.arrow((352, 171), (374, 168))
    d.arrow((488, 154), (508, 154))
    d.circle(560, 190, 13, "first")
    d.rect(764, 114, 10, 10, "mark", 0)
    d.line((580, 183), (760, 122), kind="ondark dashed")
    d.text(670, 274, "they shift and scale every pixel: the far one changes too", "small")
    d.text(430, 312, "Kernels reach as far as their windows. Statistics reach everywhere.")
    return d


def draw_luma_and_chroma() -> Drawing:
    """The network fuses brightness alone; colour is split off and put back."""
    d = Drawing(860, 300, "Luma is fused, chroma is kept")
    d.box(20, 52, 120, 58, "first", "infrared", "gray")
    d.box(20, 190, 120, 58, "second", "visible", "red, green, blue")
    d.box(196, 160, 130, 50, "plain", "luma", "brightness")
    d.box(196, 232, 130, 50, "plain", "chroma", "Cb and Cr, colour")
    d.arrow((142, 208), (194, 188))
    d.arrow((142, 232), (194, 254))
    d.box(392, 92, 130, 66, "both", "network", "fuses two lumas")
    d.arrow((142, 82), (390, 112))
    d.arrow((328, 182), (390, 142))
    d.box(586, 98, 110, 54, "plain", "fused luma")
    d.arrow((524, 125), (584, 125))
    d.box(726, 160, 116, 66, "first", "fused image", "in colour")
    d.arrow((698, 132), (748, 158))
    d.line((328, 257), (660, 257))
    d.arrow((660, 257), (724, 212))
    d.text(480, 248, "unchanged", "small")
    return d


DRAWINGS = {
    "task": draw_task,
    "network": draw_network,
    "dense-unit": draw_dense_unit,
    "residual-block": draw_residual_block,
    "large-kernel-block": draw_large_kernel_block,
    "adaptive-fusion": draw_adaptive_fusion,
    "norm-sets": draw_norm_sets,
    "statistics-leak": draw_leak,
    "luma-and-chroma": draw_luma_and_chroma,
}

if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name, draw in DRAWINGS.items():
        draw().save(TARGET / f"{name}.svg")
