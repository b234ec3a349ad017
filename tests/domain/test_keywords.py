"""Leaving is heard however it is said, and nothing else is taken for it."""

import pytest

from domain.turn.keywords import free_opt_out, is_stop

LEAVING = """
STOP
stop.
Stop please
please stop
STOP!!!
stpo
stopp
stop all
unsubscribe
unsubcribe
cancel
end
quit
opt out
opt-out
remove me
no more texts
no mas
alto
parar
stop texting me
pls stop texting me
stop messaging me now
stop sending me these messages
stop sending me texts
quit texting me
quit messaging this number
can you stop texting me
could you please stop sending me messages
i want you to stop texting me
i need you to stop contacting me
stop with the texts
stop all messages
end these texts
cancel these messages please
dont text me
don't text me anymore
do not text me again
please don't contact me again
never text me again
do not message this number
don't message me
i don't want any more texts
i dont want these messages anymore
i no longer want to receive texts
i don't want to get texts from you
i do not wish to be contacted
i don't wanna be texted anymore
i don't want you texting me
no more messages please
no more of these texts
take me off your list
take me off this list please
take my number off your list
remove me from your list
remove my number
please remove this number
delete my number
delete my number from your system
lose my number
forget my number
unsubscribe me
please unsubscribe me from this
i want to unsubscribe
i'd like to opt out
opt me out
how do i unsubscribe
how do i stop these texts
how do i opt out
leave me alone
please leave me alone
wrong number
you have the wrong number
i think you have the wrong person
i revoke my consent
i withdraw my consent
i take back my permission to text me
sign me off
i'm not interested, stop texting
not interested please stop
i am done with this service
cancel my subscription to these texts
end my subscription
turn off these messages
bug off and stop bothering me
cease all contact
no quiero mas mensajes
ya no quiero recibir mensajes
no me manden mas mensajes
no me escriban mas
no me escriba mas por favor
deja de escribirme
dejen de mandarme mensajes
paren de enviarme textos
quiero darme de baja
dar de baja
denme de baja
borren mi numero
quiten mi numero de su lista
numero equivocado
cancelar suscripcion
ya no me mande mensajes
no deseo recibir mas mensajes
my husband is asleep stop texting me
mom died please stop texting me
""".strip().splitlines()

ORDINARY = """
i can't stop crying
she won't stop yelling
please stop the pain
how do i stop him from wandering
how do i stop her falling out of bed
i want it to stop
can we stop the medication
the doctor said stop the blood thinner
should i stop giving her the pills
he stopped eating
mom stopped taking her meds
i stop by every morning
the bus stop is too far for her
stop at the pharmacy on the way
non stop calls from the agency
the bleeding stopped
make it stop raining lol
he doesn't stop talking
i had to stop working
i need to stop feeling guilty
when do i stop correcting him
stop signs confuse him now
stop is such a strong word
she keeps texting me at night, how do i get her to stop
my sister won't stop texting me
tell my brother to stop texting me
my mom stops texting me back when she's upset
i told him to stop bothering me
he said to stop sending money
i wish the agency would stop sending new aides
how do i get scammers to stop texting my mom
can you stop the spam texts dad gets
the pharmacy texts me twice a day
my aide texted me that she is late
don't text me until after 5
don't text me back until tomorrow
do you text people at night
never text and drive he says
i never text her
she doesn't text me anymore
my son doesn't want to text
i don't text much
i don't want to text my sister about it
don't message my mom
no text from the nurse yet
i got no texts from the doctor
no message from the clinic yet
nobody texted me back
i don't need any more meals
i don't want any more visitors
i don't want to be contacted by the lawyer's office
end of day works
the end of the month is hard
in the end she agreed
at the end of my rope
it's the end of the road for the old car
end stage renal disease
end of life care
when does open enrollment end
i want this week to end
how will this end
weekend help
does the program end in june
his shift ends at 4
we ended up in the er
the benefits end soon
end table with a lamp
cancel my appointment
i need to cancel the aide tomorrow
how do i cancel her phone plan
cancel the meals for friday
can i cancel medicare part b
the ride got cancelled
they cancelled again
she wants to cancel the surgery
cancel her subscription to the magazine
how do i cancel dad's newspaper subscription
my brother cancelled on us
cancer is back
i want to cancel our gym membership
should i cancel the trip
i want to quit my job
he won't quit smoking
i quit my job to care for her
the aide quit today
she quit therapy
don't quit on me now dad says
quit smoking program for dad
i feel like quitting
not a quitter
it's quite hard
quiet night
he can't quit picking at the bandage
i might quit school
quit is not in his vocabulary
remove the rugs so she doesn't trip
how do i remove the bandage
remove the catheter
can the doctor remove it
the nurse will remove the stitches
how do i remove my brother as power of attorney
remove me as her proxy, how
can i remove my name from the deed
they removed his teeth
take me off the night shift my boss won't
they want to take him off the ventilator
take her off oxygen
take mom off the waiting list
take me out of this day
the doctor took her off the pills
get me off this hamster wheel
delete the old reminder
can you delete what i said about my sister
how do i delete a voicemail
i forgot my number lol
can i give my number to the nurse
she forgets my number
he called the wrong number again
i dialed the wrong number for the county
the pharmacy has the wrong number on file
they gave me the wrong number of pills
mom keeps calling wrong numbers
is this the right number for respite
leave me alone is what mom says all day
he says leave me alone when i bathe him
i don't want to leave her alone
they leave me alone with him all weekend
she wants to be left alone
how do i opt out of the medicare plan
can i opt out of the surgery
should we opt out of part d
consent forms for the hospital
how do i revoke power of attorney
can she revoke her consent to treatment
mom revoked the poa
pause the feeding pump
pause and breathe, i tried it
we had to pause therapy
resume meals on monday
i'm done with the dishes
i'm done with today
i'm done with the paperwork
are we done with the form
turn off the alarm on the bed
how do i turn off the oven for good
unsubscribing her from magazines is a chore
how do i unsubscribe dad from all these catalogs
not interested in a nursing home
she's not interested in food
no more falls please
no more bad news
no more pills today
no more hospital for him
no puedo parar de llorar
mi papa no para de gritar
deja de comer por la tarde
como le hago para que deje de gritar
no me escribe mi hermana
mi hermana no me manda dinero
no quiero mas problemas
no quiero ir a la cita
la presion esta baja
quiero cancelar la cita
el doctor le quito la medicina
basta de malas noticias hoy
alto nivel de azucar
ya no quiere comer
""".strip().splitlines()


@pytest.mark.parametrize("text", LEAVING)
def test_who_leaves_is_heard(text: str) -> None:
    assert is_stop(text) or free_opt_out(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_are_no_opt_out(text: str) -> None:
    assert not is_stop(text)
    assert free_opt_out(text) == ()


def test_the_tables_are_as_large_as_they_should_be() -> None:
    assert len(set(LEAVING)) >= 80
    assert len(set(ORDINARY)) >= 150
