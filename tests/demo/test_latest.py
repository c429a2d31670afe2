"""Choices, their numbers, and work that is given up because there is a newer one."""

import types

import pytest
import torch

from demo.server import latest
from demo.work import fuse_files, inside

gr = pytest.importorskip("gradio")


@pytest.fixture
def visit(monkeypatch):
    """A visitor's request, with a memory of choices of its own."""
    monkeypatch.setattr(latest, "chosen", {})
    return types.SimpleNamespace(session_hash="visitor", headers={})


@pytest.fixture
def place():
    """A choice with a status that waits, and two more parts of the page."""
    from demo.tabs.latest_choice import Choice

    with gr.Blocks(analytics_enabled=False):
        status, first, second = gr.Markdown(), gr.Image(), gr.Image()
        choice = Choice("place", [status], lambda: {status: "waiting"})
    return types.SimpleNamespace(choice=choice, status=status, first=first, second=second)


def test_a_choice_empties_its_parts_and_numbers_them(visit, place):
    from demo.tabs.latest_choice import choose

    changed = choose(visit, [place.choice], lambda: {place.first: "a.png"}, [place.first])
    number = latest.noted("visitor", "place", "")
    assert changed == {
        place.choice.chosen: number,
        place.choice.shown: number,
        place.status: "waiting",
        place.first: "a.png",
    }


def test_of_two_files_dropped_one_after_the_other_both_are_kept(visit, place):
    """The first takes so long to prepare that the second is there before it."""
    from demo.tabs.latest_choice import choose

    def prepare_first():
        second = choose(visit, [place.choice], lambda: {place.second: "b.png"}, [place.second])
        assert second[place.second] == "b.png"
        return {place.first: "a.png", place.second: None}  # the example that was there

    changed = choose(visit, [place.choice], prepare_first, [place.first, place.second])
    assert changed == {place.first: "a.png"}


def test_what_a_newer_choice_has_replaced_changes_nothing(visit, place):
    from demo.tabs.latest_choice import choose

    both = [place.first, place.second]

    def slow():
        choose(visit, [place.choice], lambda: dict.fromkeys(both, "new.png"), both)
        return dict.fromkeys(both, "old.png")

    assert choose(visit, [place.choice], slow, both) == gr.skip()


def test_a_request_that_was_overtaken_changes_nothing(visit, place):
    """The click on a button reached the server before the upload that the visitor made first."""
    from demo.tabs.latest_choice import ORDER, choose

    for later in (None, "7", "16"):
        if later:
            visit.headers[ORDER] = later
        choose(visit, [place.choice])
    clicked = latest.noted("visitor", "place", "")
    visit.headers[ORDER] = "8"
    assert choose(visit, [place.choice], lambda: {place.first: "a.png"}, [place.first]) == {
        place.first: "a.png"
    }
    assert latest.noted("visitor", "place", "") == clicked


def test_a_view_whose_request_was_overtaken_is_not_the_one_that_is_wanted():
    session = "who changes views"
    latest.note_in_order(session, "view", "numbers", 5)
    latest.note_in_order(session, "view", "fused", 7)
    latest.note_in_order(session, "view", "origin", 6)
    assert latest.noted(session, "view", "") == "fused"
    latest.note_in_order(session, "view", "compare", 7)  # where no browser counts
    assert latest.noted(session, "view", "") == "compare"
    latest.forget(session)


def test_of_several_choices_those_count_that_no_later_act_has_changed(visit, place):
    """A pixel was clicked after a norm, and its request came first."""
    from demo.tabs.latest_choice import ORDER, Choice, choose

    with gr.Blocks(analytics_enabled=False):
        network = Choice("network", [gr.Image()])
    visit.headers[ORDER] = "4"
    pixel = choose(visit, [place.choice])[place.choice.chosen]
    visit.headers[ORDER] = "3"
    changed = choose(visit, [network, place.choice])
    assert changed == {network.chosen: latest.noted("visitor", "network", "")}
    assert latest.noted("visitor", "place", "") == pixel


