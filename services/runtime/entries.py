"""Facts by stream, as entries of one save."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contracts.announcement import Announcement
from contracts.base import Contract
from contracts.recorded import Cause, Subject
from services.runtime.ports import Chapter, Entry


def entries(
    chapters: Iterable[Chapter[Any]],
    facts: Mapping[str, Sequence[Contract]],
    subject: Subject | None,
) -> list[Entry]:
    """Return the entries that continue the chapters; a stream not among them is a new one."""
    read = {chapter.stream: chapter for chapter in chapters}
    return [
        read[stream].then(more, subject)
        if stream in read
        else Entry(stream, 0, "", tuple(more), subject)
        for stream, more in facts.items()
        if more
    ]


def led_by(announced: Announcement) -> Cause:
    """Return the cause that facts decided from an announced one carry."""
    return Cause(announced.reference, announced.correlation, announced.traceparent)
