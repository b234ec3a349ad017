"""The users of a NATS server and what each may say and hear: from the streams and durables."""

from collections.abc import Iterator, Mapping, Sequence

from contracts.agent import (
    ESCALATIONS_CANCELLED,
    ESCALATIONS_REQUESTED,
    ESCALATIONS_UPDATED,
    SHIFTS_ACCEPTED,
    SHIFTS_REQUESTED,
)
from contracts.sms import INBOUND_SUBJECT, INBOUND_URGENT_SUBJECT, STATUS_SUBJECT
from services.adapters import streams
from services.runtime.processes import PROCESSES

AGENT, OPERATOR = "agent", "operator"
# What every start asks: do the streams stand as declared?
_STREAMS = "$JS.API.STREAM.INFO.*"
_LAST_FACT = f"$JS.API.STREAM.MSG.GET.{streams.FACTS}"
_FACTS = "fact.>"
_OWN: Mapping[str, Sequence[str]] = {
    "ingress": (INBOUND_SUBJECT, INBOUND_URGENT_SUBJECT, STATUS_SUBJECT),
    "sender": (_LAST_FACT,),
    # It repeats announcements, and tells what only the carrier's list knew.
    "scheduler": (_FACTS, INBOUND_SUBJECT, INBOUND_URGENT_SUBJECT, STATUS_SUBJECT, _LAST_FACT),
    "relay": (_FACTS, _LAST_FACT),
    # It watches whether more was announced than the journal holds.
    "projector": (_LAST_FACT,),
    "global_agent": (ESCALATIONS_UPDATED, SHIFTS_REQUESTED),
    # It replays dead letters and erases; those of the agent are an operator's to replay.
    "console": (
        INBOUND_SUBJECT,
        INBOUND_URGENT_SUBJECT,
        STATUS_SUBJECT,
        _FACTS,
        *(
            f"$JS.API.STREAM.MSG.{verb}.{stream}"
            for verb in ("GET", "DELETE")
            for stream in streams.WITH_CONTENT
        ),
    ),
}
_OF_THE_AGENT = (
    ESCALATIONS_REQUESTED,
    ESCALATIONS_CANCELLED,
    SHIFTS_ACCEPTED,
    *(
        f"$JS.API.CONSUMER.{verb}.{streams.AGENT_OUT}.>"
        for verb in ("CREATE", "DURABLE.CREATE", "INFO", "MSG.NEXT")
    ),
    f"$JS.ACK.{streams.AGENT_OUT}.>",
)
_HEAD = """\
# Who may say and hear what.  Written by `python -m deploy.operations`: change the code instead.
#
# Each process has a key of its own; the server reads the public ones from its environment
# (`python -m deploy.operations.nats_keys FOLDER` makes them).  A process that was broken into
# can say what that process says, and nothing else: no other's facts, and no word of the agent.

accounts {
  PARLEY {
    jetstream: enabled
    users: [
"""
_TAIL = """\
    ]
  }
  SYS { users: [ { nkey: $NATS_NKEY_SYSTEM } ] }
}
system_account: SYS
"""


def variable_of(user: str) -> str:
    """Return the name under which the server finds a user's public key."""
    return f"NATS_NKEY_{user.upper()}"


def users() -> tuple[str, ...]:
    """Return who has a key."""
    return (*PROCESSES, AGENT, OPERATOR, "system")


def may_publish(user: str) -> tuple[str, ...]:
    """Return the subjects on which a process, or the agent, may publish."""
    return _OF_THE_AGENT if user == AGENT else _of(user)


def _of(process: str) -> tuple[str, ...]:
    return (_STREAMS, *_OWN.get(process, ()), *_hearing(process))


def written() -> str:
    """Return the part of the server's configuration."""
    people = [_user(name, may_publish(name), streams.inbox_of(name)) for name in PROCESSES]
    people.append(_user(AGENT, may_publish(AGENT), streams.inbox_of(AGENT)))
    people.append(f"      # Whoever looks after it.\n      {{ nkey: ${variable_of(OPERATOR)} }}\n")
    return _HEAD + "".join(people) + _TAIL


def _hearing(process: str) -> Iterator[str]:
    """Return what fetching, acknowledging and putting aside of a process's durables takes."""
    for durable in streams.durables(30.0):
        if process in _hearers(durable.stream, durable.name):
            where = f"{durable.stream}.{durable.name}"
            yield f"$JS.API.CONSUMER.INFO.{where}"
            yield f"$JS.API.CONSUMER.MSG.NEXT.{where}"
            yield f"$JS.ACK.{where}.>"
            yield f"dlq.{where}"


def _hearers(stream: str, durable: str) -> tuple[str, ...]:
    if stream == streams.AGENT_IN:
        return ("global_agent",)
    return (durable.removesuffix("_urgent"),)


def _user(name: str, publish: Sequence[str], inbox: str) -> str:
    allowed = "".join(f'            "{subject}"\n' for subject in publish)
    return f"""\
      # {name}
      {{
        nkey: ${variable_of(name)}
        permissions: {{
          publish: {{ allow: [
{allowed}          ] }}
          subscribe: {{ allow: [ "{inbox}.>" ] }}
        }}
      }}
"""
