"""No frame that the browser paints shows what belongs to an earlier choice, in any tab."""

import random
import re
import threading
import time
from collections import defaultdict

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.demo.frames import INSIDE, PAIR, check, file_of, frames, watch
from tests.demo.steps import (
    NIGHT,
    choose,
    comes_true,
    expect_width,
    number,
    open_tab,
    say,
    upload,
    upload_small_pair,
    wait_for_answer,
    wait_for_findings,
    wait_until_fused,
    write,
)

pytest.importorskip("gradio")
pytestmark = pytest.mark.page


class Made:
    """What the server made, and of what.

    Attributes:
        of: pictures' files, lines of text and numbers -> subjects; a subject is what the page shows
            as chosen where it shows the rest.
        fused: subjects of the first tab, in their order.
    """

    def __init__(self) -> None:
        self.of: dict[str, set[tuple]] = defaultdict(set)
        self.fused: list[tuple] = []

    def note(self, value, subject: tuple) -> None:
        """Note all texts in nested updates, lists and tuples."""
        if isinstance(value, str):
            self.of[key_of(value)].add(subject)
        elif isinstance(value, dict | list | tuple):
            for part in value.values() if isinstance(value, dict) else value:
                self.note(part, subject)


def key_of(text: str) -> str:
    """Reduce a text to what is the same in its Markdown or HTML and on the screen."""
    if text.endswith(".png"):
        return text
    numbers = re.findall(r"\d+\.\d{3}", text)  # of a table
    return " ".join(numbers) if numbers else text.replace("*", "").strip()


@pytest.fixture
def made(monkeypatch) -> Made:
    """Keep a record of what the first tab and the one that looks inside make."""
    from demo.tabs import fuse, hot_spot, inside, norms

    made = Made()
    fuse_pair, show = fuse.fuse_pair, fuse.show
    show_layer, mark = inside.show_layer, inside.mark
    show_share, show_fields = inside.show_share, inside.show_fields
    show_side_by_side, show_hot_spot = norms.show_side_by_side, hot_spot.show_hot_spot

    def note_pair(first, second, task, *given):
        made.fused.append((task, first or "", second or ""))
        result, line = fuse_pair(first, second, task, *given)
        made.note(line, made.fused[-1])
        return result, line

    def note_view(view, result, language):
        shown = show(view, result, language)
        made.note(shown, result and (result.task, result.first, result.second))
        return shown

    def note_layer(subject, layer, language):
        shown = show_layer(subject, layer, language)
        made.note(shown, (subject.norm, subject.kernels, inside.layer_label(layer, language)))
        return shown

    def note_mark(subject, layer, at):
        file = mark(subject, layer, at)
        made.note(file, (subject.norm, subject.kernels))
        return file

    def note_share(subject, at, language):
        said = show_share(subject, at, language)
        made.note(said, (subject.norm, subject.kernels, str(at.row), str(at.column)))
        return said

    def note_fields(subject, at, *given):
        shown = show_fields(subject, at, *given)
        made.note(shown, (subject.norm, str(at.row), str(at.column)))
        return shown

    def note_side_by_side(subject, layer, language):
        shown = show_side_by_side(subject, layer, language)
        made.note(shown, (subject.kernels, inside.layer_label(layer, language)))
        return shown

    def note_hot_spot(subject, spot, language):
        shown = show_hot_spot(subject, spot, language)
        made.note(shown, (subject.kernels, spot.code()))
        return shown

    monkeypatch.setattr(fuse, "fuse_pair", note_pair)
    monkeypatch.setattr(fuse, "show", note_view)
    monkeypatch.setattr(inside, "show_layer", note_layer)
    monkeypatch.setattr(inside, "mark", note_mark)
    monkeypatch.setattr(inside, "show_share", note_share)
    monkeypatch.setattr(inside, "show_fields", note_fields)
    monkeypatch.setattr(norms, "show_side_by_side", note_side_by_side)
    monkeypatch.setattr(hot_spot, "show_hot_spot", note_hot_spot)
    return made


