"""`python -m deploy.operations`: write the configurations that follow from the code."""

import sys
from pathlib import Path

from deploy.operations import alarms, dashboard, manifests, nats_users

DEPLOY = Path(__file__).resolve().parents[1]


def files() -> dict[Path, str]:
    """Return what is written, by file."""
    found = {
        DEPLOY / "nats" / "users.conf": nats_users.written(),
        DEPLOY / "prometheus" / "processes.yaml": alarms.written(),
        DEPLOY / "grafana" / "parley.json": dashboard.written(),
    }
    for name, text in manifests.manifests().items():
        found[DEPLOY / "kubernetes" / name] = text
    return found


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(DEPLOY.parent)}\n")
