"""
No text may invite a reserved word as an answer.

Carriers and Twilio act on these words before anybody reads them: a person who answers CANCEL to
"reply CANCEL to cancel the visit" has unsubscribed.  The three fixed phrases of the law stay.
"""

import re

from contracts.conversation import Flag
from domain.turn.checks.heard import Heard
from domain.turn.checks.reply import Reply
from domain.turn.checks.rule import Rule, flagged, found, rule

# These mean nothing else in an answer; the others are ordinary words after "send" and "say".
_STRONG = r"(?:stop ?all|stop|unsubscribe|quit|cancel|revoke|opt[- ]?out|unstop|resubscribe|alto|parar|pare|basta|baja|cancelar|detener|no mas|arret)"
_RESERVED = (
    rf"(?:{_STRONG}|end|pause|remove|start|resume|help|info|share|ayuda|comenzar|empezar|reanudar)"
)
_LOUD = ("END", "PAUSE", "REMOVE", "START", "RESUME", "HELP", "INFO", "SHARE")
_SHOUTED = re.compile(
    rf"\b(?i:send|say|write|message)\s+(?:(?i:me|us|back|the|word|a|just)\s+)*[\"'(]?(?:{'|'.join(_LOUD)})\b(?! to \d)"
)
# A choice of words in capitals needs no verb: "STOP = no", "CANCEL or KEEP?".
_ALONE = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
_CAPITALS = (*_LOUD, *_ALONE)
_OBEYED = rf"(?:{'|'.join(_ALONE)})"
_CHOICE = re.compile(
    rf"\b{_OBEYED}\b[\"')]?\s*(?:=|(?:or|/)\s*[\"'(]?[A-Z]{{2,}}\b)"
    rf"|\b[A-Z]{{2,}}[\"')]?\s*(?:or|/)\s*[\"'(]?{_OBEYED}\b"
)
_ANSWER = r"(?:reply(?:ing)?|respond(?:ing)?|answer(?:ing)?|text(?:ing)?|typ(?:e|ing)|responde[r]?|contesta[r]?|envia[r]?|manda[r]?|escribe|escribir|teclea)"
_SAY = r"(?:send(?:ing)?|writ(?:e|ing)|say(?:ing)?|messag(?:e|ing))"
_INTRO = (
    r"(?:\s+(?:me|us|back|with|just|the|a|word|text|either|simply|only|con|la|palabra|by|it|at any time|any ?time|here|to me))*"
    r"\s*[:\-]?\s*[\"'(*]?\s*"
)
_FIXED = (
    r"\bstop to (?:opt[- ]out|unsubscribe|end (?:texts|messages|all)|stop (?:texts|messages|receiving|getting)|cancel (?:texts|messages))\b|"
    r"\bstop (?:any ?time|para (?:no recibir|cancelar|darte de baja))\b|\bhelp for (?:help|support|info|more)\b|"
    r"\bstart to (?:resume|resubscribe|re-subscribe|opt back in|rejoin)\b"
)
# What stands before a word that must not be said; anywhere else in the sentence it means nothing.
_FORBIDDEN = r"\b(?:don't|do not|never|no need to)(?: (?:ever|just|please|simply))? $"

_RULES: tuple[Rule, ...] = (
    rule(
        "whole",
        "reserved_word_invitation",
        rf"\b(?:{_ANSWER}\b{_INTRO}{_RESERVED}|{_SAY}\b{_INTRO}{_STRONG})\b[\"')*]?(?=\s*(?:$|[.!?,;:)/]|to\b(?! \d)|for\b|if\b|when\b|once\b|and (?:i|we)\b|or\b|and\b|any ?time|"
        r"now\b|at any|para\b|si\b|cuando\b|y\b|back\b|here\b|-))",
        unless=_FIXED,
        unless_before=_FORBIDDEN
        + r"|\b(?:can|could|may) you\b[^.!?]{0,20}$|\b(?:she|he|they)(?:'s| is)?(?: \w+)? $",
    ),
    rule(
        "among",
        "reserved_word_invitation",
        rf"\b{_ANSWER}\b{_INTRO}[\w\"']{{1,12}}[\"']?(?: (?:to|for) [\w ]{{1,20}})?(?:,| or| and|/|;| o)+ *(?:[\w\"']{{1,12}},? (?:or )?)?(?:with )?[\"'(]?"
        rf"{_RESERVED}[\"')]?(?=\s*(?:$|[.!?,;)]|to\b(?! \d)|if\b|for\b|para\b))",
        unless=_FIXED,
    ),
    rule(
        "quoted",
        "reserved_word_invitation",
        rf"\b(?:{_ANSWER}|{_SAY})\b[^.!?\n]{{0,30}}?[\"']{_RESERVED}[\"']",
        unless=_FIXED,
        unless_before=_FORBIDDEN,
    ),
)


def reserved(reply: Reply, _heard: Heard) -> list[Flag]:
    """Return the flag of a text that asks for a word which carriers obey."""
    flags = found(_RULES, reply)[:1]
    if flags or not any(map(reply.text.__contains__, _CAPITALS)):
        return flags
    shouted = _SHOUTED.search(reply.text) or _CHOICE.search(reply.text)
    if shouted is not None:
        flags.append(flagged("reserved_word_invitation", "shouted", shouted.group()))
    return flags
