"""The report opens as a file: nothing is fetched, tables sort, pictures move together."""

import json

import numpy as np
import pytest
from PIL import Image

from lkc.evaluation.report.pictures import Pictures, pictures_that_fit
from lkc.evaluation.report.write import dot_plot, plots
from lkc.evaluation.scoring import compare, plan_comparison
from lkc.metrics import METRICS
from lkc.model.loading import load_model
from tests.demo.steps import expect_width
from tests.evaluation.test_evaluation import table

NAME = "<b>theirs</b> & 'others'"  # must be shown as it is, and run as nothing


@pytest.fixture
def sources(tmp_path):
    """Folders of three pairs of 48x64 pixels, the second in colour."""
    generator = np.random.default_rng(0)
    for side, shape in (("ir", (48, 64)), ("vis", (48, 64, 3))):
        (tmp_path / side).mkdir()
        for stem in "123":
            pixels = generator.integers(0, 256, shape, dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / side / f"{stem}.png")
    return tmp_path / "ir", tmp_path / "vis"


@pytest.fixture
def report(sources, tmp_path, lkc_command):
    """A report of two rules and of published values."""
    values = {stem: dict.fromkeys(METRICS, 2.5) for stem in "123"}
    (tmp_path / "p.json").write_text(json.dumps({NAME: values}))
    status, _, err = lkc_command(
        *("evaluate", "--a", sources[0], "--b", sources[1], "--preset", "average"),
        *("--preset", "maximum", "--published", tmp_path / "p.json"),
        *(
            "--html",
            tmp_path / "r.html",
            "--latex",
            tmp_path / "r.tex",
            "--csv",
            tmp_path / "r.csv",
        ),
    )
    assert status == 0, err
    return tmp_path / "r.html"


def test_published_values_are_marked_in_every_table(report, sources, lkc_command):
    assert "<small>published</small>" in report.read_text()
    lines = report.with_suffix(".tex").read_text().splitlines()
    assert lines[-4].startswith(r"<b>theirs</b> \& 'others'$^\dagger$ & 2.500 &")
    rows = report.with_suffix(".csv").read_text().splitlines()
    assert rows[0].endswith("AG,published")
    assert [row.rsplit(",", 1)[1] for row in rows[1:]] == ["False"] * 6 + ["True"] * 3
    options = ("--a", sources[0], "--b", sources[1], "--scores", report.parent / "p.json")
    _, out, _ = lkc_command("evaluate", *options, "--json", report.parent / "o.json")
    assert "others' †" in out
    assert json.loads((report.parent / "o.json").read_text())[NAME]["published"] is True


def test_a_report_that_cannot_be_written_is_refused_before_the_work(sources, lkc_command):
    options = ("--a", sources[0], "--b", sources[1], "--preset", "average")
    for option in ("--html", "--latex"):
        status, out, err = lkc_command("evaluate", *options, option, "no/such/folder/r.html")
        assert (status, out) == (2, "")
        assert "its folder does not exist" in err


def test_dots_stand_where_their_values_are():
    plot = dot_plot("EN", "", *map(table_column, ([2.0, 4.0], [1.0, 3.0], [3.0, 5.0])))
    assert plot.ends == ("1.000", "5.000")
    assert [(dot.at, dot.start, dot.end) for dot in plot.dots] == [
        (26.5, 3.0, 50.0),
        (73.5, 50.0, 97.0),
    ]
    assert plot.dots[0].text == "2.000 (95 % interval 1.000 to 3.000)"


def table_column(numbers):
    import pandas as pd

    return pd.Series(numbers, index=["x", "y"])


def test_infinite_and_missing_values_have_no_dot():
    values = table(x=[1, np.inf], y=[1, 2])
    psnr = next(plot for plot in plots(values) if plot.title == "PSNR")
    assert [(dot.at, dot.start) for dot in psnr.dots] == [(None, None), (50.0, 3.0)]
    assert "∞" in psnr.dots[0].text


def test_pictures_end_where_the_room_ends(sources):
    plan = plan_comparison(*sources, {"average": load_model("average")})
    (one,) = pictures_that_fit(plan, ["2"])
    assert list(one.shown) == ["infrared", "visible", "average"]
    room = 2 * one.size + one.size // 2  # random pictures are all about as large
    assert [p.file for p in pictures_that_fit(plan, ["2", "1", "3"], room)] == ["2", "1"]
    assert pictures_that_fit(plan, ["2"], room=10) == []
    assert Pictures("x", {"a": "12", "b": "345"}).size == 5


@pytest.mark.page
def test_the_report_works_from_a_file(report, sources, page):
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(report.as_uri())
    values = compare(*sources, {n: load_model(n) for n in ("average", "maximum")})
    methods = page.locator("#means tbody th")
    assert methods.all_inner_texts() == ["average", "maximum", f"{NAME} published"]

    means = values["SD"].groupby("method").mean()
    order = sorted([*means.items(), (NAME, 2.5)], key=lambda item: -item[1])
    page.get_by_role("button", name="SD").click()
    found = [text.removesuffix(" published") for text in methods.all_inner_texts()]
    assert found == [name for name, _ in order]
    assert page.locator("th[aria-sort=descending]").inner_text() == "SD↑"
    page.get_by_role("button", name="SD").click()
    assert methods.first.inner_text().startswith(order[-1][0])

    large = page.locator("#large img")
    assert page.locator("#choice input").evaluate_all("all => all.map(one => one.value)") == [
        *("infrared", "visible", "average", "maximum")
    ]
    first_pair = large.get_attribute("alt")
    page.locator("#large").focus()
    page.keyboard.press("n")
    assert large.get_attribute("alt") != first_pair
    page.keyboard.press("p")
    assert large.get_attribute("alt") == first_pair
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    style = "image => getComputedStyle(image).transform"
    transforms = page.locator("#small img").evaluate_all(f"all => all.map({style})")
    assert len(transforms) == 4
    assert all(text.startswith("matrix(2,") for text in transforms)
    expect_width(page, "#large img", 64)
    page.keyboard.press("b")
    page.wait_for_selector("#large img[alt^=visible]")
    page.keyboard.press("b")
    assert large.get_attribute("alt") == first_pair
    page.locator("#by").select_option("maximum")
    assert large.get_attribute("alt").startswith("maximum, ")
    page.locator("#by").select_option("average")
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
    assert [url for url in asked if url.startswith("file")] == [report.as_uri()]
    assert not complaints


@pytest.mark.page
@pytest.mark.parametrize("width", [360, 1280])
def test_the_report_never_scrolls_sideways(report, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(report.as_uri())
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_and_every_button_hit(report, page, scheme):
    from tests.demo.test_screen_readers import SMALL_TARGETS, WEAK_TEXTS  # it needs gradio

    page.emulate_media(color_scheme=scheme)
    page.goto(report.as_uri())
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate(WEAK_TEXTS) == []
    assert page.evaluate(SMALL_TARGETS) == []
