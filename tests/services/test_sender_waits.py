"""A text that waits for another holds no worker: the other may be behind it in the queue."""

from types import SimpleNamespace
from typing import Any

import pytest

from domain.outbound import Dispatch, Wait
from services.runtime.process import Later
from services.sender import Sender


class _Waiting(Sender):
    async def _decided(self, announced: Any, sms_id: str) -> Dispatch:
        del announced, sms_id
        return Wait(0.2, "an earlier text is on its way")


async def test_a_text_that_waits_for_another_is_given_back() -> None:
    sender = _Waiting(SimpleNamespace())  # type: ignore[arg-type]

    with pytest.raises(Later) as later:
        await sender._step(SimpleNamespace(), "s2")  # type: ignore[arg-type]

    assert later.value.release
