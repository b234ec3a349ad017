"""Places to turn to, by country: the only numbers and links that may be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from domain.turn.context import Resource

VERSION = "resources-1"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a country: for a crisis by voice and by text, emergencies, protection."""

    crisis: str
    emergency: str
    protection: str


# Sources: 988lifeline.org; crisistextline.org; 988.ca; samaritans.org; giveusashout.org;
# text50808.ie; lifeline.org.au; 1737.org.nz; gob.mx (Linea de la Vida); sanidad.gob.es (024);
# eldercare.acl.gov.
LINES: Mapping[str, Lines] = {
    "US": Lines("call or text 988", "911", "Adult Protective Services, by 1-800-677-1116"),
    "CA": Lines("call or text 988", "911", "your province's adult protection line, by 211"),
    "GB": Lines("call 116 123 (Samaritans) or text SHOUT to 85258", "999", "adult social care"),
    "IE": Lines("call 116 123 or text HELLO to 50808", "112", "HSE safeguarding"),
    "AU": Lines("call 13 11 14 (Lifeline)", "000", "1800 353 374 (elder abuse line)"),
    "NZ": Lines("call or text 1737", "111", "0800 32 668 65 (elder abuse line)"),
    "MX": Lines("call 800 911 2000 (Linea de la Vida)", "911", "the DIF of your state"),
    "ES": Lines("call 024", "112", "servicios sociales of your town"),
}
UNKNOWN = Lines(
    "find a line near you at findahelpline.com", "your local emergency number", "the police"
)

_CARE: Mapping[str, tuple[Resource, ...]] = {
    "US": (
        Resource("respite", "the Eldercare Locator", "1-800-677-1116"),
        Resource("benefits", "the Eldercare Locator", "1-800-677-1116"),
        Resource("transport", "the Eldercare Locator", "1-800-677-1116"),
        Resource("meals", "211, for meals near you", "211"),
        Resource("crisis", "the 988 lifeline", "988"),
    ),
    "CA": (
        Resource("respite", "211, for respite near you", "211"),
        Resource("meals", "211, for meals near you", "211"),
        Resource("crisis", "the 988 helpline", "988"),
    ),
    "GB": (
        Resource("respite", "the Carers UK helpline", "0808 808 7777"),
        Resource("benefits", "the Carers UK helpline", "0808 808 7777"),
        Resource("crisis", "Samaritans", "116 123"),
    ),
}


def lines_of(country: str | None) -> Lines:
    """Return a country's lines; for an unknown one never another country's numbers."""
    return LINES.get(country or "", UNKNOWN)


@lru_cache(maxsize=256)
def resources_for(country: str | None, domain: str) -> tuple[Resource, ...]:
    """Return what may be given to a person of a country."""
    del domain
    return _CARE.get(country or "", ())
