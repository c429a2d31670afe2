"""Files are replaced as a whole, or left as they were."""

import stat

import pytest

from lkc.errors import InputError, replacing


def test_a_file_appears_at_the_end_with_its_suffix_and_for_everybody(tmp_path):
    target = tmp_path / "new" / "a.nii.gz"
    with replacing(target) as temporary:
        assert temporary.parent == target.parent
        assert temporary.name.endswith(".nii.gz")
        temporary.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert stat.S_IMODE(target.stat().st_mode) & 0o444 == 0o444
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError(28, "full")])
def test_a_failure_leaves_what_was_there(tmp_path, error):
    target = tmp_path / "a.png"
    target.write_text("before")

    def write_half():
        with replacing(target) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises((KeyboardInterrupt, RuntimeError, InputError)):
        write_half()
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_removed_temporary_file_replaces_nothing(tmp_path):
    target = tmp_path / "a.mkv"
    with replacing(target) as temporary:
        temporary.unlink()
    assert not list(tmp_path.iterdir())


def test_a_library_s_own_error_becomes_a_sentence(tmp_path):
    sentence = r"a\.bin cannot be written: no room\.$"
    with pytest.raises(InputError, match=sentence), replacing(tmp_path / "a.bin", RuntimeError):
        raise RuntimeError("no room.\nand much more")
