"""What a person in danger is told, in fixed words: connect first, then one place, one question."""

from domain.turn.reading import Danger
from domain.turn.resources import lines_of

VERSION = "crisis-replies-1"

_SELF = (
    "What you just wrote matters, and I'm taking it seriously. Please {crisis} now: a person "
    "answers, day and night. If you might act on it, call {emergency}. Are you safe this minute?",
    "I'm still with what you said; it hasn't gone away because the words changed. {Crisis}. "
    "In danger right now: {emergency}. Is anyone there with you?",
    "Let's keep you safe for the next hour first. {Crisis}, or {emergency} if you could act on it. "
    "Could you move away from whatever you might use?",
)
_REPLIES: dict[str, tuple[str, ...]] = {
    "self": _SELF,
    "means": (
        "I won't help with that, because I'd rather you were here tomorrow. It sounds like "
        "something has become unbearable. Please {crisis} now, or {emergency} if you might act. "
        "Are you thinking of killing yourself?",
        *_SELF[1:],
    ),
    "passive": (
        "Not wanting to go on like this is a heavy thing to carry, and I'm glad you said it. Are "
        "you thinking of hurting yourself? Whatever the answer, you can {crisis}, any hour.",
        "I hear how worn down you are, and I don't want to step over what you said. {Crisis} when "
        "it gets close. Is tonight worse than other nights?",
        "That wish still counts, also when it's quiet. {Crisis}, or {emergency} in danger. What "
        "has kept you going so far today?",
    ),
    "other_harm": (
        "It took courage to say that before it happens. Please step into another room now and let "
        "some minutes pass. If anyone is in danger: {emergency}. To talk right now: {crisis}. Are "
        "you both apart and safe?",
        "Keep the distance between you for now. {emergency} if it could happen; {crisis} to talk. "
        "Who could come over?",
    ),
    "third_party": (
        "That is frightening to hear from someone you love. Stay with them if it's safe, and call "
        "{emergency} if they may act now; you can {crisis} for them, too. Are they alone?",
        "Don't carry this by yourself: {crisis}, or {emergency} if they may act now. Where are "
        "they at this moment?",
    ),
    "medical": (
        "Call {emergency} now and tell them exactly that. Stay by them and do what the operator "
        "says. I'm only a text line and can't send help.",
        "Please call {emergency} first, before you text again.",
    ),
    "abuse": (
        "Nobody should be hurt like that, and it isn't your fault. If there is danger now, get "
        "away and call {emergency}. Report it to {protection}. Are you somewhere safe?",
        "What happens there should be reported: {protection}, or {emergency} in danger. Is the "
        "person near you now?",
    ),
    "exploitation": (
        "That sounds like someone taking advantage. Please report it to {protection}, and call the "
        "bank today. Is anything being taken right now?",
    ),
    "aggression": (
        "You need to be safe as well. Leave the room and call {emergency} if it goes on. Is there a "
        "door between you now?",
    ),
    "escape": (
        "Wanting to walk out tells me how far past empty you are. Before anything else: is the one "
        "you care for safe for the next hour? Who could come and sit there while you breathe?",
        "You may need to step out, and that can be done safely. Who is the first person you could "
        "call to take over for an hour?",
    ),
    "unsafe_now": (
        "You told me it isn't safe right now. Is the one you care for safe this minute? One step: "
        "ask one person to come over; if there is danger, call {emergency}.",
    ),
    "alone": (
        "No one to turn to is a hard place to be, and I'm a program, so I don't count as company. "
        "Is there one person, even from long ago, you could text a hello to today?",
        "Being this cut off wears anyone down. If you'd like a human voice tonight, you can "
        "{crisis}. Who did you last enjoy talking to?",
    ),
}
_SPANISH = (
    "Lo que escribes importa y lo tomo en serio. Por favor {crisis}. En peligro ahora: "
    "{emergency}. Estas a salvo en este momento?",
    "Sigo aqui con lo que dijiste. {Crisis}. En peligro: {emergency}. Hay alguien contigo?",
)


def crisis_reply(
    danger: Danger, country: str | None, *, again: int = 0, spanish: bool = False
) -> str:
    """Return the reply; `again` is how many such answers this conversation has had."""
    phrases = _REPLIES.get(danger.kind, _SELF)
    if spanish and danger.safety in ("crisis", "passive_death") and danger.kind != "medical":
        phrases = _SPANISH
    lines = lines_of(country)
    crisis = lines.crisis
    return phrases[again % len(phrases)].format(
        crisis=crisis,
        Crisis=f"You can {crisis}",
        emergency=lines.emergency,
        protection=lines.protection,
    )


def crisis_line(country: str | None) -> str:
    """Return the short form that an opt-out confirmation carries."""
    lines = lines_of(country)
    return f"If you might hurt yourself, please {lines.crisis} now, or call {lines.emergency}."
