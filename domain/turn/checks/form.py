"""The form of a text: its length in segments, plain words, one question, one step."""

import re
import unicodedata
from collections.abc import Iterable

from contracts.conversation import Flag
from domain import segments
from domain.turn.checks.heard import Heard
from domain.turn.checks.reply import Reply
from domain.turn.checks.rule import Rule, flagged, found, rule

LONGEST = 480
# A part of a text holds so many units at least, twice as many of ASCII, and no letter takes over two.
_SMALLEST_PART = 67

_MARKDOWN: tuple[Rule, ...] = (
    rule("bold", "markdown", r"\*\*|__\w|\*\w[^*\n]{0,60}\w\*(?!\w)"),
    rule("heading", "markdown", r"(?:^|\n)\s*#{1,6}\s"),
    rule("bullet", "markdown", r"(?:^|\n)\s*[-*+>]\s+\S"),
    rule("numbered", "markdown", r"(?:^|\n)\s*\d{1,2}[.)]\s+\S[^\n]*(?:\n\s*\d{1,2}[.)]\s)"),
    rule("inline_list", "markdown", r"\b1[.)]\s+\w[^\n]*?\b2[.)]\s+\w[^\n]*?\b3[.)]\s+\w"),
    rule("code", "markdown", r"`|~~~"),
    rule("link", "markdown", r"\[[^\]\n]{1,60}\]\([^)\n]+\)"),
    rule("table", "markdown", r"\|[^|\n]+\|"),
    rule("tag", "markdown", r"</?(?:b|i|p|br|div|span|a|ul|li|strong|em|html)\b[^>]*>"),
)
# What no markup is without: one of these anywhere, a dash at the beginning, or a first number.
_MARKS = frozenset("*_#>`~[|<\n")
_DASHES = ("-", "+")
_FIRST = ("1.", "1)")
_MALFORMED: tuple[Rule, ...] = (
    rule("placeholder", "malformed", r"\{\{?\s*\w[\w. ]*\}?\}|\[(?:your |their |her |the |insert |user |"
         r"person |caregiver |care |first |last |phone |resource |link |agency )*(?:name|number|phone|link|date|time|"
         r"city|state|resource|condition|relation|here|program|agency|mom|first name|zip)\w*(?: here)?\]|"
         r"<(?:name|number|phone|link|date|first_name|user|placeholder)\w*>|\bxxx+\b|\btbd\b|\[\.\.\.\]"),
    rule("json", "malformed", r"^\s*[\[{]\s*[\"'{\[]|[\"'](?:reply|text|content|role|memory_writes|safety|"
         r"conversation|message)[\"']\s*:"),
    rule("null", "malformed", r"\b(?:undefined|nan|lorem ipsum|traceback|nonetype|\[object object\])\b|"
         r"^\W*(?:null|none|nil|error|n/a|todo)\W*$|\b(?:internal server error|exception:|stack trace)\b"),
    rule("speaker", "malformed", r"^\s*(?:assistant|agent|ai|bot|reply|response|sms|parley|mira|draft|output|"
         r"answer|text message|sure,? here(?:'s| is)(?: a| the)?(?: \w+){0,3} (?:reply|response|text|message|draft))\s*:"),
)  # fmt: skip
_SHAPES = frozenset("{[<:")
_SHAPED = ("xxx", "tbd")
_BROKEN = tuple(row for row in _MALFORMED if row.rule == "malformed.null")
_CUT_OFF = re.compile(
    r"(?:\b(?:and|or|the|to|of|a|an|with|for|that|your|but|because|is|at|in|if|y|de|el|la|que)|[,(:;&/-])\s*$"
)
_CLOSED = ".!?\"')"
_LETTERS = re.compile(r"[^\W\d_]")
_STUTTER = 8
_TOLD = re.compile(r":[^?\n]{0,90}\?")
_QUOTED = re.compile(r"\"[^\"\n]*\"")
_PART = re.compile(r"(?<=\?)|[.!\n]")
_TAG = re.compile(
    r"^\W*(?!(?:who|what|where|when|why|how|which|is|are|do|does|did|can|could|have|has|will|would)\b)(?:[\w']+[^\w?]+){0,3}[\w']+[^\w?]*\?|^\W*(?:or|o|like|such as|maybe|for example|that is|is it|was it)\b"
)
_STEP = re.compile(
    r"^(?:(?:first|second|third|then|next|also|finally|and|so|please|ok|okay|now|today|tonight|tomorrow|after that|"
    r"lastly|just|plus|start by|you (?:can|could|should|might)(?: also| want to| then)?|try to|try|for now|right now|"
    r"if you can|one step|one small step|when you can|this week|1\W|2\W|3\W|4\W|\W)[,: ]+)*"
    r"(?:call|phone|ask|write|try|visit|go|make|set|send|fill|apply|check|schedule|take|download|look|contact|reach|"
    r"start|keep|find|get|join|create|review|gather|bring|sign|talk|book|request|consider|read|google|track|add|"
    r"prepare|drink|eat|sleep|rest|breathe|stretch|journal|meditate|open|put|organi[sz]e|search|speak|email|hire|"
    r"enroll|log|practice|prioriti[sz]e|remember|buy|move|use|give|pick|choose|list|print|file|turn|"
    r"llama|pide|pregunta|busca|haz|escribe|ve|toma|revisa|habla)(?!\w)"
)  # fmt: skip
_SAME_STEP = re.compile(r"^(?:\w+\s+)?(?:ask|say|tell|mention|request|pide|pregunta|di)\b")
_CLAUSE = re.compile(
    r"[,;]\s+(?:and\s+)?(?:then|also|next|after that|plus|finally)\s+|,\s+(?:and\s+)?(?=(?:call|"
    r"ask|write|visit|make|set|send|fill|apply|check|schedule|download|contact|start|join|create|"
    r"gather|book|review|track|talk|sign|find|get|take|try|rest|drink|eat|sleep|keep)\b)"
)
_MOST_STEPS, _MOST_STEPS_IN_DANGER = 2, 5
_HIDDEN_ALLOWED = frozenset("\n‍️")


