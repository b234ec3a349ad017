"""Words that several families of rules share, as pieces of patterns over folded text."""

from domain.turn.checks.reply import Reply

KIN = (
    r"(?:mom|mum|mother|mama|mommy|dad|father|papa|daddy|wife|husband|spouse|partner|son|daughter|"
    r"brother|sister|grandma|grandmother|grandpa|grandfather|nana|granny|aunt|uncle|parents?|"
    r"loved one|care recipient|mother[- ]in[- ]law|father[- ]in[- ]law|child|kid|friend)"
)
THEY = rf"(?:he|she|they|(?:your|the) {KIN})"
THEM = rf"(?:him|her|them|your {KIN}|(?:his|her|their|your {KIN}'s))"
WHO = rf"(?:you|{THEY})"
I_AM = r"\bi(?:'m| am)\b"
I_WILL = r"\bi(?:'ll| will|'m going to| am going to|'m gonna|ll)\b"
I_HAVE = r"\bi(?:'ve| have|ve)\b"
VERY = r"(?:\s+(?:so|very|really|truly|just|also|such|deeply|actually|already|always|only|still))*"

# What makes a statement a possibility: "may" and its kin, and every way to say "find out".
HEDGE = (
    r"\b(?:may|might|could|maybe|perhaps|possibly|potentially|sometimes|depends?|depending|whether|"
    r"if|see|check|checking|verify|confirm|ask|asking|find out|look into|apply|screen(?:er|ing)?|"
    r"not sure|can't (?:say|promise|know|tell)|cannot (?:say|promise|know|tell)|don't know|"
    r"no guarantees?|would need to|worth (?:a|checking|asking)|varies|vary|in some|some (?:states|"
    r"people|plans|families)|often|likely|usually|typically|generally|"
    r"puede que|podria|quiza|tal vez|depende|pregunt\w*|averigu\w*|verific\w*|confirm\w*|si )\b"
)
# Certainty that no hedge nearby takes back.
CERTAIN = (
    r"(?:definitely|certainly|automatically|guaranteed?|absolutely|for sure|100 ?%|no doubt|"
    r"without (?:a )?doubt|surely|undoubtedly|clearly|obviously|seguro que|sin duda|"
    r"garantizad[oa])"
)
ABLE_TO_SAY = (
    r"\b(?:can't|cannot|can not|couldn't|won't|not able to|unable to|not (?:something|for me|mine)|"
    r"isn't (?:mine|for me|something)|not (?:a|your) (?:doctor|nurse|lawyer|clinician|pharmacist)|"
    r"no puedo|no soy)\b"
)
NOT_JUST_BEFORE = (
    r"(?:\b(?:not|never|no|nor|neither|cannot|without|nobody|nothing|rarely|hardly|nunca|jamas|sin)|"
    r"n't)\s+(?:[\w']+\s+){0,3}$"
)
QUESTION = r"\?"

