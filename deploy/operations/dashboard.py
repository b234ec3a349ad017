"""The dashboard for Grafana: what people meet, what waits, what it costs, how the parts do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_ACROSS = 24
_HIGH = 7
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, slots=True)
class Line:
    """One expression of PromQL with its legend."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: a number (`stat`) with the value from which it is red, or lines over time."""

    title: str
    lines: Sequence[Line]
    unit: str = "short"
    red: float | None = None

    @property
    def kind(self) -> str:
        """The kind of panel, as Grafana calls it."""
        return "timeseries" if self.red is None else "stat"


def _quantiles(metric: str, by: str = "") -> tuple[Line, ...]:
    group, named = (f"le, {by}", f" {{{{{by}}}}}") if by else ("le", "")
    return tuple(
        Line(
            f"histogram_quantile({share / 100}, sum by ({group}) (rate({metric}_bucket[5m])))",
            f"p{share}{named}",
        )
        for share in (50, 99)
    )


def _rate(metric: str, by: str) -> tuple[Line, ...]:
    return (Line(f"sum by ({by}) (rate({metric}[5m]))", f"{{{{{by}}}}}"),)


ROWS: dict[str, tuple[Panel, ...]] = {
    "Who waits for somebody": (
        Panel(
            "A critical case unseen for",
            (Line('max(parley_safety_case_unacknowledged_seconds{tier="critical"})'),),
            "s", 120,
        ),
        Panel("Open cases", (Line("sum(max by (tier) (parley_safety_cases_open))"),), red=1),
        Panel("Dead letters", (Line("max(parley_dead_letters_waiting)"),), red=1),
        Panel("Unknown outcomes", (Line("max(parley_unknown_outcomes)"),), red=1),
        Panel("Erasures left half-way", (Line("max(parley_erasures_unfinished)"),), red=1),
        Panel("Oldest shift that waits", (Line("max(parley_shift_oldest_seconds)"),), "s", 3_600),
    ),
    "What people meet": (
        Panel("From a text to its reply's request", _quantiles("parley_reply_seconds"), "s"),
        Panel("Gates that answered", _rate("parley_gate_answers_total", "gate"), "ops"),
        Panel("What became of texts", _rate("parley_text_outcomes_total", "outcome"), "ops"),
        Panel("Drafts by verdict", _rate("parley_drafts_total", "verdict"), "ops"),
        Panel("What was found in drafts", _rate("parley_flags_total", "flag"), "ops"),
        Panel("Failures by what follows", _rate("parley_text_failures_total", "follows"), "ops"),
    ),
    "What waits": (
        Panel(
            "The oldest unfinished step, by kind",
            (Line("max by (kind) (parley_due_oldest_seconds)", "{{kind}}"),), "s",
        ),
        Panel(
            "Not delivered yet, by durable",
            (Line("max by (stream, durable) (parley_queue_waiting)", "{{stream}} {{durable}}"),),
        ),
        Panel(
            "Being handled, by durable",
            (Line(
                "max by (stream, durable) (parley_queue_unacknowledged)", "{{stream}} {{durable}}"
            ),),
        ),
        Panel(
            "Facts behind",
            (
                Line("max(parley_relay_behind_facts)", "relay"),
                Line("max by (projection) (sms_projection_lag_events)", "{{projection}}"),
            ),
        ),
        Panel(
            "How full the streams are",
            (Line("max by (stream) (parley_stream_fullness)", "{{stream}}"),),
            "percentunit",
        ),
        Panel("From a fact to who acts", _quantiles("parley_waited_seconds", "process"), "s"),
        Panel("What a message takes", _quantiles("parley_handling_seconds", "process"), "s"),
    ),
    "The models and the money": (
        Panel("A draft takes", _quantiles("parley_model_seconds", "model"), "s"),
        Panel(
            "Tokens",
            (Line(
                "sum by (model, direction) (rate(parley_model_tokens_total[5m]))",
                "{{model}} {{direction}}",
            ),),
        ),
        Panel(
            "Turns without a draft, and stand-ins",
            (
                *_rate("parley_model_failures_total", "kind"),
                Line("sum(rate(parley_model_stand_ins_total[5m]))", "offline stood in"),
            ),
            "ops",
        ),
        Panel(
            "The models cost, dollars an hour",
            (Line(
                "sum by (model) (rate(parley_model_cost_microdollars_total[1h])) * 3600 / 1000000",
                "{{model}}",
            ),),
            "currencyUSD",
        ),
        Panel(
            "The month's money, dollars",
            (Line("max by (what) (parley_budget_microdollars) / 1000000", "{{what}}"),),
            "currencyUSD",
        ),
        Panel("Segments", _rate("parley_segments_total", "direction"), "ops"),
    ),
    "The parts": (
        Panel("Not ready", (Line("count(parley_ready == 0) or vector(0)"),), red=1),
        Panel("The carrier takes nothing", (Line("max(parley_carrier_away)"),), red=1),
        Panel(
            "Messages by outcome",
            (Line(
                "sum by (process, outcome) (rate(parley_handled_total[5m]))",
                "{{process}} {{outcome}}",
            ),),
            "ops",
        ),
        Panel(
            "Webhooks by status",
            (Line(
                "sum by (route, status) (rate(parley_webhooks_total[5m]))", "{{route}} {{status}}"
            ),),
            "ops",
        ),
        Panel(
            "Memory",
            (Line('process_resident_memory_bytes{job="parley"}', "{{service}} {{instance}}"),),
            "bytes",
        ),
        Panel(
            "CPU",
            (Line(
                'rate(process_cpu_seconds_total{job="parley"}[5m])', "{{service}} {{instance}}"
            ),),
        ),
    ),
}  # fmt: skip


def written() -> str:
    """Return the dashboard as Grafana imports it."""
    found: dict[str, Any] = {
        "title": "Parley",
        "uid": "parley",
        "tags": ["parley"],
        "schemaVersion": 39,
        "editable": True,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": _panels(),
    }
    return json.dumps(found, indent=1) + "\n"


def _panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    y = 0
    for title, panels in ROWS.items():
        place = {"x": 0, "y": y, "w": _ACROSS, "h": 1}
        found.append({"id": len(found) + 1, "type": "row", "title": title, "gridPos": place})
        y += 1
        width, x = _ACROSS // 3, 0
        for panel in panels:
            place = {"x": x, "y": y, "w": width, "h": _HIGH}
            found.append({"id": len(found) + 1, "gridPos": place, **_drawn(panel)})
            x += width
            if x == _ACROSS:
                x, y = 0, y + _HIGH
        y += _HIGH if x else 0
    return found


def _drawn(panel: Panel) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + number), "expr": line.expr, "legendFormat": line.legend}
        for number, line in enumerate(panel.lines)
    ]
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0}
    if panel.red is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.red}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    return {
        "type": panel.kind,
        "title": panel.title,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": targets,
    }