def form(reply: Reply, heard: Heard, raw: str, max_segments: int) -> list[Flag]:
    """Return the flags of a text that is not a plain, short text message."""
    flags = hidden(raw)
    flags += _malformed(reply)
    flags += _length(reply, max_segments)
    if _marked(reply):
        flags += found(_MARKDOWN, reply)[:1]
    flags += _questions(reply, heard)
    flags += _steps(reply, heard)
    return flags


def _marked(reply: Reply) -> bool:
    """Return whether there may be markup at all."""
    text = reply.folded
    if not _MARKS.isdisjoint(reply.letters) or _FIRST[0] in text or _FIRST[1] in text:
        return True
    return text.lstrip().startswith(_DASHES)


def hidden(raw: str) -> list[Flag]:
    """Flag characters that turn, hide or replace others; the two of emoji are allowed."""
    if raw.isascii() and (raw.isprintable() or not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", raw)):
        return []
    for letter in raw:
        if letter not in _HIDDEN_ALLOWED and unicodedata.category(letter) in (
            "Cc",
            "Cf",
            "Co",
            "Cs",
            "Cn",
        ):
            if letter in "\t\r\N{SOFT HYPHEN}\ufeff":
                continue
            name = unicodedata.name(letter, f"U+{ord(letter):04X}")
            return [flagged("hidden_characters", "present", name)]
    return []


def _malformed(reply: Reply) -> list[Flag]:
    text = reply.folded.strip()
    if not (text[:1].isalpha() or _LETTERS.search(text)) or len(text) < 2:
        return [flagged("malformed", "empty", reply.text[:40])]
    if text[-1] not in _CLOSED and _CUT_OFF.search(text[-16:]):
        return [flagged("malformed", "cut_off", reply.text[-40:])]
    if _repeats(text, reply.letters):
        return [flagged("malformed", "repeated", reply.text[:60])]
    shaped = not _SHAPES.isdisjoint(reply.letters) or any(mark in text for mark in _SHAPED)
    return found(_MALFORMED if shaped else _BROKEN, reply)[:1]


def _repeats(text: str, letters: Iterable[str]) -> bool:
    """Return whether a letter stands eight times, or a word four times, in a row."""
    if any(letter * _STUTTER in text for letter in letters):
        return True
    words = text.split()
    if len(words) - len(set(words)) < 3:
        return False
    return any(
        a == b == c == d
        for a, b, c, d in zip(words, words[1:], words[2:], words[3:], strict=False)
    )


def _length(reply: Reply, max_segments: int) -> list[Flag]:
    text = reply.text
    room = _SMALLEST_PART * (2 if text.isascii() else 1)
    if len(text) * 2 <= min(room * max_segments, LONGEST):
        return []
    size = segments.count(text)
    if size.segments <= max_segments and len(reply.text) <= LONGEST:
        return []
    return [flagged("over_length", "segments", f"{size.segments} segments, {size.units} units")]


def _questions(reply: Reply, heard: Heard) -> list[Flag]:
    """Flag a second question; a short tag that narrows the first one is none."""
    if reply.folded.count("?") < 2:
        return []
    own = _TOLD.sub(":", _QUOTED.sub(" ", reply.folded))
    asked = [part.strip() for part in _PART.split(own) if "?" in part]
    if len(asked) < 2:
        return []
    real = [asked[0], *(question for question in asked[1:] if not _TAG.match(question))]
    most = 2 if heard.kinds or heard.danger is not None else 1
    if len(real) <= most:
        return []
    return [flagged("multiple_questions", "count", real[most])]


def _steps(reply: Reply, heard: Heard) -> list[Flag]:
    """Flag more things to do than one can hold; "call X, and ask for Y" is one."""
    most = _MOST_STEPS_IN_DANGER if heard.kinds else _MOST_STEPS
    if len(reply.sentences) + reply.folded.count(",") + reply.folded.count(";") <= most:
        return []
    steps: list[str] = []
    for sentence in reply.sentences:
        if sentence.endswith("?"):
            continue
        for clause in _CLAUSE.split(sentence):
            if clause and _STEP.match(clause) and not (steps and _SAME_STEP.match(clause)):
                steps.append(clause)
    if len(steps) <= most:
        return []
    return [flagged("multiple_next_steps", "count", steps[most])]
