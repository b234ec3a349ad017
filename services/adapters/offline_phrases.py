"""
What the offline model can say, as data: by kind, a few wordings each, in two languages.

Every wording is true whatever the person wrote: it claims no knowledge, no feeling, no deed and
no promise that is not a proposal beside it.  Spanish avoids the accents that SMS's own alphabet
lacks, because one of them halves the length of a segment.
"""

from collections.abc import Mapping

Phrases = Mapping[str, tuple[str, ...]]

ENGLISH: Phrases = {
    "greeting": (
        "Hello. What's going on today?",
        "Hi. What would help most right now?",
    ),
    "closing": (
        "All right, I'll leave it here. You can write whenever you want to.",
        "Okay, we'll leave it at that. You can write whenever you want to.",
    ),
    "thanks": (
        "Glad that was of use. Is there anything else on your mind?",
        "You're welcome. What's the next thing you're facing?",
    ),
    "identity": (
        "I'm an automated assistant, not a person. What would you like to sort out?",
        "This is an automated assistant; no person is typing. What's on your mind?",
    ),
    "distress": (
        "That sounds like a lot to carry. Which part weighs the most right now?",
        "No wonder you're worn out. What would make the next hour a bit easier?",
        "That sounds really hard. What happened today that made it so?",
    ),
    "hurt": ("Nobody should do that to you. Are you safe where you are right now?",),
    "distress_lead": ("That sounds like a lot to carry.", "No wonder you're worn out."),
    "resource": (
        "One place that may help with that is {name}: {contact}.",
        "A place that might help with that is {name}: {contact}.",
    ),
    "no_resource": (
        "I don't have a place for that on my list, and I won't guess one. What have you tried "
        "so far?",
        "I can't look that up, and a guess could cost you time. Whom have you asked so far?",
    ),
    "question": (
        "I don't have an answer to {quote} that I could stand behind, so I won't guess. Whom "
        "have you asked so far?",
        "I can't look that up, and a guess could do harm: {quote}. What matters most about it "
        "to you?",
    ),
    "question_plain": (
        "I don't have an answer that I could stand behind, so I won't guess. Whom have you "
        "asked so far?",
        "I can't look that up, and a guess could do harm. What matters most about it to you?",
    ),
    "reminder": ("Okay: in about {hours} hours I'll remind you: {purpose}.",),
    "name": ("Good to know you, {name}. What's going on today?",),
    "condition": (
        "I've noted that your {who} has {condition}. What's the hardest part right now?",
        "I've noted that your {who} has {condition}. What's the next thing you're facing?",
    ),
    "recipient": ("I've noted that you care for your {who}. What's the hardest part right now?",),
    "timezone": ("I've noted that you're on {zone} time. What would you like to sort out?",),
    "assent": ("Okay. What would you like to start with?",),
    "refusal": ("All right, we'll leave that. What would be of more use?",),
    "other": (
        "You wrote {quote}. What would be the most useful thing to sort out first?",
        "I've read {quote}. Which part of that should we look at first?",
    ),
    "other_plain": (
        "I've read that. What would be the most useful thing to sort out first?",
        "I've read all of it. Which part should we look at first?",
    ),
    "both": ("I've read both: {quotes}.",),
    "several": ("I've read all {count}: {quotes}.",),
    "both_plain": ("I've read both of your texts.",),
    "many": ("I've read all {count} of your texts.",),
    "which_first": ("Which one should we start with?", "What should we look at first?"),
    "redraft": (
        "I've read what you wrote. What would be the most useful thing to sort out first?",
        "I've read that. Where would you like to start?",
    ),
    "reminding": ("You asked me to come back to this: {need}. How does it stand?",),
    "asking": ("How are things going today?",),
    "checking": ("After what you wrote earlier I want to ask once more: are you safe right now?",),
}

SPANISH: Phrases = {
    "greeting": ("Hola. ¿Qué necesitas hoy?",),
    "closing": ("De acuerdo, lo dejamos por ahora. Escribe cuando quieras.",),
    "thanks": ("De nada. ¿Qué otra cosa te preocupa?",),
    "identity": ("Soy un asistente automatizado, no una persona. ¿Qué necesitas hoy?",),
    "distress": ("Eso suena muy duro. ¿Qué parte te pesa en este momento?",),
    "hurt": ("Nadie debe hacerte eso. ¿Te sientes a salvo en este momento?",),
    "distress_lead": ("Eso suena muy duro.",),
    "resource": ("Un lugar que tal vez pueda ayudar con eso: {name}, {contact}.",),
    "no_resource": (
        "No tengo un lugar para eso en mi lista y prefiero no adivinar. ¿Qué has intentado?",
    ),
    "question": ("No lo sé con certeza y prefiero no adivinar. ¿A quién le has preguntado?",),
    "question_plain": (
        "No lo sé con certeza y prefiero no adivinar. ¿A quién le has preguntado?",
    ),
    "reminder": ("De acuerdo: en unas {hours} horas te lo recuerdo: {purpose}.",),
    "name": ("Mucho gusto, {name}. ¿Qué necesitas hoy?",),
    "condition": ("He anotado: {condition}, {who}. ¿Qué es lo que te pesa en este momento?",),
    "recipient": ("He anotado que cuidas a tu {who}. ¿Qué te pesa en este momento?",),
    "timezone": ("He anotado tu hora: {zone}. ¿Qué necesitas hoy?",),
    "assent": ("De acuerdo. ¿Qué te urge primero?",),
    "refusal": ("De acuerdo, lo dejamos. ¿Qué te sirve de otra manera?",),
    "other": ("Entendido: {quote}. ¿Qué te urge resolver primero?",),
    "other_plain": ("Entendido. ¿Qué te urge resolver primero?",),
    "both": ("Acabo de leer los dos mensajes: {quotes}.",),
    "several": ("Acabo de leer los {count} mensajes: {quotes}.",),
    "both_plain": ("Acabo de leer los dos mensajes.",),
    "many": ("Acabo de leer los {count} mensajes.",),
    "which_first": ("¿Con qué empezamos?",),
    "redraft": ("Acabo de leer tu mensaje. ¿Qué te urge resolver primero?",),
    "reminding": ("Me pediste volver a esto: {need}. ¿Qué ha pasado desde entonces?",),
    "asking": ("¿Qué tal va todo hoy?",),
    "checking": ("Por lo que escribiste antes pregunto otra vez: ¿estás a salvo ahora?",),
}
