"""
Twilio on this machine: the same routes, signatures, callbacks and errors, and phones to text on.

| route | what |
|---|---|
| `/2010-04-01/Accounts/{sid}/Messages…` | Twilio's REST API for messages; any Twilio client |
| `POST /phones/{number}/texts` | a person texts: `{"body": "…", "sid"?, "media"?, "to"?}` |
| `GET /phones/{number}/texts`, `GET /phones` | a phone's thread; the phones |
| `GET /phones/events` | changes as server-sent events |
| `PUT /faults`, `GET /faults` | what shall go wrong next (see `faults`) |
| `PUT /clock`, `GET /clock` | wind the clock of the whole deployment: `{"advance_s": 3600}` |
| `GET /log` | webhooks, callbacks and faults as JSON lines |
| `GET /phone` | phones in a web page |
"""

from deploy.local.twilio_simulator.account import INSTANT, Pace, SimulatorConfig
from deploy.local.twilio_simulator.app import build, running, serve

__all__ = ["INSTANT", "Pace", "SimulatorConfig", "build", "running", "serve"]
