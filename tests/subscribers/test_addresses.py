import re

import pytest

from subscribers.addresses import AddressRefused, Refusal, domain_of, fingerprint, normalise


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("ann@example.org", "ann@example.org"),
        ("  Ann@Example.ORG ", "ann@example.org"),
        ("Ann Miller <ann@example.org>", "ann@example.org"),
        ('"Miller, Ann" <ann@example.org>', "ann@example.org"),
        ("mailto:ann@example.org?subject=Hello", "ann@example.org"),
        ("\ufeffann@exam\u200bple.org", "ann@example.org"),
        ("ann+news@example.org", "ann+news@example.org"),
        ("chloé@example.org".replace("é", "e"), "chloe@example.org"),
        ("ann@müller.example.org", "ann@xn--mller-kva.example.org"),
        ("ann@xn--mller-kva.example.org", "ann@xn--mller-kva.example.org"),
        ("ann@ｅｘａｍｐｌｅ.org", "ann@example.org"),
    ],
)
def test_every_spelling_of_an_address_is_stored_as_one(written, stored):
    assert normalise(written) == stored


@pytest.mark.parametrize("written", ["Ann@Example.ORG", "ann@müller.example.org", "mailto:ann@example.org"])
def test_a_stored_address_stays_as_it_is(written):
    once = normalise(written)

    assert normalise(once) == once


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", Refusal.EMPTY),
        (" \u200b ", Refusal.EMPTY),
        ("ann", Refusal.SYNTAX),
        ("ann@", Refusal.SYNTAX),
        ("@example.org", Refusal.SYNTAX),
        ("ann@@example.org", Refusal.SYNTAX),
        ("ann@example", Refusal.SYNTAX),
        ("ann example@example.org", Refusal.SYNTAX),
        ("ann@exa mple.org", Refusal.SYNTAX),
        ("ann@example.org, bob@example.org", Refusal.SYNTAX),
        ("ann\n@example.org", Refusal.SYNTAX),
        (f"ann@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example.org", Refusal.TOO_LONG),
        ("chloé@example.org", Refusal.NON_ASCII_LOCAL_PART),
    ],
)
def test_what_cannot_be_mailed_is_refused_with_its_reason(written, reason):
    with pytest.raises(AddressRefused) as refused:
        normalise(written)

    assert refused.value.reason == reason
    assert str(refused.value)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("ann", "There is no @ in it."),
        ("@example.org", "There is nothing before the @."),
        ("ann@", "There is nothing after the @."),
        ("ann@@example.org", "There is more than one @ in it."),
        ("ann@exa mple.org", "There is a space in it."),
        ("ann..b@example.org", "There are two dots in a row."),
        ("ann.@example.org", "There is a dot where no dot can be."),
        ("ann@example", "The part after the @ has no dot, as in example.org."),
        ("ann@exam(ple.org", "The part after the @ has characters that no domain has."),
        ("an(n@example.org", "There are characters in it that no address has."),
        ("ann@printer.local", "The part after the @ is no domain that gets mail."),
    ],
)
def test_a_misspelt_address_is_refused_in_words_that_say_what_to_mend(written, words):
    with pytest.raises(AddressRefused, match=re.escape(words)):
        normalise(written)


def test_a_fingerprint_names_its_key_and_hides_the_address(settings):
    settings.FINGERPRINT_KEY = ("k1", b"one key of thirty-two characters")

    print_of_ann = fingerprint("ann@example.org")

    assert print_of_ann.startswith("k1:")
    assert len(print_of_ann) <= 80
    assert "ann" not in print_of_ann
    assert print_of_ann != fingerprint("bob@example.org")


def test_without_the_key_nobody_can_make_the_same_fingerprint(settings):
    settings.FINGERPRINT_KEY = ("k1", b"one key of thirty-two characters")
    before = fingerprint("ann@example.org")

    settings.FINGERPRINT_KEY = ("k1", b"another one of the same length!!")

    assert fingerprint("ann@example.org") != before


def test_the_domain_is_what_follows_the_last_at():
    assert domain_of("ann@example.org") == "example.org"
