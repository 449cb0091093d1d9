"""How one sends a newsletter well with plain Django: styles inlined once, templates compiled once.

Knows Django alone, because the peers run it too, where nothing of Broadsheet is installed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.core.mail import EmailMultiAlternatives
from django.core.signing import Signer
from django.template import Context, Engine, Template

LINK = re.compile(r'href="(https://www\.example\.org/[^"]+)"')
SITE = "https://news.example.org"


@dataclass(frozen=True)
class PlainNewsletter:
    subject: str
    html: str
    text: str
    links: int

    @classmethod
    def of(cls, subject: str, html: str, text: str) -> PlainNewsletter:
        numbers = iter(range(1000))
        html, links = LINK.subn(lambda _match: f'href="{{{{ link{next(numbers)} }}}}"', html)
        return cls(subject, html, text, links)

    def message(self, person: Mapping[str, str]) -> EmailMultiAlternatives:
        values = self._values(person)
        subject, text = (
            template.render(Context(values, autoescape=False)) for template in (self._templates[0], self._templates[2])
        )
        message = EmailMultiAlternatives(
            subject,
            text,
            "Broadsheet <news@example.org>",
            [person["email"]],
            headers={
                "List-Unsubscribe": f"<{values['unsubscribe_url']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Precedence": "bulk",
            },
        )
        message.attach_alternative(self._templates[1].render(Context(values)), "text/html")
        return message

    def _values(self, person: Mapping[str, str]) -> dict[str, str]:
        signed = {f"link{number}": self._address("c", f"{person['pk']}.{number}") for number in range(self.links)}
        ways = {f"{name}_url": self._address(name, str(person["pk"])) for name in ("unsubscribe", "preferences")}
        return {**person, **signed, **ways}

    def _address(self, kind: str, number: str) -> str:
        return f"{SITE}/{kind}/{self._signer.sign(number)}"

    @cached_property
    def _templates(self) -> tuple[Template, Template, Template]:
        engine = Engine()
        return engine.from_string(self.subject), engine.from_string(self.html), engine.from_string(self.text)

    @cached_property
    def _signer(self) -> Signer:
        return Signer(salt="bench")
