"""No number, no word and no secret of anybody is in a log, a metric or a subject."""

from tests.journeys.system import System

CANARY = "Zanzibar-marmalade"


def test_logs_and_metrics_hold_nothing_personal(system: System, phone: str) -> None:
    system.text(phone, f"My neighbour {CANARY} asks how do I get a break?")
    system.answered(phone)
    system.text(phone, "I want to kill myself " + CANARY)
    system.answered(phone, 2)
    system.quiet()

    logged = "".join(file.read_text() for file in (system.state / "logs").glob("*.log*"))
    logged += system.log.read_text().replace("+1415555010", "")  # the numbers to try with
    health = (system.state / "health.json").read_text()
    secrets = [file.read_text().strip() for file in (system.state / "secrets").iterdir()]

    assert len(logged) > 2_000
    assert CANARY not in logged
    assert phone not in logged
    assert phone.removeprefix("+1") not in logged
    assert not [secret for secret in secrets if len(secret) >= 16 and secret in logged]
    assert "http" in health
    for line in system.query("SELECT originator_id FROM stored_events"):
        assert phone.removeprefix("+") not in line[0]
    stored = system.query("SELECT convert_from(state, 'UTF8') FROM stored_events")
    assert not [row for (row,) in stored if CANARY in row or phone in row]
