"""Alarms and dashboard ask for metrics and labels that the processes export, and link to help."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml
from prometheus_client import REGISTRY

from contracts.catalogue import CATALOGUE
from deploy.operations.__main__ import DEPLOY
from projections.catalogue import PROJECTIONS
from services.adapters import streams
from services.runtime.backlog_watch import _KINDS, _TIERS
from services.runtime.processes import PROCESSES

RULES = [DEPLOY / "prometheus" / name for name in ("alerts.yaml", "processes.yaml")]
CONFIGS = [DEPLOY / "prometheus" / name for name in ("prometheus.yaml", "machine.yaml")]
DASHBOARD = json.loads((DEPLOY / "grafana" / "parley.json").read_text())
RUNBOOK = (DEPLOY / "RUNBOOK.md").read_text()
# What Prometheus itself says of a target; `service` comes from the scrape configurations.
_OF_THE_TARGET = {"job", "instance", "service"}
_SAMPLES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
_DURABLES = streams.durables(30.0)
# What a label's values may be; of others none is named in an expression.
VALUES: dict[str, set[str]] = {
    "service": set(PROCESSES),
    "process": set(PROCESSES),
    "job": {"parley"},
    "stream": {durable.stream for durable in _DURABLES},
    "durable": {durable.name for durable in _DURABLES},
    "fact": {line.contract.name for line in CATALOGUE},
    "kind": set(_KINDS),
    "tier": set(_TIERS),
    "projection": {projection.name for projection in PROJECTIONS},
    "what": {"cap", "spent", "reserved", "beside"},
    "outcome": {
        "attempted",
        "taken",
        "failed",
        "duplicate",
        "dead",
        "done",
        "later",
        "refused",
        "too often",
    },
    "verdict": {"approved", "repair", "fallback"},
    "status": {"200", "403", "503"},
}


@cache
def exported() -> dict[str, set[str]]:
    """Return every metric that a process exports with its labels, as Prometheus stores it."""
    for module in (*PROCESSES.values(), "services.adapters.bus", "services.adapters.webhook"):
        import_module(module)
    found: dict[str, set[str]] = {"up": set()}
    for collector in list(REGISTRY._collector_to_names):  # no other way to all
        labels = set(getattr(collector, "_labelnames", ()))
        for family in collector.collect():
            for suffix in _SAMPLES.get(family.type, ("",)):
                own = {*labels, "le"} if suffix == "_bucket" else labels
                found[f"{family.name}{suffix}"] = own
    return found


class Unknown(Exception):
    """An expression asks for what nobody exports."""


def asked(expr: str) -> set[str]:
    """Return the metrics of an expression.  Raises `Unknown`, and `ValueError` for no PromQL."""
    found: set[str] = set()

    def visit(node: Any) -> bool:
        if isinstance(node, promql.VectorSelector):
            _known(node)
            found.add(node.name)
        return True

    tree = promql.parse(expr)
    promql.walk(tree, visit)
    for names in re.findall(r"\b(?:by|on|without)\s*\(([^)]*)\)", expr):
        wanted = {name.strip() for name in names.split(",")}
        known = set().union(*(exported()[name] for name in found), _OF_THE_TARGET)
        if not wanted <= known:
            raise Unknown(f"no label {wanted - known} in {expr}")
    return found


def _known(selector: Any) -> None:
    if selector.name not in exported():
        raise Unknown(f"nobody exports {selector.name}")
    for matcher in selector.matchers.matchers:
        if matcher.name not in exported()[selector.name] | _OF_THE_TARGET:
            raise Unknown(f"{selector.name} has no label {matcher.name}")
        for value in matcher.value.split("|"):
            if value not in VALUES[matcher.name]:
                raise Unknown(f"{matcher.name} is never {value}")


def alarms() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


ALARMS = list(alarms())
_BY_NAME = {alarm["alert"]: alarm for alarm in ALARMS}


@pytest.mark.parametrize("name", sorted(_BY_NAME))
def test_an_alarm_asks_for_what_is_exported(name: str) -> None:
    for alarm in (each for each in ALARMS if each["alert"] == name):
        assert asked(alarm["expr"])
        assert alarm["labels"]["severity"] in {"page", "ticket"}
        assert alarm["annotations"]["summary"]


@pytest.mark.parametrize(
    "expr",
    [
        "max(parley_dead_letters) > 0",
        'max(parley_due_oldest_seconds{sort="text"}) > 0',
        'max(parley_due_oldest_seconds{kind="txt"}) > 0',
        "max by (tier) (parley_dead_letters_waiting)",
        'sum(rate(parley_facts_total{fact="spending.exhausted.v1"}[5m]))',
    ],
)
def test_an_expression_about_nothing_is_found(expr: str) -> None:
    with pytest.raises(Unknown):
        asked(expr)


def test_an_alarm_sleeps_for_no_process() -> None:
    services = {
        found
        for alarm in ALARMS
        if alarm["alert"] == "ParleyProcessDown"
        for found in re.findall(r'service="(\w+)"', alarm["expr"])
    }
    assert services == set(PROCESSES)


def sections() -> dict[str, str]:
    """Return the sections of the runbook by the anchors that lead to them."""
    found = re.split(r"^#{2,4} (.+)$", RUNBOOK, flags=re.MULTILINE)
    anchors = (re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in found[1::2])
    return dict(zip(anchors, found[2::2], strict=True))


@pytest.mark.parametrize("name", sorted(_BY_NAME))
def test_an_alarm_leads_to_what_it_means_where_to_look_and_what_to_do(name: str) -> None:
    path, _, anchor = _BY_NAME[name]["annotations"]["runbook_url"].partition("#")
    assert path == "deploy/RUNBOOK.md"
    assert anchor == name.lower()
    section = sections()[anchor]
    for word in ("*Means.*", "*Look.*", "*Do.*"):
        assert word in section, word


def test_the_runbook_speaks_of_alarms_that_there_are() -> None:
    told = set(re.findall(r"^#+ (Parley\w+)$", RUNBOOK, re.MULTILINE))
    assert told == set(_BY_NAME)


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def test_a_panel_asks_for_what_is_exported() -> None:
    assert len(panels()) > 20
    for panel in panels():
        for target in panel["targets"]:
            metrics = asked(target["expr"])
            labels = set().union(*(exported()[name] for name in metrics), _OF_THE_TARGET)
            legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert legend <= labels, panel["title"]


def test_the_dashboard_is_one_that_grafana_imports() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource"
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert [target["refId"] for target in panel["targets"]] == sorted(
            {target["refId"] for target in panel["targets"]}
        )


def test_everything_that_is_measured_is_watched_or_shown() -> None:
    """A gauge of what waits that no alarm and no panel reads is forgotten by everybody."""
    used = set().union(*(asked(alarm["expr"]) for alarm in ALARMS))
    used |= {
        name for panel in panels() for line in panel["targets"] for name in asked(line["expr"])
    }
    gauges = {
        name
        for name in exported()
        if name.startswith(("parley_", "sms_"))
        and not name.endswith(("_sum", "_count", "_created"))
    }
    assert gauges - used == {
        "parley_due", "parley_shifts_waiting", "parley_safety_cases_opened_total",
        "parley_texts_requested_total", "parley_webhooks_signed_total",
        "sms_found_by_listing_total",
    }  # fmt: skip


def test_every_process_is_asked() -> None:
    machine = yaml.safe_load(CONFIGS[1].read_text())["scrape_configs"][0]
    asked_of = {each["labels"]["service"]: each["targets"] for each in machine["static_configs"]}
    assert asked_of == {name: [f"{name}:9100"] for name in PROCESSES}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_rules_that_are_named_are_there(path: Path) -> None:
    assert yaml.safe_load(path.read_text())["rule_files"] == [rule.name for rule in RULES]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool here")
@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_prometheus_takes_the_rules(path: Path) -> None:
    done = subprocess.run(
        ["promtool", "check", "rules", str(path)], capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool here")
def test_the_alarms_wake_whom_they_should() -> None:
    stories = Path(__file__).with_name("alarms.yaml")
    done = subprocess.run(
        ["promtool", "test", "rules", str(stories)], capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