@pytest.fixture
def busy_device():
    """Other visitors, who hold the device for up to 0.3 s at a time."""
    from demo.server.one_device import turn

    done = threading.Event()

    def keep_busy():
        chance = random.Random(1)
        while not done.wait(chance.uniform(0, 0.2)):
            with turn():
                time.sleep(chance.uniform(0, 0.3))

    thread = threading.Thread(target=keep_busy)
    thread.start()
    yield
    done.set()
    thread.join()


def check_pairs(page, made: Made) -> None:
    """Compare what every frame showed with the pair and the task that it showed."""
    logged = frames(page)
    assert len(logged) > 3

    def files(frame) -> list[str]:
        return [file_of(frame[name][0]) if frame[name] else "" for name in ("first", "second")]

    def is_made(shown: str, frame) -> bool:
        key = key_of(file_of(shown)) if "file=" in shown else key_of(shown)
        return (*frame["task"], *files(frame)) in made.of.get(key, ())

    def is_shown_or_made(shown: str, frame) -> bool:
        return file_of(shown) in files(frame) or is_made(shown, frame)

    def waits_or_is_made(shown: str, frame) -> bool:
        return shown.startswith("Waiting for its turn") or is_made(shown, frame)

    # The button names no file: it can only be pressed beside the status of its result.
    def is_result(_: str, frame) -> bool:
        return any(is_made(line, frame) for line in frame["status"])

    for place, belongs in (
        ("pictures", is_shown_or_made),
        ("drawn", is_shown_or_made),
        ("table", is_made),
        ("status", waits_or_is_made),
        ("download", is_result),
    ):
        for frame in logged:
            for shown in frame[place]:
                assert belongs(shown, frame), (place, shown, frame)


def test_of_two_tasks_in_a_row_only_the_second_is_fused_and_shown(opened, made):
    from demo.server.one_device import turn

    page = opened()
    wait_until_fused(page)
    watch(page, PAIR)
    with turn():
        made.fused.clear()
        for number, task in ((1, "mri-ct"), (3, "mri-spect")):
            choose(page, "#task", number)
            page.wait_for_selector(f"#first img[src*='{task}']")
            say(page, "#status", "Waiting for its turn")
    wait_until_fused(page)
    expect_width(page, "#fused img", 256)
    assert [task for task, *_ in made.fused] == ["mri-spect"]
    check_pairs(page, made)


def click_if_there(page, selector: str, number: int = 0) -> None:
    """Click what may be gone before a visitor's finger is down."""
    click = "([selector, number]) => document.querySelectorAll(selector)[number]?.click()"
    page.evaluate(click, [selector, number])


def test_an_answer_that_was_overtaken_on_its_way_undoes_nothing(opened, made):
    page = opened()
    wait_until_fused(page)
    held = []

    def overtake(route):
        answer = route.fetch()
        if held:
            route.fulfill(response=answer)
        else:
            held.append(lambda: route.fulfill(response=answer))

    page.route("**/run/predict", overtake)
    watch(page, PAIR)
    with page.expect_response("**/run/predict"):  # of the one that is not held
        choose(page, "#task", 1)
        page.locator("#fuse").click()
    held[0]()
    wait_until_fused(page)
    expect_width(page, "#fused img", 256)
    check_pairs(page, made)


def hurry(page, chance: random.Random, folder) -> None:
    """Choose tasks, examples, views and files faster than they are answered."""
    odd = [write(folder / f"odd-{i}.png", np.full((64, 48 + i), 90, np.uint8)) for i in (0, 0)]
    for _ in range(chance.randint(3, 7)):
        act = chance.choice(["task", "task", "example", "view", "upload", "clear"])
        if act == "task":
            choose(page, "#task", chance.randrange(4))
        elif act == "example":
            click_if_there(page, "#examples button.thumbnail-item", chance.randrange(2))
        elif act == "view":
            choose(page, "#view", chance.choice([0, 1, 3]))
        elif act == "upload":
            for place, file in zip(("#first", "#second"), odd, strict=True):
                upload(page, place, file)
        else:
            click_if_there(page, "#first button[aria-label='Remove Image']")
        page.wait_for_timeout(chance.uniform(0, 400))


