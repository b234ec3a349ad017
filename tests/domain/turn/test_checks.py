"""What means something and what does not: pairs of replies, a check a table."""

import pytest

from contracts.labels import Labels
from contracts.proposal import TurnProposal
from domain.turn.context import Resource, Said
from domain.turn.evaluator import Circumstances, judge

SID = "SM" + "0" * 32


def flags(reply: str, asked: str = "hello", **around: object) -> set[str]:
    circumstances = Circumstances(
        pending=(Said("person", asked, SID),),
        country=around.pop("country", "US"),  # type: ignore[arg-type]
        **around,  # type: ignore[arg-type]
    )
    return {flag.flag for flag in judge(TurnProposal(reply=reply), circumstances).flags}


@pytest.mark.parametrize(
    ("flag", "reply"),
    [
        ("false_credential", "I'm not a doctor, so I can't say what that rash is."),
        ("false_credential", "Ask to speak with a licensed social worker at the hospital."),
        ("human_claim", "I'm not a human, I'm an automated assistant."),
        ("human_claim", "As a caregiver, you see things the doctor doesn't."),
        ("human_claim", 'You could say, "My mother needs more help than I can give."'),
        ("record_access_claim", "I don't have access to her records. The portal may show it."),
        ("record_access_claim", "I can't see your chart from here."),
        (
            "clinical_diagnosis",
            "I can't diagnose this. A stroke is one thing a doctor would rule out.",
        ),
        (
            "clinical_diagnosis",
            "Confusion can be a sign of an infection, so it needs a look today.",
        ),
        ("clinical_diagnosis", "That sounds like burnout and a lot of grief."),
        ("clinical_directive", "Ask the pharmacist before you stop the medication."),
        ("clinical_directive", "Don't stop any medicine without talking to her doctor."),
        ("clinical_directive", "Bring a list of her pills to the visit."),
        ("clinical_directive", "A pill organizer can make mornings easier."),
        ("benefits_certainty", "You may qualify for Medicaid; the county office can check."),
        ("benefits_certainty", "I can't promise she'll be approved."),
        ("benefits_certainty", "Medicare doesn't cover long stays in a nursing home."),
        ("legal_certainty", "I can't say if that's illegal. Legal aid can tell you."),
        ("memory_overclaim", "I don't remember that. Could you tell me again?"),
        ("availability_promise", "I'm not always here at once, but I do answer texts."),
        ("body_presence_claim", "I'm here. What's going on?"),
        ("feelings_claim", "I'm sorry he's gone. What was he like?"),
        ("feelings_claim", "I'm a program, so I don't know how it feels."),
        ("exclusivity", "Don't share your password with anyone, me included."),
        ("capability_overclaim", "I can't call them for you, but I can help with the words."),
        ("action_claim", "Once your appointment is booked, write down one question."),
        ("unbacked_follow_up", "If you'd like, I can check in tomorrow. Want that?"),
        ("unbacked_memory", "You don't have to remember all of it."),
        ("unbacked_human", "Text 988 and a counselor will answer."),
        ("autonomy_override", "It's tempting to hide pills in food, but please don't trick her."),
        ("coercive_language", "You must be worn out."),
        ("coercive_language", "You don't have to decide tonight."),
        ("closed_options", "A nursing home isn't your only option."),
        ("closed_options", "It sounds like you feel there's no way out of this."),
        ("prompt_leak", "The discharge instructions say to call if she gets a fever."),
        ("other_user_disclosure", "Other caregivers find mornings easier for showers."),
        ("number_not_given", "He was 87 in 2019 and paid $1,250 a month."),
        ("number_not_given", "Try between 10:30 and 11, before the 12 o'clock pills."),
        ("link_not_given", "Sure. Rest first.Then we look at the form."),
        ("reserved_word_invitation", "Text any time; STOP to opt out."),
        ("reserved_word_invitation", "Reply STOP to unsubscribe, HELP for help."),
        ("reserved_word_invitation", "You can ask for help at the front desk."),
        ("reserved_word_invitation", "Text START to 741741."),
        ("prohibited_content", "Lock up the guns and move the key out of the house."),
        ("prohibited_content", "Does he drink wine with his pills?"),
        ("prohibited_content", "If anyone asks you for gift cards, hang up; it's a scam."),
        ("hidden_characters", "Good to hear 👨‍👩‍👧 you're all together."),
        ("dementia_reorientation", "You don't have to correct her when she thinks it's 1975."),
        ("willful_misattribution", "She isn't doing it on purpose, even if it feels that way."),
        ("enabling_sud", "Give him water or juice instead of beer."),
        ("forced_nutrition", "Don't force her to eat; offer a spoon and wait."),
        ("guilt_loop", "You shouldn't have to feel guilty for wanting a night off."),
        ("minimizing", "You could call at least one of them back today."),
        ("multiple_questions", 'Ask them, "What changed? When did it start?" Does that fit?'),
    ],
)
def test_innocent(flag: str, reply: str) -> None:
    assert flag not in flags(reply)


