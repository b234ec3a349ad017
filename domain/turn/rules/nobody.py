"""Nobody at all."""

from domain.turn.rules.rule import Rule, ruled

RULES: tuple[Rule, ...] = (
    ruled(
        "isolation.nobody", "isolation", "alone",
        r"\bi(?:'ve)?(?: (?:literally|really|honestly|truly|just|basically|still))? (?:have|got|don't have|have got|haven't got|know)(?: (?:absolutely|literally|just|really|like))* (?:no one|not one person|not a single (?:person|friend|soul)|a (?:single )?(?:soul|person|friend)|one (?:single )?(?:person|friend)|anyone|any friends|no friends|no family)(?: (?:left|at all|anymore|literally|in (?:my|the|this) (?:life|world)|else|not one|man|at this point))*(?:$| (?:to (?:talk|turn|call|lean|confide|tell|text|reach out|go)|i (?:can|could|trust)|who (?:cares|would|helps|knows)|literally|no one|left|at all|on (?:this )?earth|in the world)\b)",
        r"\bthere(?:'s| is| isn't|'s not)? ?(?:literally |absolutely |really |just )?(?:no one|not (?:a soul|one person|a (?:single )?(?:person|soul))|a soul|one person|anyone)(?: (?:else|left|at all|here|in (?:my|the) (?:life|world)))*(?:$| (?:i can|i could|to (?:call|talk|turn|ask|text|lean)|left|for me|who cares)\b)|\bnot (?:one|a single) (?:person|friend|soul)(?: left)? (?:to|i can|left|cares|who)\b",
        r"\b(?:haven't|have not|hadn't|not)(?: (?:talked|spoken|seen|had|hung|been))(?: [\w']+){0,8}? (?:anyone|adult|human|person|people|soul|conversation|visitors?|visit|friend|friends|face|alone)(?: [\w']+){0,8}? (?:in|for) (?:[\w']+ ){0,3}(?:days|weeks|months|years|week|month|year|long|forever)\b",
        r"\bno one (?:ever |even |has |really |in my life )*(?:calls?|visits?|checks?|checked|cares?|comes|texts|asks|talks|speaks|called|visited|knows i exist|looks)(?: (?:or|and|no one|on|me|about|to|how i'm|if i'm|anymore|see|visits?|calls?|by|in|over|ever|with))*(?: (?:me|anymore|visits?|a year|months|weeks|alive|exist)|$)|\bif i (?:fell|died|got hurt|dropped dead|had a heart attack|disappeared)(?: [\w']+){0,4} no one would (?:even )?(?:know|notice|find|come)\b",
        r"\b(?:completely|totally|utterly|entirely|truly|all|so) alone (?:in|with|on|here with) (?:this|the world|it all|everything|it|(?:her|him) (?:day and night|24 7))\b|\bno (?:family|friends)(?: [\w']+){0,3}? (?:and |or |no |and no )+(?:friends|family)(?: [\w']+){0,2}\b|\b(?:all|every one of) my (?:friends|people|family)(?: [\w']+){0,2} (?:are |is |have )?(?:gone|dead|left|disappeared|vanished|stopped)\b|\bcut off from everyone\b|\b(?:the )?only (?:person|human|voice) i (?:talk to|see|hear|ever see)\b",
        unless=r"\b(?:to|who can|who could|that can) (?:watch|sit|drive|cover|help (?:with|me (?:with|move))|stay|take (?:her|him)|pick|fill|bring)\b|\b(?:pharmacy|office|desk|doctor|county|state|school|hospital|back from|lawyer|phone line|agency|insurance|dr|nurse|plumber|dentist|book club|library|sunday|coming)\b|\bto (?:ask|call) about\b|\bwho (?:uses|speaks|does|takes|knows (?:about|how))\b",
    ),
)  # fmt: skip
