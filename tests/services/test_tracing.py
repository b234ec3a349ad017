"""Steps of a trace: told on, exported where wanted, free where not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from contracts.sms import InboundSms
from services.runtime import tracing
from services.runtime.handling import Handling
from services.runtime.process import Later, Never
from services.runtime.settings import Settings, SettingsRefused
from tests.facts import sms
from tests.services.test_handling import SECRET, Box, FakeDelivery

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)
    provider.shutdown()


def test_without_an_exporter_the_context_is_told_on_as_it_came() -> None:
    with tracing.Step("step", PARENT) as step:
        assert tracing.here() == PARENT
        assert tracing.sampled_here() is None
        assert not step.exported
    assert tracing.here() is None


def test_a_trace_that_nobody_records_begins_all_the_same() -> None:
    with tracing.Step("one"):
        first = tracing.here()
    with tracing.Step("two"):
        second = tracing.here()
    assert tracing.understood(first) == first
    assert first != second
    assert first is not None
    assert first.endswith("-00")


def test_a_step_is_a_span_under_its_parent(spans: InMemorySpanExporter) -> None:
    with tracing.Step("outer", PARENT), tracing.asking("carrier") as inner:
        inner.note({"parley.code": 0})
        assert tracing.sampled_here() == tracing.here()
    carrier, outer = spans.get_finished_spans()
    assert outer.context is not None
    assert f"{outer.context.trace_id:032x}" == PARENT.split("-")[1]
    assert outer.parent is not None
    assert f"{outer.parent.span_id:016x}" == PARENT.split("-")[2]
    assert carrier.parent is not None
    assert carrier.parent.span_id == outer.context.span_id
    assert dict(carrier.attributes or {}) == {"parley.code": 0}


@pytest.mark.parametrize("given", ["", "00-zz", "garbage", "01" + PARENT[2:], PARENT + "\n", None])
def test_what_is_no_context_begins_a_trace(given: str | None) -> None:
    assert tracing.understood(given) is None


def test_an_error_is_named_by_its_type_alone(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match=SECRET), tracing.Step("step"):
        raise ValueError(SECRET)
    [span] = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert SECRET not in span.to_json()
    assert not span.events


@pytest.mark.parametrize(
    ("raised", "outcome"), [(None, "done"), (Never("nobody knows it"), "dead")]
)
async def test_a_message_is_handled_as_a_step_of_its_trace(
    spans: InMemorySpanExporter, raised: Exception | None, outcome: str
) -> None:
    async def handle(_: object) -> None:
        if raised is not None:
            raise raised

    delivery = FakeDelivery(sms(1, SECRET).model_dump_json().encode())
    delivery.traceparent = PARENT
    await _handling(handle)(delivery)
    [span] = spans.get_finished_spans()
    assert span.name == "policy_gate"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == PARENT.split("-")[1]
    attributes = dict(span.attributes or {})
    assert attributes["parley.outcome"] == outcome
    assert attributes["messaging.destination.name"] == "sms.inbound"
    told = span.to_json()
    assert SECRET not in told
    assert sms(1, SECRET).sender not in told


async def test_a_message_that_waits_is_no_error(spans: InMemorySpanExporter) -> None:
    async def handle(_: object) -> None:
        raise Later(1.0, "the burst is not over", release=True)

    await _handling(handle)(FakeDelivery(sms(1, "x").model_dump_json().encode()))
    [span] = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.UNSET


def test_spans_are_written_to_a_folder(tmp_path: Path) -> None:
    settings = Settings(otlp_endpoint=f"file://{tmp_path}")
    with tracing.exporting("sender", settings), tracing.Step("sender"):
        pass
    assert '"sender"' in (tmp_path / "sender.jsonl").read_text()


@pytest.mark.parametrize("endpoint", ["file:///dev/null/nowhere", "http://127.0.0.1:4318"])
def test_spans_that_cannot_be_exported_refuse_to_start(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: Any = tracing.importlib.import_module  # type: ignore[attr-defined]

    def absent(name: str) -> Any:
        if name.startswith("opentelemetry.exporter"):
            raise ModuleNotFoundError(name)
        return found(name)

    monkeypatch.setattr("importlib.import_module", absent)
    with (
        pytest.raises(SettingsRefused, match="PARLEY_OTLP_ENDPOINT"),
        tracing.exporting("sender", Settings(otlp_endpoint=endpoint)),
    ):
        raise AssertionError("it started")


def _handling(handle: Any) -> Handling:
    return Handling("policy_gate", InboundSms.model_validate_json, handle, Box(), heartbeat_s=10.0)
