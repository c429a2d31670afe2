"""What the tab for clips computes."""

from pathlib import Path

import numpy as np
import pytest

from demo.tabs import video as video_tab
from demo.tabs.start_and_stop import stop_requests
from demo.words.say import Complaint
from demo.work import fuse_files, video
from lkc.errors import InputError

pytest.importorskip("av")

from lkc.io.clip import read_clip, read_frames
from tests.fixtures.clip_files import smooth, write_clip

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"


@pytest.fixture
def clips(tmp_path) -> tuple[str, str]:
    """Two gray clips of ten 32 x 48 frames."""
    names = (tmp_path / "first.mkv", tmp_path / "second.mkv")
    first, second = (write_clip(n, [[smooth((32, 48)) for _ in range(10)]]) for n in names)
    return first, second


def fuse(clips, window="full", stop=lambda: False) -> video.ClipJob:
    jobs = video.fuse_pair_of_clips(*clips, "mri-ct", "maximum", 1.0, window, stop)
    return list(jobs)[-1]


@pytest.mark.parametrize("window", video.WINDOWS)
def test_clips_become_one(clips, window):
    job = fuse(clips, window)
    frames = [frame.pixels for frame in read_frames(read_clip(job.out))]
    assert (job.frames, len(frames), job.stopped) == (10, 10, False)
    assert np.abs(frames[-1][..., 0].astype(float) - job.shown).mean() < 4  # of 255: it is MP4


def test_a_stopped_job_leaves_a_clip_of_what_was_done(clips):
    asked = iter([False, False, True])
    job = fuse(clips, stop=lambda: next(asked))
    assert job.stopped
    assert len(list(read_frames(read_clip(job.out)))) == job.frames == 3


def test_a_job_ends_at_its_time_limit(clips, monkeypatch):
    monkeypatch.setattr(video, "MAX_SECONDS", -1)
    assert fuse(clips).stopped


def test_clips_that_cannot_be_used_are_one_sentence(clips, tmp_path, monkeypatch):
    broken = tmp_path / "broken.mp4"
    broken.write_text("hello")
    for pair, words in (
        ((clips[0], None), "both sources"),
        ((clips[0], str(broken)), "broken.mp4"),
        ((clips[0], write_clip(tmp_path / "w.mkv", [[smooth((32, 64))]])), "same size"),
    ):
        with pytest.raises(InputError, match=words) as refused:
            fuse(pair)
        assert str(tmp_path) not in str(refused.value)
    monkeypatch.setattr(video, "MAX_MEGAPIXELS", 0.001)
    with pytest.raises(Complaint, match="megapixels"):
        fuse(clips)
    with pytest.raises(Complaint, match="detail must lie between 0 and 2"):
        next(video.fuse_pair_of_clips(*clips, "mri-ct", "maximum", None, "full", bool))


@pytest.mark.parametrize("task", ["ir-vis", "mri-ct"])
def test_example_clips_move_over_an_example_pair(task):
    clips = [read_clip(Path(path)) for path in video.make_example_clips(EXAMPLES, task)]
    frames = [[frame.pixels for frame in read_frames(clip)] for clip in clips]
    assert len(frames[0]) == len(frames[1]) == video.EXAMPLE_FRAMES
    pixels = fuse_files.read_pair(*fuse_files.list_examples(EXAMPLES, task)[0], task)
    height, width = frames[0][0].shape[:2]
    assert np.array_equal(frames[0][0], pixels[0][:height, :width])
    assert not np.array_equal(frames[1][0], frames[1][-1])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tab_shows_progress_and_then_the_clip(clips, language):
    options = ("mri-ct", "maximum", 1.0, "full")
    steps = list(video_tab.run(clips, "1", options, language, lambda *a, **k: None))
    assert "10" in steps[0][0]
    status, frame, clip, button = steps[-1]
    assert "10" in status
    assert frame.shape == (32, 48)
    assert button["value"] == clip


def test_the_tab_stops_the_job_that_was_named(clips):
    options = ("mri-ct", "maximum", 1.0, "full")
    stop_requests.update({"mine", "other"})
    steps = list(video_tab.run(clips, "mine", options, "en", lambda *a, **k: None))
    assert "1 frames" in steps[-1][0]
    assert "Stopped" in steps[-1][0]
    assert stop_requests == {"other"}
    stop_requests.clear()