CLINICIAN = (
    r"(?:doctors?|doc|dr\.?|physicians?|nurses?|pharmacists?|pharmacy|prescribers?|clinic(?:ians?)?|"
    r"provider|neurologist|oncologist|cardiologist|hospice|care team|pcp|gp|specialist|"
    r"nurse line|poison control|medico|doctora?|enfermer[oa]|farmaceutic[oa])"
)
CONDITION = (
    r"(?:(?:clinical |major |severe )?depression|depressive disorder|dementia|alzheimer'?s|"
    r"lewy body|parkinson'?s?|strokes?|tia|mini[- ]stroke|uti|(?:urinary|bladder|kidney|lung|"
    r"chest|ear|sinus|blood|skin|wound|yeast) infections?|infections?|sepsis|septic|pneumonia|"
    r"bronchitis|delirium|ptsd|post[- ]traumatic stress|bipolar|schizophreni[ac]|anxiety disorder|"
    r"panic disorder|generali[sz]ed anxiety|adhd|ocd|autis[mt]\w*|borderline|narcissist(?:ic)?|"
    r"diabet(?:es|ic)|concussion|heart (?:attack|failure|disease)|congestive|chf|copd|asthma|"
    r"cancer|tumou?rs?|dehydrat(?:ed|ion)|ulcers?|fractures?|broken (?:hip|wrist|bone|rib)|"
    r"blood clots?|dvt|pulmonary embolism|psychosis|psychotic|seizures?|epilep\w+|aphasia|"
    r"neuropathy|an[ae]mi[ac]|shingles|influenza|the flu|covid|gout|hypertension|"
    r"low blood (?:sugar|pressure)|high blood (?:sugar|pressure)|hypoglyc\w+|hyperglyc\w+|"
    r"thyroid|insomnia disorder|sundown(?:ing|ers)|cognitive impairment|allergic reaction|"
    r"overdos(?:e|ing)|serotonin syndrome|internal bleeding|appendicitis|hernia|"
    r"(?!diagnosis|prognosis|osmosis|hypnosis)\w{3,}(?:itis|osis|emia|plegia|opathy)|"
    r"\w+ (?:disorder|syndrome)|"
    r"depresion|demencia|derrame(?: cerebral)?|infeccion(?: urinaria)?|neumonia|cancer|"
    r"infarto|ataque al corazon|trastorno\w*)"
)
DRUG = (
    r"(?:ibuprofen|tylenol|acetaminophen|paracetamol|aspirin|advil|aleve|motrin|melatonin|benadryl|"
    r"ativan|xanax|valium|seroquel|haldol|insulin|metformin|lasix|warfarin|coumadin|eliquis|xarelto|"
    r"aricept|namenda|memantine|morphine|fentanyl|dilaudid|oxycodone|oxycontin|percocet|vicodin|"
    r"norco|tramadol|gabapentin|trazodone|zoloft|prozac|lexapro|celexa|cymbalta|wellbutrin|ambien|"
    r"risperdal|zyprexa|depakote|keppra|lithium|digoxin|prednisone|antibiotics?|steroids?|"
    r"laxatives?|miralax|senna|imodium|blood thinners?|antidepressants?|antipsychotics?|sedatives?|"
    r"painkillers?|pain (?:meds?|relievers?|killers?|pills?)|sleeping (?:pills?|aids?)|"
    r"water pills?|diuretics?|statins?|beta blockers?|supplements?|vitamin [a-z]\d*|cbd|nyquil|oxygen|inhalers?|nebuli[sz]er|"
    r"st\.? john'?s wort|turmeric|levodopa|sinemet|carbidopa|donepezil|"
    r"\w{3,}(?:pam|olol|pril|statin|cillin|mycin|oxetine|prazole|sartan|idone|tiapine|zapine|"
    r"dipine|profen|codone|morphone|gliptin|gliflozin|zolam|triptan|setron|traline|talopram|"
    r"azepam|nidazole|floxacin|cycline|semide|thiazide|glutide|fenadine|tirizine)|"
    r"medicamentos?|medicinas?|pastillas?|insulina|antibioticos?)"
)
DOSAGE = r"(?:meds?|medications?|medicines?|pills?|tablets?|capsules?|dos(?:e|es|age|is)|patch(?:es)?|drops)"
TREATMENT = rf"(?:{DRUG}|{DOSAGE})"
PROGRAMME = (
    r"(?:medicaid|medi-?cal|medicare|ssi|ssdi|social security|snap|food stamps|wic|liheap|"
    r"va (?:benefits?|pension|caregiver \w+|aid|health\w*)|the va|aid (?:and|&) attendance|"
    r"fmla|family (?:and medical )?leave|paid (?:family )?leave|hcbs|waivers?|tricare|section 8|"
    r"housing voucher|respite (?:voucher|grant|care program|program|fund\w*|care)|"
    r"disability(?: benefits?)?|unemployment|tax credits?|stipends?|insurance|the plan|benefits?|"
    r"grants?|subsid(?:y|ies)|the (?:state|county|government|program)|carer'?s allowance|"
    r"attendance allowance|nhs|seguro social|los beneficios)"
)


def heard_of(words: str, *texts: Reply) -> bool:
    """Return whether some words stand in one of the texts."""
    return any(words in text.folded for text in texts)
