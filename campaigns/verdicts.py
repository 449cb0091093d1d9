"""Whose fault a refusal is, from the enhanced code (RFC 3463, RFC 5248, RFC 7504) and the words of real servers."""

from __future__ import annotations

import re
from enum import Enum

# Class, subject and detail; what looks like it inside an IP address is none.
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# Addresses and links in an answer hold words that say nothing about the reason.
NOT_A_REASON = re.compile(r"<[^>]*>|\S+@\S+|https?://\S+", re.IGNORECASE)


class Verdict(Enum):
    DEAD = "The address will never work."
    REFUSED = "The recipient cannot or will not have this mail."
    FULL = "The recipient cannot have a mail now."
    BUSY = "The recipient's server, or the one before it, cannot have one now."
    OURS = "What we send, or from where, is not wanted."


DEAD, REFUSED, FULL, BUSY, OURS = Verdict

# By subject and detail of a code of class 5. Exchange has many details of its own.
BY_CODE = {
    **dict.fromkeys([(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (4, 4), (4, 310), (7, 17), (7, 18)], DEAD),
    **dict.fromkeys([(2, 1), (2, 2), (2, 121), (2, 122)], FULL),
    **dict.fromkeys([(1, 7), (1, 8), (1, 20), (1, 21), (1, 90), (4, 5)], OURS),
    # Unknown to Exchange's directory or closed to outsiders; groups and mailboxes that only take mail from some;
    # letters that are not ASCII.
    **dict.fromkeys([(4, 1), (7, 2), (7, 124), (7, 129), (7, 133), (7, 134), (7, 135), (7, 136), (6, 7)], REFUSED),
}
# What a subject means if neither the detail nor the words say more.
BY_SUBJECT = {0: REFUSED, 1: REFUSED, 2: REFUSED, 3: REFUSED, 4: REFUSED, 5: OURS, 6: OURS, 7: OURS}
# Without an enhanced code: authentication and authorisation are ours, a domain without mail is dead (RFC 7504).
BY_REPLY = {**dict.fromkeys([525, 530, 534, 535, 538, 571], OURS), 556: DEAD}


def phrases(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


ABOUT_US = phrases(
    r"\b(sender|client host|helo|ehlo|envelope[- ]from|mail from|return[- ]path)\b.{0,60}"
    r"\b(rejected|denied|refused|unknown|invalid|not (found|exist|allowed|permitted)|does ?n.t exist|verif\w+|failed)",
    r"\b(reverse (dns|host\w*)|ptr|rdns)\b",
    r"\b(daily|hourly|sending|user sending) (\w+ )?(limit|quota)",
)
NO_SUCH_USER = phrases(
    r"\b(user|recipient|mailbox|address(ee)?|account|alias)\b.{0,60}"
    r"\b(unknown|not (be )?found|does ?(not|n.t) (exist|have)|no longer (valid|exists|available)|invalid|not known)\b",
    r"\b(unknown|invalid|no such|bad destination)( \w+)?( local| mail)?[ -]"
    r"(user|recipient|mailbox|address(ee)?|account|person|part)\b",
    r"\bno (user|mailbox|account|record)\b.{0,20}\b(here|found|by that name|with that name|such)\b",
    r"\bno (mailbox|user) (record )?(here|found)",
    r"\bnot (our|a) (customer|local user)|unrouteable address|address rejected: undeliverable|recipnotfound",
    r"recipientnotfound|\bnot a valid (mailbox|recipient|user)",
)
POLICY = phrases(
    r"\b(spam\w*|policy|policies|reputation|block(ed|list\w*|ing)?|black ?list\w*|rbl|dnsbl|dmarc|spf|dkim|relay\w*)\b",
    r"\b(authenticat\w+|unsolicited|bulk mail|junk|virus|phish\w*|malware|banned|prohibit\w*|content)\b",
    r"\bnot authori[sz]ed\b|\baccess denied\b|\bunable to relay\b|\babus\w+",
)
TOO_MUCH = phrases(
    r"\b(rate|too (many|much|fast|frequent\w*)|throttl\w+|try (again )?later|temporar\w+|busy|overload\w*|unusual)\b",
)
NO_ROOM = phrases(
    r"\b(full|quota|over ?limit|suspended|inactive|disabled|(?<!system )storage|locked|grey ?list\w*|gray ?list\w*)\b",
    r"\bmailbox (is )?busy\b|\breceiving mail (at a rate|too quickly)",
)
PERHAPS_GONE = phrases(r"mailbox (is )?unavailable|mailbox not available")


def verdict(code: int, answer: str) -> Verdict:
    """Of a reply that names one recipient and does not accept."""
    words = NOT_A_REASON.sub(" ", answer)
    return of_temporary(code, words) if code < 500 else of_permanent(code, words)


def of_temporary(code: int, words: str) -> Verdict:
    """FULL if it is about this recipient, else BUSY."""
    enhanced = enhanced_code(words, "4")
    if code == 421:
        return BUSY
    if NO_ROOM.search(words) or NO_SUCH_USER.search(words):
        return FULL
    if enhanced:
        return FULL if enhanced[0] in {1, 2} and enhanced not in {(1, 7), (1, 8)} else BUSY
    return FULL if code == 450 and not TOO_MUCH.search(words.replace("busy", "")) else BUSY


def of_permanent(code: int, words: str) -> Verdict:
    subject, detail = enhanced_code(words, "5") or (None, 0)
    said = of_words(words)
    known = BY_CODE.get((subject, detail)) if subject is not None else BY_REPLY.get(code)
    if known in {DEAD, FULL} and said == OURS:
        # Some give a spam filter the code of a missing user. Nobody is suppressed for that.
        return OURS
    if known:
        return known
    if subject in {6, 7}:
        # A policy may hide behind the words, but never is an address dead by it.
        return REFUSED if said == DEAD else OURS
    return said or (BY_SUBJECT.get(subject, REFUSED) if subject is not None else REFUSED)


def of_words(words: str) -> Verdict | None:
    if ABOUT_US.search(words):
        return OURS
    if NO_SUCH_USER.search(words):
        return DEAD
    if POLICY.search(words):
        return OURS
    if NO_ROOM.search(words):
        return FULL
    if PERHAPS_GONE.search(words):
        return DEAD
    return BUSY if TOO_MUCH.search(words) else None


def enhanced_code(words: str, of_class: str) -> tuple[int, int] | None:
    found = ENHANCED.search(words)
    return (int(found[2]), int(found[3])) if found and found[1] == of_class else None
