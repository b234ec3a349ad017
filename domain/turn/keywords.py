"""Whole-message keywords, and revocation in free words, in English and Spanish."""

import re

from domain.turn.words import collapsed, within_one

# 47 CFR 64.1200(a)(10) names stop, quit, end, revoke, opt out, cancel and unsubscribe; the
# carriers and Twilio add the rest; the last lines are what people write instead.
STOP_WORDS: frozenset[str] = frozenset(
    {
        "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout",
        "opt out", "pause", "remove", "remove me", "stop texting", "stop texting me",
        "stop messages", "stop messaging me", "no more texts", "no more messages",
        "arret", "alto", "basta", "parar", "pare", "cancelar", "no mas", "no mas mensajes",
        "baja", "dar de baja", "darme de baja", "detener",
    }
)  # fmt: skip
START_WORDS: frozenset[str] = frozenset(
    {"start", "unstop", "resume", "resubscribe", "comenzar", "empezar", "reanudar"}
)
HELP_WORDS: frozenset[str] = frozenset({"help", "info", "ayuda", "informacion"})
SHARE_WORDS: frozenset[str] = frozenset({"share", "compartir"})
YES_WORDS: frozenset[str] = frozenset(
    {
        "yes", "y", "yep", "yeah", "yes please", "ok", "okay", "sure", "i agree", "agree",
        "si", "claro", "de acuerdo", "acepto", "vale",
    }
)  # fmt: skip
NO_WORDS: frozenset[str] = frozenset(
    {"no", "n", "nope", "no thanks", "no thank you", "not now", "no gracias", "ahora no"}
)

_COURTESY = re.compile(
    r"^(?:please|pls|plz|por favor|hey|hi|hello|ok|hola)\s+|"
    r"\s+(?:please|pls|plz|thanks|thank you|thx|por favor|gracias|now|ya)$"
)
# Only words that cannot be anything else when alone: `ending` or `started` are ordinary.
_NEAR = ("stop", "stopall", "unsubscribe", "cancel", "quit", "revoke", "optout")
_ORDINARY_NEAR = frozenset(
    {"shop", "step", "stoop", "stops", "top", "atop", "quite", "quiet", "quilt", "quip", "suit",
     "quits", "quid", "evoke", "cancels", "slop", "stow", "stomp", "strop", "estop", "crop"}
)  # fmt: skip

