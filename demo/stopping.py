"""Jobs that a user wants to end.

A job looks here between two steps and ends by itself, with what it has. Cancelling it from outside
instead would let its last update reach the page after the result, and hide it.
"""

import uuid

stop_requests: set[str] = set()


def new_job() -> str:
    """Name a job."""
    return uuid.uuid4().hex
