"""The alarms that follow from the list of processes: one for each that nobody could reach."""

from services.runtime.processes import PROCESSES

_HEAD = """\
# Written by `python -m deploy.operations`: change the code instead.

groups:
  - name: parley-processes
    rules:
"""
_RULE = """\
      - alert: ParleyProcessDown
        expr: absent(up{{job="parley", service="{name}"}} == 1)
        for: 2m
        labels: {{ severity: page, service: {name} }}
        annotations:
          summary: No {name} answers.
          runbook_url: deploy/RUNBOOK.md#parleyprocessdown
"""


def written() -> str:
    """Return the rules of Prometheus."""
    return _HEAD + "".join(_RULE.format(name=name) for name in PROCESSES)