@pytest.mark.parametrize("seed", range(3))
def test_in_a_hurry_no_frame_shows_what_is_not_chosen(opened, made, busy_device, tmp_path, seed):
    page, chance = opened(), random.Random(seed)
    watch(page, PAIR)
    hurry(page, chance, tmp_path)
    choose(page, "#view", 0)
    for _ in range(3):  # a file that was dropped before may arrive after the click
        page.locator("#examples button.thumbnail-item").first.click()
        wait_for_answer(page, "pair")
        page.wait_for_timeout(1000)
        if page.locator("#download:not([disabled])").count():
            break
    wait_until_fused(page)
    page.wait_for_function("window.frames.at(-1).pictures.length")  # it has been painted
    check_pairs(page, made)
    shown = file_of(frames(page)[-1]["pictures"][0])
    with page.expect_download() as download:
        page.locator("#download").click()
    with open(shown, "rb") as picture:
        assert download.value.path().read_bytes() == picture.read()


def test_what_was_on_its_way_already_is_not_shown_either(opened, made, monkeypatch):
    """The server takes everything for wanted, as it does while an answer travels."""
    from demo.server import latest
    from demo.server.one_device import turn

    class Wanted(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other) -> bool:
            return True

    page = opened()
    wait_until_fused(page)
    watch(page, PAIR)
    noted = latest.noted
    monkeypatch.setattr(latest, "noted", lambda *given: Wanted(noted(*given)))
    with turn():
        made.fused.clear()
        for number, task in ((1, "mri-ct"), (3, "mri-spect")):
            choose(page, "#task", number)
            page.wait_for_selector(f"#first img[src*='{task}']")
            say(page, "#status", "Waiting for its turn")
    wait_until_fused(page)
    assert [task for task, *_ in made.fused] == ["mri-ct", "mri-spect"]
    check_pairs(page, made)


def test_an_earlier_act_that_is_answered_late_is_not_shown_beside_a_later_one(opened, made):
    page, held = opened(), []
    wait_until_fused(page)
    watch(page, PAIR)
    page.route("**/run/predict", lambda request: held.append(request))
    page.locator("#first button[aria-label='Remove Image']").click()
    assert comes_true(page, lambda: len(held) == 1)
    answer = held[0].fetch()
    choose(page, "#task", 1)
    assert comes_true(page, lambda: len(held) == 3)  # colours are offered as well
    held[0].fulfill(response=answer)
    early = "document.querySelector('#status').textContent.includes('Waiting for the infrared')"
    page.wait_for_function(early)
    before = number(page, "pair")
    page.unroute("**/run/predict")  # lets go of the others
    wait_for_answer(page, "pair", before)
    wait_until_fused(page)
    check_pairs(page, made)


def check_inside(page, made: Made) -> None:
    """Compare what every frame showed with the network, the layer and the pixel that it showed."""
    logged = frames(page)
    assert len(logged) > 5
    subjects = {
        "fused": lambda f: (*f["norm"], *f["kernels"]),
        "maps": lambda f: (*f["norm"], *f["kernels"], *f["layer"]),
        "fields": lambda f: (*f["norm"], *f["spot"]),
        "beside": lambda f: (*f["kernels"], *f["layer"]),
        "hot": lambda f: (*f["kernels"], *f["hot spot"]),
        "hot text": lambda f: (*f["kernels"], *f["hot spot"]),
        "share": lambda f: (*f["norm"], *f["kernels"], *f["spot"]),
    }
    for place, subject in subjects.items():

        def belongs(shown: str, frame, subject=subject) -> bool:
            known = made.of.get(key_of(file_of(shown)), ())
            waits = "Waiting for its turn", "No spot yet"
            return shown.startswith(waits) or subject(frame) in known

        check(logged, place, belongs)


