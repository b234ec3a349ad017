"""Words that close a conversation, and polite ones after which silence closes it."""

import re

from domain.turn.words import collapsed

# END, CANCEL and QUIT are not among them: they take consent back (47 CFR 64.1200(a)(10)).
CLOSING_WORDS: frozenset[str] = frozenset(
    {
        "done", "all done", "i'm done for now", "finished", "that's all", "thats all",
        "that is all", "that's it", "thats it", "that will be all", "that'll be all", "all set",
        "i'm all set", "nothing else", "nothing more", "bye", "bye bye", "goodbye", "good bye",
        "see you", "see you later", "talk later", "talk to you later", "ttyl",
        "adios", "chao", "hasta luego", "hasta pronto", "nos vemos", "eso es todo", "es todo",
        "nada mas", "listo", "ya termine",
    }
)  # fmt: skip
SOFT_WORDS: frozenset[str] = frozenset(
    {
        "thanks", "thank you", "thx", "ty", "tysm", "thanks a lot", "thank you so much",
        "thank you very much", "thanks so much", "many thanks", "much appreciated",
        "appreciate it", "i appreciate it", "thanks for your help", "thank you for your help",
        "thanks for the help", "gracias", "muchas gracias", "mil gracias",
        "gracias por su ayuda", "gracias por tu ayuda", "gracias por la ayuda",
    }
)  # fmt: skip

_THANKS = r"(?:thanks|thank you|thx|ty|gracias|muchas gracias)"
_BEFORE = re.compile(
    rf"^(?:{_THANKS}|ok|okay|okey|great|perfect|cool|good|no|nope|well|alright|all right|got it|"
    r"and|y|bueno|vale|perfecto|pues)\s+"
)
_AFTER = re.compile(
    rf"\s+(?:{_THANKS}|so much|very much|again|then|for now|for today|for tonight|now|everyone|"
    r"por ahora|por hoy|entonces)$"
)


def is_closing(text: str) -> bool:
    """
    Return whether the whole message closes the conversation, courtesies around it or not.

    Words may follow each other: "that's all, bye".
    """
    words = collapsed(text).split()
    cuts = (" ".join(words[:cut]) for cut in range(1, len(words)))
    return _is(text, CLOSING_WORDS) or any(
        _is(first, CLOSING_WORDS) and _is(" ".join(words[len(first.split()) :]), CLOSING_WORDS)
        for first in cuts
    )


def is_soft(text: str) -> bool:
    """Return whether the whole message is a word of thanks and no more."""
    return _is(text, SOFT_WORDS)


def _is(text: str, words: frozenset[str]) -> bool:
    said = collapsed(text)
    while said not in words:
        shorter = _AFTER.sub("", _BEFORE.sub("", said))
        if shorter == said:
            return False
        said = shorter
    return True