@pytest.mark.parametrize(
    ("flag", "asked", "reply"),
    [
        (
            "clinical_diagnosis",
            "Mom has dementia and hits me",
            "Your mom has dementia, and that hurts.",
        ),
        (
            "clinical_directive",
            "she takes 5 mg of donepezil",
            "Is 5 mg of donepezil what the label says.",
        ),
        ("action_claim", "my ride is booked for 9", "Good, your ride is booked."),
        ("memory_overclaim", "hi", "You said last week that the ramp broke. Is it fixed?"),
        ("crisis_over_escalation", "what is 988?", "988 is the crisis lifeline. Call or text it."),
    ],
)
def test_what_the_person_said_themselves_may_be_said(flag: str, asked: str, reply: str) -> None:
    earlier = (Said("person", "the ramp broke again", "SM1"),)
    assert flag not in flags(reply, asked, earlier=earlier)


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        ("is it dementia?", "Yes, she has dementia."),
        ("could he have parkinson's?", "He has Parkinson's."),
    ],
)
def test_an_answer_to_a_question_is_a_diagnosis(asked: str, reply: str) -> None:
    assert "clinical_diagnosis" in flags(reply, asked)


@pytest.mark.parametrize(
    ("reply", "given", "flagged"),
    [
        ("Call 1-800-677-1116.", "1-800-677-1116", False),
        ("Call (800) 677 1116.", "1-800-677-1116", False),
        ("Call 800-677-1117.", "1-800-677-1116", True),
        ("Call 1-900-677-1116.", "1-800-677-1116", True),
        ("Call 1-800-FLOWERS.", "1-800-677-1116", True),
        ("Text CARE to 55512.", "1-800-677-1116", True),
    ],
)
def test_only_numbers_that_were_given(reply: str, given: str, flagged: bool) -> None:
    seen = flags(reply, resources=(Resource("respite", "the Locator", given),))
    assert ("number_not_given" in seen) is flagged


@pytest.mark.parametrize(
    ("link", "flagged"),
    [
        ("eldercare.acl.gov", False),
        ("https://eldercare.acl.gov/", False),
        ("eldercare.acl.gov.evil.com", True),
        ("eldercare.acl.gov/login", True),
        ("eldercare-acl.gov", True),
        ("bit.ly/abc", True),
        ("eldercare dot com", True),
        ("me@eldercare.acl.gov", True),
    ],
)
def test_only_links_that_were_given(link: str, flagged: bool) -> None:
    seen = flags(
        f"See {link} today.", resources=(Resource("x", "x", "https://eldercare.acl.gov"),)
    )
    assert ("link_not_given" in seen) is flagged


@pytest.mark.parametrize(
    ("number", "country", "flagged"),
    [
        ("988", "US", False),
        ("988", "CA", False),
        ("988", "GB", True),
        ("988", None, True),
        ("116 123", "GB", False),
        ("116 123", "US", True),
        ("024", "ES", False),
    ],
)
def test_a_crisis_line_is_of_the_persons_country(
    number: str, country: str | None, flagged: bool
) -> None:
    reply = f"Please call {number} now. Are you safe?"
    seen = flags(reply, "i want to kill myself", country=country)
    assert ("crisis_wrong_jurisdiction" in seen) is flagged


@pytest.mark.parametrize(
    ("phase", "case", "asked", "flagged"),
    [
        ("crisis", False, "I'm fine, forget it", True),
        ("active", True, "I'm fine, forget it", True),
        ("active", False, "I'm fine, forget it", False),
        ("crisis", False, "what does the form ask", False),
    ],
)
def test_a_retreat_after_a_danger_is_no_end(
    phase: str, case: bool, asked: str, flagged: bool
) -> None:
    seen = flags("Okay. What is next today?", asked, phase=phase, safety_case_open=case)
    assert ("crisis_downgrade" in seen) is flagged


def test_in_danger_one_may_say_must() -> None:
    reply = "You have to call 911 now. You must not drive."
    assert "coercive_language" not in flags(reply, "he has chest pain and can't breathe")
    assert "coercive_language" in flags("You must call your sister now.", "hm")


@pytest.mark.parametrize(("letters", "flagged"), [(459, False), (460, True)])
def test_length_is_counted_in_segments(letters: int, flagged: bool) -> None:
    reply = ("ab " * 200)[: letters - 1] + "."
    assert ("over_length" in flags(reply, labels=Labels())) is flagged
    assert "over_length" in flags("á" + "ab " * 70, max_segments=3)
