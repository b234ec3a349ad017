"""Thumb spelling and its plain form: rules are written for the plain form only."""

import re
from dataclasses import dataclass

_NOT = (
    "dont cant wont didnt doesnt isnt wasnt wouldnt couldnt shouldnt havent hasnt hadnt arent "
    "werent aint"
)

SPELLINGS: dict[str, str] = {
    **{word: f"{word[:-1]}'t" for word in _NOT.split()},
    "im": "i'm", "ive": "i've", "id": "i'd", "ill": "i'll", "iam": "i'm", "i'ma": "i'm going to",
    "ima": "i'm going to", "imma": "i'm going to", "shes": "she's", "hes": "he's",
    "theyre": "they're", "theyd": "they'd", "theyll": "they'll", "thats": "that's",
    "whats": "what's", "theres": "there's", "its": "it's", "youre": "you're", "ur": "your",
    "u": "you", "r": "are", "n": "and", "nd": "and", "cannot": "can't",
    "wanna": "want to", "wana": "want to", "wnna": "want to", "wanta": "want to",
    "wannna": "want to", "gonna": "going to", "gunna": "going to", "gona": "going to",
    "gon": "going to", "finna": "going to", "bouta": "about to", "gotta": "got to",
    "tonite": "tonight", "2nite": "tonight", "2night": "tonight", "2nght": "tonight",
    "tmrw": "tomorrow", "tmr": "tomorrow", "tmw": "tomorrow", "2morrow": "tomorrow",
    "tomorow": "tomorrow", "tommorow": "tomorrow", "tomorro": "tomorrow", "rn": "right now",
    "wo": "without", "w/o": "without", "anymor": "anymore", "nemore": "anymore",
    "kms": "kill myself", "unalive": "kill", "unaliving": "killing", "mysel": "myself",
    "myslf": "myself", "meself": "myself", "mself": "myself", "himslef": "himself",
    "suiside": "suicide", "sucide": "suicide", "suicde": "suicide", "sucidal": "suicidal",
    "suicidle": "suicidal", "suisidal": "suicidal", "killin": "killing", "dieing": "dying",
    "noone": "no one", "nobody": "no one", "no1": "no one", "any1": "anyone", "anybody": "anyone",
    "every1": "everyone", "everybody": "everyone", "sum1": "someone", "some1": "someone",
    "somebody": "someone", "ppl": "people", "pls": "please", "bc": "because", "cuz": "because",
    "thru": "through", "alot": "a lot", "breathin": "breathing", "breating": "breathing",
    "beathing": "breathing", "breething": "breathing", "unconcious": "unconscious",
    "siezure": "seizure", "seizing": "having a seizure", "b": "be",
    "q": "que", "xq": "porque", "tmb": "tambien", "msg": "text",
    "txt": "text", "txting": "texting", "msgs": "texts",
}  # fmt: skip


# Numbers that are words: whom one calls.
_CALLED = frozenset({"911", "988", "999", "112"})
_PLAIN = {word: tuple(words.split()) for word, words in SPELLINGS.items()}


def plain(word: str) -> tuple[str, ...]:
    """Return a word in plain spelling; of a number, only how long it is."""
    known = _PLAIN.get(word)
    if known is not None:
        return known
    if word.isdigit() and word not in _CALLED:
        return (f"<{min(len(word), 5)}>",)
    return (word,)


@dataclass(frozen=True, slots=True)
class Spelt:
    """A text in plain spelling; knows where each of its words came from."""

    words: str
    _from: tuple[tuple[int, int, str], ...]

    def said(self, start: int, end: int) -> str:
        """Return the words as they were written, for a span of the plain ones."""
        return " ".join(word for at, to, word in self._from if at < end and to > start)

    def at(self, places: tuple[int, ...]) -> tuple[str, ...]:
        """Return the words as they were written, for places in the plain ones."""
        starts = [place.start() for place in re.finditer(r"[^ ]+", self.words)]
        return tuple(
            dict.fromkeys(self.said(starts[place], starts[place] + 1) for place in places)
        )


def spelt(words: str) -> Spelt:
    """Return a collapsed text in plain spelling."""
    at, plain, places = 0, [], []
    for word in words.replace(" w o ", " wo ").split():
        known = SPELLINGS.get(word, word)
        plain.append(known)
        places.append((at, at + len(known), word))
        at += len(known) + 1
    return Spelt(" ".join(plain), tuple(places))
