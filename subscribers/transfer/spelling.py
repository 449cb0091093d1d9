"""What somebody meant who mistyped an address, and which addresses are nobody's own."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from subscribers import addresses


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Where most people have their mail; also what is one letter off another, so that none is taken for a mistake.
PROVIDERS: Final = _words(
    """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.de yahoo.fr yahoo.es yahoo.it ymail.com
    rocketmail.com hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.es hotmail.it outlook.com outlook.de
    outlook.fr outlook.es outlook.jp live.com live.de live.fr live.co.uk msn.com icloud.com me.com mac.com aol.com
    aim.com mail.com email.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de posteo.de posteo.net
    mailbox.org arcor.de orange.fr wanadoo.fr free.fr sfr.fr laposte.net proton.me protonmail.com pm.me tutanota.com
    fastmail.com zoho.com yandex.ru yandex.com mail.ru inbox.ru bk.ru rambler.ru qq.com 163.com 126.com sina.com
    naver.com daum.net docomo.ne.jp ezweb.ne.jp softbank.ne.jp libero.it virgilio.it seznam.cz wp.pl o2.pl ukr.net
    bluewin.ch comcast.net verizon.net att.net sbcglobal.net cox.net btinternet.com sky.com telefonica.net
    """
)
ROLES: Final = frozenset(
    _words(
        """
    abuse accounting accounts admin administrator billing bureau buero careers contact contacto customerservice
    dataprotection datenschutz enquiries feedback finance hello help helpdesk hostmaster hr info informacion
    information inquiries jobs kontakt legal mail mailer-daemon marketing media news newsletter no-reply noc noreply
    office orders postmaster presse press privacy recruitment root sales sekretariat security service shop spam
    subscribe support team unsubscribe ventas verwaltung vertrieb webmaster zentrale
    """
    )
)
DISPOSABLE: Final = frozenset(
    _words(
        """
    10minutemail.com 20minutemail.com 33mail.com anonbox.net byom.de discard.email dispostable.com emailondeck.com
    fakeinbox.com getairmail.com getnada.com grr.la guerrillamail.com guerrillamail.net guerrillamail.org
    guerrillamailblock.com inboxkitten.com jetable.org mail-temp.com mailcatch.com maildrop.cc mailinator.com
    mailinator.net mailnesia.com mailnull.com mailsac.com minutemail.com mintemail.com moakt.com mohmal.com mytemp.email
    nada.email sharklasers.com spam4.me spambog.com spamgourmet.com temp-mail.io temp-mail.org tempail.com
    tempmail.com tempmail.net tempmailo.com tempr.email throwawaymail.com trash-mail.com trashmail.com trashmail.de
    trashmail.net wegwerfemail.de wegwerfmail.de yopmail.com yopmail.fr yopmail.net
    """
    )
)
_KNOWN: Final = frozenset(PROVIDERS)
# Letters of other alphabets that are drawn like one of ours (Unicode TR 39 lists many more).
_DRAWN_LIKE: Final = str.maketrans(
    "аеорсухіјѕԁһӏԛԝАВЕКМНОРСТХαοενικρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧı",
    "aeopcyxijsdhlqwABEKMHOPCTXaoevikptuxABEZHIKMNOPTYXi",
)
_SLIPS: Final = {",": ".", "(at)": "@", "[at]": "@", " at ": "@", ";": ".", "..": ".", "@@": "@"}
_ENDINGS: Final = {
    "con": "com", "cmo": "com", "ocm": "com", "comm": "com", "vom": "com", "xom": "com", "cim": "com", "coom": "com",
    "ogr": "org", "orgg": "org", "nte": "net", "ent": "net", "nett": "net",
}  # fmt: skip


def meant(written: str) -> str:
    """The address that was probably meant by one that was refused; empty if nobody can tell."""
    text = written.strip().translate(_DRAWN_LIKE)
    for slip, right in _SLIPS.items():
        text = text.replace(slip, right)
    local, _at, domain = _unaccented("".join(text.split())).rpartition("@")
    if not local or not domain:
        return ""
    guess = f"{local.strip('.').replace('@', '')}@{meant_domain(domain) or domain}"
    try:
        right = addresses.normalise(guess)
    except addresses.AddressRefused:
        return ""
    return "" if right == written.strip().lower() else right


@lru_cache(maxsize=16_384)
def meant_domain(domain: str) -> str:
    """The domain of a great provider that this one is one slip away from; empty if it may be right."""
    domain = domain.strip(".-").lower()
    if domain in _KNOWN:
        return ""
    name, _dot, ending = domain.rpartition(".")
    mended = f"{name}.{_ENDINGS[ending]}" if name and ending in _ENDINGS else domain
    if mended in _KNOWN:
        return mended
    near = [known for known in PROVIDERS if len(known) > 6 and _is_one_slip_away(mended, known)]
    if near:
        return near[0]
    without_dot = [known for known in PROVIDERS if mended in (known.partition(".")[0], known.replace(".", ""))]
    if without_dot:
        return without_dot[0]
    return mended if mended != domain else ""


def _is_one_slip_away(text: str, known: str) -> bool:
    """One letter too many, too few or another, or two neighbours changed about (Damerau)."""
    if abs(len(text) - len(known)) > 1 or text == known:
        return False
    pairs = zip(text, known, strict=False)
    start = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(text), len(known)))
    rest, right = text[start:], known[start:]
    turned = rest[1::-1] + rest[2:]
    return rest[1:] == right[1:] or rest[1:] == right or rest == right[1:] or (len(rest) > 1 and turned == right)


def _unaccented(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
