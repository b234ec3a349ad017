"""The brief: from the labels, what matters in this turn, and the one next step."""

from contracts.labels import Brief, Labels
from domain.person.state import Person
from domain.turn.reading import Reading

VERSION = "brief-1"

_NEEDS: dict[str, tuple[str, str]] = {
    "medication": ("Route to who prescribes; say nothing about doses.", "Safety with a medicine."),
    "benefits": ("Say what may fit and whom to check it with.", "Money or help they may get."),
    "legal_planning": ("Name who can advise; nothing certain.", "Order in papers and rights."),
    "grief_end_of_life": ("Stay with the grief; no advice first.", "Room for what is ending."),
    "respite": ("One way to get hours off.", "Rest."),
    "care_logistics": ("One practical thing to settle.", "Things to be arranged."),
    "family_conflict": ("See their side; one sentence they could say.", "Help from family."),
    "symptom_question": ("Who to ask, and how soon; no diagnosis.", "To know how serious it is."),
    "isolation_support": ("One human to reach.", "Company."),
    "emotional_support": ("Name the feeling before anything else.", "To be heard."),
    "account_or_identity": ("Answer plainly who and what this is.", "To know whom they text."),
    "smalltalk": ("Answer shortly; ask what is going on.", "Contact."),
}
_CAPTURE: dict[str, tuple[str, ...]] = {
    "medication": ("care:meds_mentioned",),
    "symptom_question": ("care:condition",),
    "respite": ("care:recipient",),
    "care_logistics": ("care:routines",),
}


def brief(labels: Labels, person: Person, reading: Reading) -> Brief:
    """Return the brief of a turn."""
    del reading
    priority, need = _NEEDS.get(labels.domain, _NEEDS["smalltalk"])
    if labels.risk in ("elevated", "high", "critical"):
        priority = f"They are close to their limit: connect first. {priority}"
    used = tuple(sorted(key for key in person.memory if key.startswith(("profile:", "care:"))))
    return Brief(
        brief_id=f"{VERSION}:{labels.domain}",
        priority=priority,
        need=need,
        recipient_risk="Ask who is with them now." if labels.urgency == "now" else None,
        memory_to_use=used[:8],
        memory_to_capture=_CAPTURE.get(labels.domain, ()),
    )