_WHO = r"(?:me|us|this (?:number|phone)|my (?:number|phone|cell))"
_SEND = r"(?:text|texting|texts|message|messaging|messages|msg|msgs|contact|contacting|sms|write|writing|bother|bothering|spam|spamming|send|sending|reach out)"
# Somebody else who texts, or who is to be left in peace: what is said of them is no opt-out.
_OF_OTHERS = re.compile(
    r"\b(?:he|she|they|him|her|them|mom|mum|dad|mother|father|brother|sister|son|daughter|husband|wife|"
    r"aide|nurse|scammers?|agency|boss|lawyer|doctor|people)\b(?: (?:to|won't|wont|can't|cant|needs?|has|"
    r"should|will|must|would|doesn't|doesnt|didn't|didnt|never|just|please)){1,3} (?:stop|quit)\b|"
    r"\b(?:he|she|they|mom|dad|brother|sister|son|daughter) (?:never )?(?:stops|quits)\b"
)
FREE_OPT_OUT: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (rule, re.compile(pattern))
    for rule, pattern in (
        ("stop_texting_me", rf"\b(?:stop|quit|cease)\s+(?:with\s+)?(?:the\s+|these\s+|all\s+|your\s+)?{_SEND}(?:\s+(?:to\s+)?{_WHO}\b|\s+(?:messages|texts|msgs)\b(?!\s+(?:dad|mom|she|he|they|from|my))|$)"),
        ("stop_these_texts", r"\b(?:stop|end|cancel|quit)\s+(?:(?:all|the|these|this|those|your|sending)\s+)+(?:text|texts|message|messages|msgs|sms)\b"),
        ("do_not_text_me", rf"\b(?:don't|dont|do not|never|no)\s+(?:ever\s+|please\s+)?{_SEND}\s+(?:to\s+)?{_WHO}\b(?!\s+(?:that|what|about|until|before|if|when|back (?:until|before)))"),
        ("want_no_texts", r"\b(?:don't|dont|do not|no longer)\s+(?:want|wanna|wish|need)\s+(?:to\s+(?:get|receive|have)\s+)?(?:any\s+|any more\s+|anymore\s+|more\s+|these\s+|your\s+|to be\s+)*(?:text|texts|texted|message|messages|messaged|msgs|sms|contacted)\b(?! (?:by|from) (?:the|her|his|my|a)\b)"),
        ("no_more_texts", r"^(?:ok\s+|hey\s+|hi\s+)?no more\s+(?:of\s+)?(?:these\s+|your\s+)?(?:text|texts|message|messages|msgs)\b"),
        ("remove_me", r"\b(?:remove|take|delete|drop|unsubscribe|opt)\s+(?:me|my number|my phone|this number)(?:\s*$|\s+(?:off|out|from)\b(?:$|\s+(?:of\s+)?(?:(?:your|this|the|all|these|any|my)\s+)*(?:list|lists|system|texts?|messages|service|program|database|contacts|records)\b|\s+(?:of\s+)?(?:it|this|here|now|please)$))"),
        ("delete_my_number", r"\b(?:lose|delete|remove|erase|forget)\s+(?:my|this)\s+(?:phone\s+)?number\b"),
        ("unsubscribe_me", r"\b(?:unsubscribe|opt out)\b(?:$|\s+(?:me|us|please|now|from (?:this|these|your|all|the) ?(?:texts?|messages?|service|list|program|number)?|of (?:this|these|your|all|the) ?(?:texts?|messages?|service|program)?)(?:$|\s+(?:please|now|thanks|texts?|messages?)|(?<=me)\b))"),
        ("leave_me_alone", r"^(?:please\s+|just\s+|ok\s+)*leave me alone(?:\s+(?:please|now|already))?$"),
        ("wrong_number", r"\b(?:you have|you've got|u have|this is)\s+(?:the\s+)?wrong (?:number|person)\b|^(?:sorry\s+)?wrong (?:number|person)\b"),
        ("revoke_consent", r"\b(?:i\s+)?(?:revoke|withdraw|take back)\s+(?:my\s+)?consent\b"),
        ("want_no_texting", r"\b(?:don't|dont|do not|no longer)\s+(?:want|wanna|wish)\s+(?:to\s+)?(?:be\s+|you\s+(?:to\s+)?)(?:texted|texting|text|contacted|contacting|contact|messaged|messaging|message|bothering)\b(?! (?:by|from|my|her|him|them)\b)"),
        ("permission", r"\b(?:revoke|withdraw|take back|cancel)\s+(?:my\s+)?permission\b|^(?:please\s+)?sign me (?:off|out)(?: please| of this| now)?$|\bnot interested (?:please )?stop$"),
        ("end_the_service", r"\b(?:done|finished|through) with (?:this|your) (?:service|texts|texting|program|app|bot)\b|\b(?:cancel|end|stop) my subscription(?:$| (?:to (?:this|these|your)|with you|please|now))|\bturn off (?:these|the|your|all) (?:texts|messages|notifications)\b"),
        ("es_no_me_escribas", r"\bno (?:me|nos) (?:escriba[ns]?|mande[ns]?|envie[ns]?|contacte[ns]?|textee[ns]?|moleste[ns]?|vuelva[ns]? a (?:escribir|contactar|mandar|enviar))\b"),
        ("es_deja_de", r"\b(?:deja|deje|dejen|paren|para|pare) de (?:escribir|escribirme|mandar|mandarme|enviar|enviarme|molestar|molestarme|textear|textearme|contactar|contactarme)\w*\b"),
        ("es_no_quiero_mensajes", r"\bno (?:quiero|deseo) (?:recibir )?(?:mas )?(?:sus |tus |estos )?(?:mensajes|textos|sms)\b"),
        ("es_numero_equivocado", r"\b(?:numero|persona) equivocad[oa]\b"),
        ("es_borra_mi_numero", r"\b(?:borra|borre|borren|elimina|elimine|eliminen|quita|quite|quiten)(?:me)?\s+(?:mi numero|de (?:la|su|tu|esta) lista)\b"),
        ("es_baja", r"\b(?:quiero|deseo|necesito) (?:darme|dar) de baja\b|\b(?:denme|dame|deme|den|darme) de baja\b|\bcancel(?:a|ar|e|en) (?:mi |la )?suscripcion\b"),
    )
)  # fmt: skip

# What some word of every such wording begins with: most texts have none of them.
_MAY_BE = re.compile(
    r"\b(?:stop|quit|ceas|text|messag|msg|sms|contact|writ|bother|spam|send|reach|unsub|opt|"
    r"remov|tak|delet|drop|los|eras|forg|alone|wrong|consent|permission|sign|interested|service|"
    r"program|app|bot|subscr|suscr|notif|escrib|mand|envi|molest|vuelv|mensaj|equivoc|borr|"
    r"elimin|quit|baja|lista|dej|par|end|canc|revok|withdr)"
)


def keyword(text: str) -> str:
    """Return a text as a whole-message keyword: collapsed, one courtesy stripped from each end."""
    words = collapsed(text)
    return _COURTESY.sub("", words).strip() or words


def is_stop(text: str) -> bool:
    """Return whether the whole message is an opt-out keyword, one slip of the thumb allowed."""
    word = keyword(text)
    if word in STOP_WORDS or collapsed(text) in STOP_WORDS or word.replace(" ", "") == "optout":
        return True
    if " " in word or len(word) < 4 or word in _ORDINARY_NEAR:
        return False
    return any(within_one(word, near) for near in _NEAR)


def free_opt_out(text: str) -> tuple[str, ...]:
    """Return the ids of the rules by which a text takes consent back in its own words."""
    words = collapsed(text)
    if _MAY_BE.search(words) is None or _OF_OTHERS.search(words):
        return ()
    return tuple(rule for rule, pattern in FREE_OPT_OUT if pattern.search(words))
