"""
What is counted of every process, for Prometheus.

A label's values are words of the project (facts, gates, flags, outcomes), so that their number
is bounded and none can be a person's.  Facts are counted where they are stored, by whoever
stored them: a metric and the journal cannot disagree for long.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from contracts import conversation as c
from contracts.base import Contract
from contracts.safety import SafetyCaseOpened
from domain.carrier_codes import meaning_of

_QUICK = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 600)
_A_DAY_S = 86_400.0
_OFFLINE = "offline"

handled = Counter(
    "parley_handled", "Messages handled, by process and outcome.", ["process", "outcome"]
)
handling_seconds = Histogram(
    "parley_handling_seconds", "What a message took, waits included.", ["process"], buckets=_QUICK
)
waited_seconds = Histogram(
    "parley_waited_seconds",
    "From a fact or webhook to the process that acts on it.",
    ["process"],
    buckets=_QUICK,
)
facts = Counter("parley_facts", "Facts stored by this process, by name.", ["fact"])
gates = Counter("parley_gate_answers", "Texts that a gate answered.", ["gate"])
drafts = Counter("parley_drafts", "Drafts judged, by verdict.", ["verdict"])
flags = Counter("parley_flags", "What the evaluator found in drafts.", ["flag", "act"])
tokens = Counter("parley_model_tokens", "Tokens of the models.", ["model", "direction"])
model_cost = Counter(
    "parley_model_cost_microdollars", "What the models cost, where a price is known.", ["model"]
)
model_seconds = Histogram(
    "parley_model_seconds", "What asking the models for a draft took.", ["model"], buckets=_SLOW
)
stand_ins = Counter(
    "parley_model_stand_ins", "Drafts of the offline model, where another had been asked."
)
model_failures = Counter("parley_model_failures", "Turns without a draft.", ["kind"])
texts = Counter("parley_texts_requested", "Texts that were to leave.", ["kind"])
outcomes = Counter("parley_text_outcomes", "What became of texts.", ["outcome"])
failures = Counter(
    "parley_text_failures", "Failed attempts, by what follows from the code.", ["follows", "final"]
)
segments = Counter("parley_segments", "Segments of texts.", ["direction"])
cases = Counter("parley_safety_cases_opened", "Safety cases opened.", ["tier"])
sign_ins = Counter(
    "parley_console_sign_ins",
    "Sign-ins at the console, by how and what came of it.",
    ["how", "outcome"],
)
reply_seconds = Histogram(
    "parley_reply_seconds", "From a person's text to its reply's request.", buckets=_SLOW
)

ready = Gauge("parley_ready", "Whether the process was ready when last asked.")
queue_waiting = Gauge("parley_queue_waiting", "Messages not delivered yet.", ["stream", "durable"])
queue_unacknowledged = Gauge(
    "parley_queue_unacknowledged", "Messages being handled.", ["stream", "durable"]
)
due = Gauge("parley_due", "Steps whose time has come, by kind.", ["kind"])
due_oldest = Gauge("parley_due_oldest_seconds", "How long the oldest has been due.", ["kind"])
cases_open = Gauge("parley_safety_cases_open", "Safety cases nobody closed.", ["tier"])
cases_oldest = Gauge(
    "parley_safety_case_oldest_seconds", "Age of the oldest open safety case.", ["tier"]
)
cases_unacknowledged = Gauge(
    "parley_safety_case_unacknowledged_seconds",
    "Age of the oldest safety case that nobody has looked at.",
    ["tier"],
)
letters_waiting = Gauge("parley_dead_letters_waiting", "Dead letters nobody decided about.")
shifts_waiting = Gauge("parley_shifts_waiting", "Ended conversations no shift accepted.")
shifts_oldest = Gauge("parley_shift_oldest_seconds", "Age of the oldest of them.")
unknown_texts = Gauge("parley_unknown_outcomes", "Texts of which nobody knows whether they left.")
budget = Gauge(
    "parley_budget_microdollars", "The month's money: cap, spent, reserved, beside.", ["what"]
)
stream_fullness = Gauge(
    "parley_stream_fullness",
    "Share of its bytes that a stream keeps; a full one refuses.",
    ["stream"],
)
relay_behind = Gauge("parley_relay_behind_facts", "Facts that the relay has not looked at yet.")
journal_behind = Gauge(
    "parley_journal_behind_facts", "Announced facts that the journal does not hold."
)
erasures_unfinished = Gauge(
    "parley_erasures_unfinished", "People whom the ledger says erased, and the journal does not."
)
carrier_away = Gauge("parley_carrier_away", "Whether the carrier took nothing when last asked.")
measured_at = Gauge("parley_backlog_measured_timestamp_seconds", "When the backlog was measured.")


def count(fact: Contract) -> None:
    """Count a fact that was stored just now."""
    facts.labels(fact.name).inc()
    counter = _COUNTERS.get(type(fact))
    if counter is not None:
        counter(fact)


def count_handled(process: str, outcome: str, took_s: float) -> None:
    """Count a message that was handled to its end."""
    handled.labels(process, outcome).inc()
    handling_seconds.labels(process).observe(took_s)


def count_wait(process: str, since: datetime) -> None:
    """Count how long a message waited for its process; a wound clock tells nothing."""
    waited = (datetime.now(UTC) - since).total_seconds()
    if 0 <= waited < _A_DAY_S:
        waited_seconds.labels(process).observe(waited)


def _answered(fact: c.TurnAnswered) -> None:
    gates.labels(fact.gate).inc()


def _received(fact: c.MessageReceived) -> None:
    segments.labels("in").inc(fact.segments)


def _asked(usage: c.Usage) -> None:
    model = usage.model_asked or "none"
    fresh = max(usage.input_tokens - usage.cached_tokens, 0)
    for direction, number in (
        ("input", fresh),
        ("cached", usage.cached_tokens),
        ("output", usage.output_tokens),
    ):
        tokens.labels(model, direction).inc(number)
    model_cost.labels(model).inc(usage.cost_microdollars or 0)
    model_seconds.labels(model).observe(usage.latency_ms / 1000)


def _drafted(fact: c.ReplyDrafted) -> None:
    usage = fact.usage
    _asked(usage)
    answered = usage.model_answered or ""
    if answered.startswith(_OFFLINE) and not usage.model_asked.startswith(_OFFLINE):
        stand_ins.inc()


def _failed_to_draft(fact: c.ModelFailed) -> None:
    _asked(fact.usage)
    model_failures.labels(fact.kind).inc()


def _approved(fact: c.DraftApproved) -> None:
    drafts.labels("approved").inc()
    _flagged(fact.flags)
    _weighed(fact.judgement)


def _refused(fact: c.DraftRefused) -> None:
    drafts.labels(fact.action).inc()
    _flagged(fact.flags)
    _weighed(fact.judgement)


def _weighed(judgement: c.Judgement | None) -> None:
    if judgement is not None:
        _asked(judgement.usage)
        if judgement.opinion is None:
            model_failures.labels(f"judge {judgement.failure}").inc()


def _flagged(found: tuple[c.Flag, ...]) -> None:
    for flag in found:
        flags.labels(flag.flag, flag.act).inc()


def _requested(fact: c.SmsRequested) -> None:
    texts.labels(fact.kind).inc()
    if fact.answers_at is not None and fact.kind == "reply":
        reply_seconds.observe(max((fact.at - fact.answers_at).total_seconds(), 0.0))


def _attempted(fact: c.SmsAttempted) -> None:
    outcomes.labels("attempted").inc()
    if fact.charge is not None:
        segments.labels("out").inc(fact.charge.segments)


def _sent(fact: c.SmsSent) -> None:
    # The carrier reports on the way as often as it likes; a text is taken once.
    if fact.via != "callback":
        outcomes.labels("taken").inc()


def _failed(fact: c.SmsFailed) -> None:
    outcomes.labels("failed").inc()
    follows = "none" if fact.code is None else meaning_of(fact.code).action
    failures.labels(follows, "yes" if fact.final else "no").inc()


def _outcome(name: str) -> Callable[[Any], None]:
    child = outcomes.labels(name)

    def counted(_: Any) -> None:
        child.inc()

    return counted


def _opened(fact: SafetyCaseOpened) -> None:
    cases.labels(fact.tier).inc()


_COUNTERS: Mapping[type[Contract], Callable[[Any], None]] = {
    c.TurnAnswered: _answered,
    c.MessageReceived: _received,
    c.ReplyDrafted: _drafted,
    c.ModelFailed: _failed_to_draft,
    c.DraftApproved: _approved,
    c.DraftRefused: _refused,
    c.SmsRequested: _requested,
    c.SmsAttempted: _attempted,
    c.SmsSent: _sent,
    c.SmsDelivered: _outcome("delivered"),
    c.SmsFailed: _failed,
    c.SmsOutcomeUnknown: _outcome("unknown"),
    c.SmsAbsent: _outcome("absent"),
    c.SmsDuplicateSuspected: _outcome("duplicate"),
    c.SmsDeferred: _outcome("deferred"),
    c.SmsWithheld: _outcome("withheld"),
    SafetyCaseOpened: _opened,
}
