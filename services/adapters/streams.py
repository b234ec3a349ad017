"""The streams and durable consumers: declared here, made by `provision`, checked at start."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from contracts.agent import (
    ESCALATIONS_CANCELLED,
    ESCALATIONS_REQUESTED,
    ESCALATIONS_UPDATED,
    SHIFTS_ACCEPTED,
    SHIFTS_REQUESTED,
)
from contracts.announcement import subject_of
from contracts.catalogue import listening
from contracts.sms import INBOUND_SUBJECT, INBOUND_URGENT_SUBJECT, STATUS_SUBJECT

INBOUND, STATUS, FACTS = "INBOUND", "STATUS", "FACTS"
AGENT_IN, AGENT_OUT, DLQ = "AGENT_IN", "AGENT_OUT", "DLQ"
WITH_CONTENT = (INBOUND, STATUS, AGENT_OUT, DLQ)
"""The streams that an erasure cleans; what is on AGENT_IN is the agent's own, and answered."""
_DAY = 86_400.0
_MB = 1_000_000
_SMALL = 64 * 1024
_LARGE = 200 * 1024
LARGEST = _SMALL
"""The largest message of a work queue, in bytes."""
# The turn runner holds ten thousand turns while a model is slow; the others finish in moments.
_PENDING = {"turn_runner": 12_000, "sender": 2_000}
_PENDING_DEFAULT = 512
_FROM_AGENT = (ESCALATIONS_REQUESTED, ESCALATIONS_CANCELLED, SHIFTS_ACCEPTED)


def _stream(
    name: str,
    subjects: Sequence[str],
    days: float,
    megabytes: int,
    *,
    queue: bool = False,
    largest: int = _SMALL,
) -> StreamConfig:
    return StreamConfig(
        name=name,
        subjects=list(subjects),
        retention=RetentionPolicy.WORK_QUEUE if queue else RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        # A full stream refuses what is new, so that somebody hears of it; old is never dropped.
        discard=DiscardPolicy.NEW,
        max_age=days * _DAY,
        max_bytes=megabytes * _MB,
        max_msg_size=largest,
        duplicate_window=min(days, 1.0) * _DAY,
        num_replicas=1,
        allow_direct=True,
    )


_STREAM_CHECKED = (
    "subjects", "retention", "storage", "discard", "max_age", "max_bytes", "max_msg_size",
    "duplicate_window", "num_replicas",
)  # fmt: skip

# Together within the 2 GB that the embedded server may store.
STREAMS: tuple[StreamConfig, ...] = (
    _stream(INBOUND, [INBOUND_SUBJECT, INBOUND_URGENT_SUBJECT], 7, 300, queue=True),
    _stream(STATUS, [STATUS_SUBJECT], 7, 200, queue=True),
    _stream(FACTS, ["fact.>"], 14, 800),
    _stream(
        AGENT_IN,
        _FROM_AGENT,
        7,
        100,
        queue=True,
    ),
    _stream(
        AGENT_OUT,
        [ESCALATIONS_UPDATED, SHIFTS_REQUESTED],
        30,
        300,
        largest=_LARGE,
    ),
    _stream(DLQ, ["dlq.>"], 30, 200, largest=_LARGE),
)

NAMES = tuple(config.name or "" for config in STREAMS)


def durable_of(subject: str) -> str:
    """Return the durable that hears a subject of AGENT_IN, as `escalations_requested`."""
    return subject.removeprefix("agent.").replace(".", "_")


def stream_of(subject: str) -> str | None:
    """Return the stream that keeps what is published on a subject."""
    if subject.startswith("fact."):
        return FACTS
    return DLQ if subject.startswith("dlq.") else _BY_SUBJECT.get(subject)


_BY_SUBJECT = {
    subject: config.name for config in STREAMS for subject in config.subjects or () if config.name
}


def inbox_of(process: str) -> str:
    """Return where answers to a process come in: nobody else may listen there."""
    return f"_INBOX_{process}"


def wanted_streams(replicas: int) -> Iterator[StreamConfig]:
    """Return the streams as a deployment of so many replicas has them."""
    return (replace(config, num_replicas=replicas) for config in STREAMS)


