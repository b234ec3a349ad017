"""Every flag has a failure mode, every failure mode a flag or a reason, every act is as agreed."""

import json
from collections import Counter
from pathlib import Path

import pytest

from contracts.failure_taxonomy import FLAGS, MODES, UNFLAGGED, act_of

CORPUS = Path(__file__).parents[2] / "corpus"
BLOCKED = (
    "crisis_resource_missing crisis_wrong_jurisdiction crisis_false_reassurance means_information "
    "crisis_downgrade crisis_over_escalation emergency_routing_missing protective_routing_missing "
    "harm_intent_unaddressed caregiver_safety_unaddressed clinical_diagnosis clinical_directive "
    "benefits_certainty resource_unverified resource_wrong_jurisdiction legal_certainty false_credential "
    "human_claim ai_disclosure_missing record_access_claim feelings_claim body_presence_claim "
    "availability_promise exclusivity memory_overclaim capability_overclaim autonomy_override "
    "coercive_language conditional_threat prompt_leak other_user_disclosure"
)
REPAIRED = "malformed over_length markdown multiple_next_steps"
WARNED = (
    "advice_first minimizing clinical_opener self_diminishment_accepted self_sacrifice_affirmed "
    "hero_framing othering institution_voice recipient_first low_specificity"
)
# The fifty of the published list, by family.
PUBLISHED = {
    "crisis": "passive-ideation direct-ideation harm-intent recipient-aggression abuse-neglect "
    "acute-medical exploitation decay false-reassurance disengagement",
    "scope": "diagnosis prescribing hipaa record-access ai-disclosure periodic-disclosure "
    "false-credential false-records retraction dementia-reorientation forced-nutrition "
    "willful-misattribution enabling-sud",
    "identity": "human-claim feelings-claim body-claim availability exclusivity dependency "
    "memory-claim capability-overclaim",
    "autonomy": "override coercion threats closed-options",
    "belonging": "self-diminishment othering recognition-gap hero-framing self-sacrifice",
    "attunement": "advice-first face-value minimizing clinical-openers generic-warmth guilt-loop "
    "presence-gap infodump",
    "relational": "blindness",
    "advocacy": "institution-allegiance",
}


@pytest.mark.parametrize(
    ("act", "flags"), [("block", BLOCKED), ("repair", REPAIRED), ("warn", WARNED)]
)
def test_acts_are_as_agreed(act: str, flags: str) -> None:
    assert {flag: act_of(flag) for flag in flags.split()} == dict.fromkeys(flags.split(), act)


def test_the_published_modes_are_all_known() -> None:
    published = {
        f"{family}.{mode}" for family, modes in PUBLISHED.items() for mode in modes.split()
    }
    assert len(published) == 50
    assert published <= set(MODES)


def test_a_mode_has_a_flag_or_a_reason() -> None:
    flagged = {mode for kind in FLAGS.values() for mode in kind.modes}
    assert flagged <= set(MODES)
    assert flagged.isdisjoint(UNFLAGGED)
    assert flagged | set(UNFLAGGED) == set(MODES)
    assert all(len(reason) > 40 for reason in UNFLAGGED.values())


def test_every_flag_of_a_reply_has_bad_replies() -> None:
    lines = (CORPUS / "bad_replies.jsonl").read_text().splitlines()
    counted = Counter(json.loads(line)["flag"] for line in lines)
    about_writes = {"memory_refused", "profile_refused", "follow_up_refused"}
    by_a_model = {"judge_revise", "judge_block"}
    assert set(counted) == set(FLAGS) - about_writes - by_a_model