def test_looking_inside_shows_what_belongs_to_the_network_layer_and_pixel(opened, made, tmp_path):
    page = opened()
    upload_small_pair(page, tmp_path)
    open_tab(page, "Look inside")
    wait_for_findings(page)
    watch(page, INSIDE)
    chance = random.Random(0)
    for norm in (1, 4, 5, 2):
        choose(page, "#norm", norm)
        page.wait_for_timeout(chance.uniform(0, 900))
        if norm != 5:  # the page's own network has large kernels only
            choose(page, "#kernels", chance.randrange(2))
        page.get_by_label("Row").fill(str(chance.randrange(120)))
        page.wait_for_timeout(chance.uniform(0, 900))
        page.locator("#layer input").click()
        page.get_by_role("option").nth(chance.randrange(4)).click()
        page.locator("#inside-fused img").click(position={"x": 50, "y": 40})
        page.locator("#spot .stage").click(position={"x": chance.randrange(90), "y": 40})
        page.wait_for_timeout(chance.uniform(0, 1500))
        page.keyboard.press("ArrowDown")
    wait_for_findings(page)
    wait_for_answer(page, "spot")
    page.wait_for_selector("#fields img >> nth=3")
    page.wait_for_selector("#hot img >> nth=3")
    check_inside(page, made)


def test_another_pair_takes_the_old_findings_away_before_it_is_looked_at(opened, made):
    page = opened()
    open_tab(page, "Look inside")
    wait_for_findings(page)
    open_tab(page, "Fuse")
    choose(page, "#task", 1)
    page.wait_for_selector("#first img[src*='mri-ct']")
    before = set(made.of)
    watch(page, INSIDE)
    open_tab(page, "Look inside")
    say(page, "#share", "CT")
    wait_for_findings(page)
    for frame in frames(page):
        for place in ("fused", "maps", "fields", "beside", "hot"):
            assert not {file_of(picture) for picture in frame[place]} & before, frame


def test_opening_the_tab_again_shows_the_same_findings_without_work(opened, made, tmp_path):
    page = opened()
    upload_small_pair(page, tmp_path)
    open_tab(page, "Look inside")
    wait_for_findings(page)
    before = set(made.of)
    open_tab(page, "Fuse")
    open_tab(page, "Look inside")
    wait_for_findings(page)
    page.wait_for_selector("#fields img >> nth=3")
    assert set(made.of) == before


def test_results_of_a_batch_go_when_its_task_or_files_do_and_stay_while_it_runs(opened):
    page = opened()
    open_tab(page, "Many pairs")
    for place, file in zip(("#batch-first", "#batch-second"), NIGHT, strict=True):
        upload(page, place, file)
        say(page, place, "night")
    for change in (
        lambda: choose(page, "#batch-task", 1),
        lambda: page.locator("#batch-first button[aria-label='Clear']").click(),
    ):
        page.locator("#batch-run").click()
        page.wait_for_selector("#batch-task input[disabled]")
        page.wait_for_selector("#batch-zip:not([disabled])")
        page.wait_for_selector("#batch-task input:not([disabled])")
        change()
        page.wait_for_selector("#batch-zip[disabled]")
        expect(page.locator("#batch-status")).to_have_text("")
        expect(page.locator("#batch-gallery img")).to_have_count(0)


def test_example_clips_of_an_earlier_task_are_not_put_in_place(opened):
    from demo.server.one_device import turn

    page = opened()
    open_tab(page, "Video")
    with turn():
        page.locator("#video-example").click()
        choose(page, "#video-task", 1)
        say(page, "#clip-second", "CT")
    choose(page, "#video-task", 0)
    choose(page, "#video-task", 1)
    page.locator("#video-example").click()
    page.wait_for_selector("#clip-second .file-preview")
    expect(page.locator("#clip-second .file-preview")).to_contain_text("ct")