@pytest.mark.parametrize("order", ["", "-1", "1" * 9, "x", "٣"])
def test_an_order_that_is_none_is_not_believed(visit, place, order):
    from demo.tabs.latest_choice import ORDER, order_of

    visit.headers[ORDER] = order
    assert order_of(visit) == 0


def test_an_answer_is_given_for_the_latest_choice_only(visit, place):
    from demo.tabs.latest_choice import answer

    done = []

    def work():
        done.append(True)
        return {place.status: "done"}

    old, new = (latest.choose("visitor", ["place"]) for _ in range(2))
    for number in (old, ""):  # an earlier one, and one that is just being changed
        assert answer(visit, {place.choice: number}, work) == gr.skip()
    assert not done
    expected = {place.choice.shown: new, place.status: "done"}
    assert answer(visit, {place.choice: new}, work) == expected


def test_an_answer_that_is_outdated_when_it_is_done_is_thrown_away(visit, place):
    from demo.tabs.latest_choice import answer, answers

    number = latest.choose("visitor", ["place"])

    def work():
        latest.choose("visitor", ["place"])
        return {place.status: "done"}

    assert answer(visit, {place.choice: number}, work) == gr.skip()

    number, closed = latest.choose("visitor", ["place"]), []

    def steps():
        try:
            yield {place.status: "half"}
            yield {place.status: "done"}
        finally:
            closed.append(True)

    given = answers(visit, {place.choice: number}, steps())
    assert next(given)[place.status] == "half"
    latest.choose("visitor", ["place"])
    assert list(given) == []
    assert closed


def test_work_for_who_has_left_is_given_up_and_who_comes_back_is_served(visit, place):
    from demo.tabs.latest_choice import answer

    number = latest.choose("visitor", ["place"])

    def work():
        latest.forget("visitor")
        latest.give_up_if_outdated()
        pytest.fail("nobody wants this")

    assert answer(visit, {place.choice: number}, work) == gr.skip()
    assert not latest.chosen
    again = answer(visit, {place.choice: number}, lambda: {place.status: "done"})
    assert again[place.status] == "done"


def network_called(name: str) -> torch.nn.Module:
    if name == "that fuses":
        return fuse_files.load_method("lite", "ir-vis")
    return inside.load_network("ir-vis", "batch", "k3")


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is never interrupted")
@pytest.mark.parametrize("name", ["that fuses", "of the study"])
@pytest.mark.parametrize("side", [64, 160])  # the larger one in bands
def test_a_network_gives_up_in_the_middle(monkeypatch, name, side):
    from lkc.fusion.images import fuse_luma

    monkeypatch.setattr("lkc.fusion.images.LARGE_ON_CPU", 128 * 128)
    monkeypatch.setattr("lkc.model.large_images.BAND_VALUES", 2**17)  # eight rows or a few more
    sources, asked = torch.rand(1, 2, side, side), []
    network = network_called(name)

    def wanted(until: int):
        asked.clear()
        return lambda: len(asked) < until and not asked.append(True)

    with latest.working_for(wanted(10**6)):
        whole = fuse_luma(sources, network)
    looks = len(asked)
    assert looks > 10
    with latest.working_for(wanted(looks // 2)), pytest.raises(latest.Outdated):
        fuse_luma(sources, network)
    assert torch.equal(fuse_luma(sources, network), whole)  # nothing is left behind


def test_an_event_that_nobody_waits_for_empties_no_part(visit, place):
    """Gradio empties every output of an event that yields nothing at all."""
    from demo.tabs.latest_choice import answers

    old, _ = (latest.choose("visitor", ["place"]) for _ in range(2))
    steps = ({place.status: "done"} for _ in range(1))
    assert list(answers(visit, {place.choice: old}, steps)) == [gr.skip()]
