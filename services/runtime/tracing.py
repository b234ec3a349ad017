"""
One trace from a text to the report of its delivery.

The W3C trace context travels in any case: in the headers of `sms.inbound` and `sms.status`, in
the envelope of each fact, in its announcement.  Spans cost nothing until `exporting` finds
somebody to export them to.  They name steps, subjects, streams and outcomes: no person's words, no
number.
"""

import contextlib
import importlib
import os
import re
from collections.abc import Generator, Mapping
from contextvars import ContextVar, Token
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO
from urllib.parse import urlsplit
from urllib.request import url2pathname

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    TracerProvider,
)

from services.runtime.settings import Settings, SettingsRefused

__all__ = [
    "HEADER",
    "SpanKind",
    "Step",
    "asking",
    "exporting",
    "here",
    "sampled_here",
    "understood",
    "use",
]

HEADER = "traceparent"
"""The header that carries the trace context on the bus."""
Value = str | int | float | bool

_SHAPE = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NO_SDK = (
    "PARLEY_OTLP_ENDPOINT is set, but the OpenTelemetry SDK or its exporter is"
    " not installed: install Parley with its extra `otel`."
)

_here: ContextVar[str | None] = ContextVar("traceparent", default=None)


class _Tracing:
    """Where spans go to; nowhere until somebody says so."""

    tracer: Tracer | None = None


def here() -> str | None:
    """Return the trace context of the step that runs now, as a `traceparent`."""
    return _here.get()


def sampled_here() -> str | None:
    """Return the trace context of the step that runs now, if spans of it are exported."""
    found = _here.get() if _Tracing.tracer is not None else None
    # The last bit of the flags says so; others say other things.
    return found if found is not None and int(found[-2:], 16) & TraceFlags.SAMPLED else None


def understood(given: str | None) -> str | None:
    """Return a `traceparent` from outside, or None for what is none."""
    return given if given is not None and _SHAPE.fullmatch(given) else None


class Step:
    """
    One step of a trace, as a context manager; a span where spans are exported.

    It continues `parent`, or begins a trace if that is None.  `note` adds attributes, `failed`
    says that it did not go well.
    """

    __slots__ = ("_active", "_kind", "_name", "_parent", "_span", "_started_ns", "_token")

    def __init__(
        self,
        name: str,
        parent: str | None = None,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        started_ns: int | None = None,
    ) -> None:
        self._name, self._parent, self._kind = name, parent, kind
        self._started_ns = started_ns
        self._span: Span | None = None
        self._active: Any = None
        self._token: Token[str | None] | None = None

    def __enter__(self) -> Self:
        tracer = _Tracing.tracer
        if tracer is None:
            self._token = _here.set(self._parent or _begun())
            return self
        self._span = tracer.start_span(
            self._name, _context(self._parent), self._kind, start_time=self._started_ns
        )
        self._active = trace.use_span(self._span, end_on_exit=True, record_exception=False)
        self._active.__enter__()
        self._token = _here.set(_written(self._span.get_span_context()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _here.reset(self._token)
        if self._span is None:
            return
        if error is not None:
            # The message may hold what somebody wrote; the type says enough here.
            self.failed(type(error).__name__)
        self._active.__exit__(None, None, None)

    def note(self, attributes: Mapping[str, Value]) -> None:
        """Add attributes: names of things and counts, never what a person wrote."""
        if self._span is not None:
            self._span.set_attributes(attributes)

    def failed(self, why: str) -> None:
        """Mark the step as failed."""
        if self._span is not None:
            self._span.set_status(Status(StatusCode.ERROR, why))

    @property
    def exported(self) -> bool:
        """Whether anybody will see what is noted."""
        return self._span is not None and self._span.is_recording()


def asking(name: str) -> Step:
    """Return the step of asking somebody outside, within the step that runs now."""
    return Step(name, _here.get(), kind=SpanKind.CLIENT)


def use(provider: TracerProvider | None) -> None:
    """Make spans with a provider from here on, or none."""
    _Tracing.tracer = None if provider is None else provider.get_tracer("parley")


@contextlib.contextmanager
def exporting(process: str, settings: Settings) -> Generator[None]:
    """
    Export spans while the process runs, and the last of them at its end.

    OTLP_ENDPOINT is the base address of a collector or, as `file:///folder`, a folder in which
    each process writes a line a span.  To be entered behind any fork.  Raises `SettingsRefused`.
    """
    if not settings.otlp_endpoint:
        yield
        return
    with contextlib.ExitStack() as stack:
        provider = _provider(process, settings, stack)
        use(provider)
        try:
            yield
        finally:
            use(None)
            provider.shutdown()


def _provider(process: str, settings: Settings, stack: contextlib.ExitStack) -> Any:
    try:
        sdk = importlib.import_module("opentelemetry.sdk.trace")
        sampling = importlib.import_module("opentelemetry.sdk.trace.sampling")
        resources = importlib.import_module("opentelemetry.sdk.resources")
        export = importlib.import_module("opentelemetry.sdk.trace.export")
    except ModuleNotFoundError:
        raise SettingsRefused([_NO_SDK]) from None
    provider = sdk.TracerProvider(
        resource=resources.Resource.create(
            {"service.name": process, "service.namespace": "parley"}
        ),
        sampler=sampling.ParentBased(sampling.TraceIdRatioBased(settings.trace_ratio)),
        # We end by ourselves, and an `atexit` of a fork is its parent's.
        shutdown_on_exit=False,
    )
    exporter = _exporter(process, settings, export, stack)
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    return provider


def _exporter(process: str, settings: Settings, export: Any, stack: contextlib.ExitStack) -> Any:
    where = urlsplit(settings.otlp_endpoint)
    if where.scheme == "file":
        return export.ConsoleSpanExporter(
            out=stack.enter_context(_file(Path(url2pathname(where.path)) / f"{process}.jsonl")),
            formatter=lambda span: f"{span.to_json(indent=None)}\n",
        )
    try:
        otlp = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ModuleNotFoundError:
        raise SettingsRefused([_NO_SDK]) from None
    return otlp.OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint}/v1/traces")


def _file(path: Path) -> TextIO:
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise SettingsRefused(
            [f"PARLEY_OTLP_ENDPOINT names a folder that cannot be written to: {error.strerror}."]
        ) from None


def _begun() -> str:
    """Return a new trace that nobody records, so that its steps can be told from others'."""
    drawn = os.urandom(24).hex()
    return f"00-{drawn[:32]}-{drawn[32:]}-00"


def _written(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def _context(parent: str | None) -> Context:
    found = _SHAPE.fullmatch(parent) if parent else None
    if found is None:
        return Context()
    context = SpanContext(
        int(found[1], 16), int(found[2], 16), is_remote=True,
        trace_flags=TraceFlags(int(found[3], 16)),
    )  # fmt: skip
    return trace.set_span_in_context(NonRecordingSpan(context), Context())
