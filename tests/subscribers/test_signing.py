import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.signing import BadToken, Purpose, read, sign

OLD = ("a", b"the first key has thirty-two characters")
NEW = ("b", b"the second key has as many characters!")


@given(number=st.integers(min_value=0, max_value=2**63 - 1), purpose=st.sampled_from(Purpose))
def test_a_token_leads_back_to_its_number(number, purpose):
    assert read(purpose, sign(purpose, number)) == number


# Made when tokens were still written as base32 of number and HMAC.
EARLIER = {
    (Purpose.UNSUBSCRIBE, 0): "aawqpbeeys2vjhlpgodnmcovc6iq",
    (Purpose.UNSUBSCRIBE, 7): "a6oh4ktvix5b5hwtlnve2ipq6zaq",
    (Purpose.PREFERENCES, 70_000): "aeixa7lhnkeimd4fj4w7pbkw64p54yy",
    (Purpose.CONFIRM, 2**63 - 1): "p777777777777gtrob5gb6gxpxnbkwjvwdhcwea",
}


@pytest.mark.parametrize(("purpose", "number"), EARLIER)
def test_a_token_in_an_old_mail_still_leads_back_and_to_nothing_else(settings, purpose, number):
    settings.SIGNING_KEYS = [NEW, OLD]
    token = EARLIER[purpose, number]

    assert read(purpose, token) == read(purpose, token.upper()) == number
    for other in set(Purpose) - {purpose}:
        with pytest.raises(BadToken):
            read(other, token)
    for place in range(len(token)):
        changed = token[:place] + ("b" if token[place] == "a" else "a") + token[place + 1 :]
        with pytest.raises(BadToken):
            read(purpose, changed)
    settings.SIGNING_KEYS = [NEW]
    with pytest.raises(BadToken):
        read(purpose, token)


@given(number=st.integers(min_value=0, max_value=2**63 - 1))
def test_a_token_fits_a_mail_address_and_a_short_link(number):
    token = sign(Purpose.BOUNCE, number)

    assert set(token) <= set(string.ascii_lowercase + "234567")
    assert len(token) <= 42
    assert len(token) <= 30 or number >= 2**16


def test_a_token_for_one_purpose_opens_no_other():
    for made_for in Purpose:
        token = sign(made_for, 7)
        for other in set(Purpose) - {made_for}:
            with pytest.raises(BadToken):
                read(other, token)


@given(number=st.integers(min_value=0, max_value=2**32), place=st.integers(min_value=0), letter=st.sampled_from("az27"))
def test_a_token_with_one_other_character_opens_nothing(number, place, letter):
    token = sign(Purpose.UNSUBSCRIBE, number)
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]

    if changed == token:
        assert read(Purpose.UNSUBSCRIBE, changed) == number
    else:
        with pytest.raises(BadToken):
            read(Purpose.UNSUBSCRIBE, changed)


@given(st.integers(min_value=1, max_value=40))
def test_a_truncated_token_opens_nothing(missing):
    with pytest.raises(BadToken):
        read(Purpose.UNSUBSCRIBE, sign(Purpose.UNSUBSCRIBE, 12345)[:-missing])


@given(st.text())
def test_any_other_text_opens_nothing(text):
    with pytest.raises(BadToken):
        read(Purpose.UNSUBSCRIBE, text)


def test_letter_case_changed_on_the_way_does_not_matter():
    assert read(Purpose.BOUNCE, sign(Purpose.BOUNCE, 99).upper()) == 99


def test_a_token_survives_a_new_key(settings):
    settings.SIGNING_KEYS = [OLD]
    token = sign(Purpose.UNSUBSCRIBE, 5)

    settings.SIGNING_KEYS = [NEW, OLD]

    assert read(Purpose.UNSUBSCRIBE, token) == 5
    assert sign(Purpose.UNSUBSCRIBE, 5) != token


def test_a_token_of_a_key_that_was_taken_away_opens_nothing(settings):
    settings.SIGNING_KEYS = [OLD]
    token = sign(Purpose.UNSUBSCRIBE, 5)

    settings.SIGNING_KEYS = [NEW]

    with pytest.raises(BadToken):
        read(Purpose.UNSUBSCRIBE, token)
