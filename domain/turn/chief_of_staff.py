"""The brief: from the labels, what matters in this turn, and the one next step."""

from collections.abc import Mapping

from contracts.labels import Brief, Labels
from domain.person.remembering import screened
from domain.person.state import Person
from domain.turn.asking import LEFT_OUT, room_for
from domain.turn.benefits import QUESTIONS, next_fact, screen
from domain.turn.missing import ASKED, still
from domain.turn.reading import Reading

VERSION = "brief-3"

_NEEDS: dict[str, tuple[str, str]] = {
    "safety": (
        "Safety first: keep to what they said, name the line of their country, ask if they are "
        "safe now.",
        "To be safe, and not alone with it.",
    ),
    "medical_urgent": (
        "The emergency number first, before any question; no diagnosis, and do not back down.",
        "Medical help at once.",
    ),
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
# What a turn about a topic is likely to state; every key is one that the model may write.
CAPTURE: Mapping[str, tuple[str, ...]] = {
    "medical_urgent": ("care:conditions",),
    "medication": ("care:meds_mentioned", "care:clinicians"),
    "symptom_question": ("care:conditions", "care:mobility"),
    "benefits": ("eligibility:state", "eligibility:household_size", "eligibility:insurance"),
    "legal_planning": ("care:relationship", "care:open_loop"),
    "respite": ("care:recipient", "care:what_tried", "profile:zip_code"),
    "care_logistics": ("care:routines", "care:appointments"),
    "family_conflict": ("profile:support_people", "care:stressors"),
    "grief_end_of_life": ("care:situation",),
    "isolation_support": ("profile:support_people", "profile:preferences"),
    "emotional_support": ("care:stressors", "assessment:stress", "care:what_helps"),
    "account_or_identity": ("profile:preferred_name",),
    "smalltalk": ("care:recipient", "profile:first_name"),
}
# What is remembered that a topic is helped by, beside what every turn may use.
USE: Mapping[str, tuple[str, ...]] = {
    "safety": ("profile:support_people", "care:recipient", "care:living_situation"),
    "medical_urgent": ("care:recipient", "care:conditions", "care:meds_mentioned"),
    "medication": ("care:meds_mentioned", "care:conditions", "care:clinicians"),
    "symptom_question": ("care:conditions", "care:recipient_age", "care:clinicians"),
    "benefits": ("profile:state", "care:recipient_age", "care:recipient", "care:conditions"),
    "legal_planning": ("care:relationship", "care:conditions", "profile:state"),
    "respite": ("care:what_tried", "profile:support_people", "profile:zip_code"),
    "care_logistics": ("care:routines", "care:appointments", "care:open_loop", "care:mobility"),
    "family_conflict": ("profile:support_people", "care:stressors"),
    "grief_end_of_life": ("care:recipient_name", "care:relationship", "care:situation"),
    "isolation_support": ("profile:support_people", "profile:preferences", "profile:city"),
    "emotional_support": ("care:stressors", "care:what_helps", "assessment:stress"),
}
_ALWAYS = ("profile:preferred_name", "profile:first_name", "care:recipient", "care:open_loop")
_USED_AT_MOST = 8


def brief(labels: Labels, person: Person, reading: Reading) -> Brief:
    """Return the brief of a turn."""
    del reading
    priority, need = _NEEDS.get(labels.domain, _NEEDS["smalltalk"])
    if labels.risk in ("elevated", "high", "critical"):
        priority = f"They are close to their limit: connect first. {priority}"
    wanted = dict.fromkeys((*_ALWAYS, *USE.get(labels.domain, ())))
    used = tuple(key for key in wanted if key in person.memory)
    unknown = still(labels.missing, person.memory, person.country)
    question = room_for(person, labels)
    next_step = LEFT_OUT if question is not None else _asks(labels, person, unknown)
    asks = {} if next_step is None else {"next_step": next_step}
    return Brief(
        brief_id=f"{VERSION}:{labels.domain}",
        priority=priority,
        need=need,
        recipient_risk="Ask who is with them now." if labels.urgency == "now" else None,
        memory_to_use=used[:_USED_AT_MOST],
        memory_to_capture=CAPTURE.get(labels.domain, ()),
        unknown=unknown,
        **asks,
    )


def _asks(labels: Labels, person: Person, unknown: tuple[str, ...]) -> str | None:
    """Return the one thing to ask, if anything is asked: what is missing most."""
    if labels.domain == "benefits":
        fact = next_fact(screen(person.country, screened(person.memory)))
        if fact is not None:
            return f"If you ask anything, ask only {QUESTIONS[fact]}."
    if not unknown:
        return None
    return f"Offer exactly one next step. If you ask first, ask only {ASKED[unknown[0]]}."
