"""From the sign-up page to the first answer, over everything that runs."""

import time

from tests.journeys.system import System


def sign_up(system: System, phone: str) -> str:
    answer = system.http.post(
        f"{system.addresses['ingress']}/signup", data={"phone": phone, "agree": "yes"}
    )
    assert answer.status_code == 200
    return answer.text


def test_a_stranger_signs_up_agrees_and_is_answered(system: System, stranger: str) -> None:
    first = sign_up(system, stranger)
    asked = system.answered(stranger)
    again = sign_up(system, stranger)
    system.text(stranger, "Yes please")
    welcomed = system.answered(stranger, 2)
    system.text(stranger, "How can I get a break this week?")
    answered = system.answered(stranger, 3)
    system.text(stranger, "Ana")
    known = system.answered(stranger, 4)

    assert first == again
    assert "Reply YES" in asked[0]
    assert "you're in" in welcomed[1]
    assert answered[2].endswith("What should I call you? You can say skip.")
    assert known[3] == "Thank you, Ana. Who do you care for?"


def test_the_page_never_texts_who_took_consent_back(system: System, phone: str) -> None:
    system.text(phone, "leave me alone")
    system.answered(phone)
    sign_up(system, phone)
    time.sleep(1.5)

    assert len(system.received(phone)) == 1
