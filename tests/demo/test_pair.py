"""The pair that is fused is the one that was chosen, whatever the browser joins."""

import types

import pytest

from demo.server import latest

gr = pytest.importorskip("gradio")


@pytest.fixture
def request_at(monkeypatch):
    """Make a visitor's request of an order; what they choose is remembered nowhere else."""
    from demo.tabs.latest_choice import ORDER

    monkeypatch.setattr(latest, "chosen", {})
    return lambda order: types.SimpleNamespace(session_hash="visitor", headers={ORDER: str(order)})


@pytest.fixture
def sent(monkeypatch):
    """What the browser sends of two files; both count as the page's own."""
    monkeypatch.setattr("demo.tabs.sources.is_ours", lambda path: True)
    return {"path": "sent-1.png"}, {"path": "sent-2.png"}


def test_what_the_server_put_in_place_counts_and_not_what_the_browser_still_shows(request_at, sent):
    from demo.tabs.pair import chosen_files, chosen_task, note_filled, note_task

    sources = [object(), object()]
    assert chosen_files("visitor", sent) == ("sent-1.png", "sent-2.png")
    assert chosen_task("visitor", "ir-vis") == "ir-vis"
    note_task(request_at(3), "mri-ct")
    filled = {sources[0]: gr.update(label="MRI", value="a.png"), sources[1]: gr.update(label="CT")}
    assert note_filled(request_at(3), sources, filled) == filled
    assert chosen_files("visitor", sent) == ("a.png", "sent-2.png")
    assert chosen_task("visitor", "ir-vis") == "mri-ct"
    note_filled(request_at(4), sources, {sources[1]: None})
    assert chosen_files("visitor", sent) == ("a.png", None)
    assert chosen_task("visitor", "ir-vis") == "mri-ct"


def test_an_earlier_act_that_is_done_later_does_not_count(request_at, sent):
    from demo.tabs.pair import chosen_files, chosen_task, note_file, note_task

    for order, file, task in ((6, "new.png", "mri-pet"), (5, "old.png", "ir-vis")):
        note_file(request_at(order), 0, file)
        note_task(request_at(order), task)
    assert chosen_files("visitor", sent) == ("new.png", "sent-2.png")
    assert chosen_task("visitor", "ir-vis") == "mri-pet"
