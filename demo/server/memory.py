"""Memory that was used once goes back to the operating system, as far as glibc lets it."""

from lkc.memory import call_glibc

M_ARENA_MAX, HEAPS = -8, 2  # of glibc's mallopt


def share_heaps() -> None:
    """Have glibc's threads share heaps; with one each, every thread keeps the memory of a job."""
    call_glibc("mallopt", M_ARENA_MAX, HEAPS)


def hand_back() -> None:
    """Hand back what is free: glibc keeps what many visitors needed at once for the next rush."""
    call_glibc("malloc_trim", 0)
