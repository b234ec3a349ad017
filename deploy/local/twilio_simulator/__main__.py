"""The simulator by itself: `python -m deploy.local.twilio_simulator --help`."""

import argparse
import asyncio
from pathlib import Path

from deploy.local.twilio_simulator.account import INSTANT, Pace, SimulatorConfig
from deploy.local.twilio_simulator.app import serve


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="twilio_simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8300)
    parser.add_argument("--state", type=Path, required=True, help="folder that outlives the run")
    parser.add_argument("--inbound-url", required=True, help="where inbound texts are posted")
    parser.add_argument("--account-sid", default="AC" + "0" * 32)
    parser.add_argument("--auth-token", default="0" * 32)
    parser.add_argument("--number", action="append", help="a number of the account, E.164")
    parser.add_argument("--opt-out-owner", choices=("provider", "service"), default="provider")
    parser.add_argument("--instant", action="store_true", help="deliver and price at once")
    parser.add_argument("--carrier-delay-ms", type=int, default=0)
    given = parser.parse_args()
    config = SimulatorConfig(
        account_sid=given.account_sid,
        auth_token=given.auth_token,
        numbers=tuple(given.number or ["+14155550100"]),
        inbound_url=given.inbound_url,
        state_dir=given.state,
        clock_path=given.state / "clock",
        opt_out_owner=given.opt_out_owner,
        pace=INSTANT if given.instant else Pace(),
        carrier_delay_ms=given.carrier_delay_ms,
    )
    asyncio.run(serve(config, given.port))


if __name__ == "__main__":
    main()