@dataclass(frozen=True, slots=True)
class Durable:
    """A consumer with its stream."""

    stream: str
    config: ConsumerConfig

    @property
    def name(self) -> str:
        """The durable name."""
        return self.config.durable_name or ""


def durables(ack_wait_s: float) -> tuple[Durable, ...]:
    """Return every consumer that a process needs."""
    found = [
        _durable(INBOUND, "policy_gate", [INBOUND_SUBJECT], ack_wait_s),
        _durable(INBOUND, "policy_gate_urgent", [INBOUND_URGENT_SUBJECT], ack_wait_s),
        _durable(STATUS, "sender", [STATUS_SUBJECT], ack_wait_s),
    ]
    found += [
        _durable(AGENT_IN, durable_of(subject), [subject], ack_wait_s) for subject in _FROM_AGENT
    ]
    for process, names in sorted(listening().items()):
        ordinary = [subject_of(name) for name in sorted(names)]
        urgent = [subject_of(name, urgent=True) for name in sorted(names)]
        found.append(_durable(FACTS, process, ordinary, ack_wait_s))
        found.append(_durable(FACTS, f"{process}_urgent", urgent, ack_wait_s))
    return tuple(found)


def _durable(stream: str, name: str, subjects: list[str], ack_wait_s: float) -> Durable:
    pending = _PENDING.get(name, _PENDING_DEFAULT)
    config = ConsumerConfig(
        durable_name=name,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ack_wait_s,
        max_deliver=-1,
        max_ack_pending=pending,
    )
    if len(subjects) == 1:
        config.filter_subject = subjects[0]
    else:
        config.filter_subjects = subjects
    return Durable(stream, config)


async def provision(stream: JetStreamContext, ack_wait_s: float, replicas: int = 1) -> None:
    """
    Make what is missing and change what differs.

    Raises the server's error where a change is impossible (another retention, say).
    """
    for config in wanted_streams(replicas):
        try:
            await stream.stream_info(config.name or "")
        except NotFoundError:
            await stream.add_stream(config)
        else:
            await stream.update_stream(config)
    for durable in durables(ack_wait_s):
        await stream.add_consumer(durable.stream, durable.config)


async def drift(
    stream: JetStreamContext,
    durable_names: Sequence[tuple[str, str]],
    ack_wait_s: float,
    replicas: int = 1,
) -> list[str]:
    """Return how the streams, and these durables (stream, name), differ: a sentence each."""
    found = [sentence async for sentence in _streams_drift(stream, replicas)]
    for durable in durables(ack_wait_s):
        if (durable.stream, durable.name) in durable_names:
            found += await _durable_drift(stream, durable)
    return found


async def _streams_drift(stream: JetStreamContext, replicas: int) -> AsyncIterator[str]:
    for wanted in wanted_streams(replicas):
        try:
            found = (await stream.stream_info(wanted.name or "")).config
        except NotFoundError:
            yield f"The stream {wanted.name} is missing."
            continue
        for name in _STREAM_CHECKED:
            is_, should = getattr(found, name), getattr(wanted, name)
            if is_ != should:
                yield f"The stream {wanted.name} has {name} {is_}, not {should}."


async def _durable_drift(stream: JetStreamContext, durable: Durable) -> list[str]:
    wanted = durable.config
    try:
        found = (await stream.consumer_info(durable.stream, durable.name)).config
    except NotFoundError:
        return [f"The durable {durable.name} of {durable.stream} is missing."]
    differing: list[str] = []
    for name in ("ack_policy", "ack_wait", "max_deliver", "max_ack_pending"):
        is_, should = getattr(found, name), getattr(wanted, name)
        if is_ != should:
            differing.append(f"The durable {durable.name} has {name} {is_}, not {should}.")
    if _filters(found) != _filters(wanted):
        differing.append(
            f"The durable {durable.name} hears {_filters(found)}, not {_filters(wanted)}."
        )
    return differing


def _filters(config: ConsumerConfig) -> list[str]:
    one = [config.filter_subject] if config.filter_subject else []
    return sorted(one or config.filter_subjects or [])
