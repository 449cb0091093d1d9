"""Readers, lists, mails and brands for the pages that a browser looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from random import Random

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from campaigns.composition import shipped
from campaigns.composition.compile import freeze
from campaigns.models import Campaign, Content, Delivery, Edition, Layout, Sender
from subscribers.consent.logos import fitted
from subscribers.models import Brand, MailingList, Subscriber, Subscription
from subscribers.signing import Purpose, sign

NAMES = {"ar": "رسالة النهر", "ja": "川辺だより"}
FOOTER = "Harbour Press, 1 Quay, Porto\n[Imprint](https://example.org/imprint) · letters@example.org"


def photo() -> bytes:
    """Of the river, with grain: as heavy as the logo of a page can become."""
    grain = Image.frombytes("L", (1200, 300), Random(8).randbytes(360_000)).resize((2400, 600))
    sky = Image.linear_gradient("L").resize((2400, 600))
    river = Image.merge("RGB", (Image.blend(sky.rotate(180), grain, 0.4), Image.blend(sky, grain, 0.3), grain))
    file = BytesIO()
    river.save(file, "JPEG", quality=80)
    return file.getvalue()


LOGO = fitted(photo())
LETTERS = {"en": "What the tide brought", "ar": "ما حمله المد", "ja": "潮が運んだもの"}
BODY = '<p>{{ first_name|default:"…" }}: <a href="https://example.com/tide">https://example.com/tide</a></p>'


@dataclass
class Stage:
    """Two lists, one of them with a brand, and as many people with mails as are asked for, in one language."""

    language: str
    numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        brand = Brand.objects.create(
            name="The River Letter",
            accent="#ffcc00",
            paper="#eef4ff",
            footers={"": FOOTER},
            texts={"left": {"": "Bye."}},
        )
        brand.logo.save(f"quay.{LOGO.kind}", ContentFile(LOGO.content))
        label = f"river-{self.language}"
        self.river = MailingList.objects.create(
            name="The River Letter", label=label, names=NAMES, brand=brand, description="What happens at the quay."
        )
        self.tips = MailingList.objects.create(name="Tips", label=f"tips-{self.language}")
        self.sender = Sender.objects.create(
            name="Harbour Press", email="letters@example.org", postal_address="1 Quay\nPorto"
        )
        self.layout = Layout.objects.get_or_create(label="pages", defaults={"name": "Frame", "html": "{{ body }}"})[0]

    def reader(self, *lists: MailingList) -> Subscriber:
        someone = Subscriber.objects.create(
            email=f"ann.{self.language}.{next(self.numbers)}@example.org", first_name="Ann", language=self.language
        )
        for each in lists:
            Subscription.objects.create(subscriber=someone, mailing_list=each, status=Subscription.Status.ACTIVE)
        return someone

    def mail(self, *lists: MailingList) -> Delivery:
        """What somebody got who is on these lists."""
        someone = self.reader(*lists)
        campaign = Campaign.objects.create(name="May", layout=self.layout, sender=self.sender)
        campaign.mailing_lists.set(lists)
        edition = Edition.objects.create(
            campaign=campaign, language="en", subject="Hi", html="<p>Hi", text="Hi", digest="0"
        )
        return Delivery.objects.create(
            campaign=campaign, subscriber=someone, edition=edition, email=someone.email, status=Delivery.Status.SENT
        )

    def letter(self) -> Delivery:
        """A mail as it is written, which everybody may read in the archive of its list."""
        MailingList.objects.filter(pk=self.river.pk).update(has_archive=True)
        shipped.install(Layout.objects)
        layout = Layout.objects.get(label="bulletin")
        sent = {"status": Campaign.Status.SENT, "planned": 1, "finished_at": timezone.now()}
        campaign = Campaign.objects.create(name="June", layout=layout, sender=self.sender, **sent)
        campaign.mailing_lists.add(self.river)
        for language, words in LETTERS.items():
            Content.objects.create(
                campaign=campaign, language=language, subject=words, body_html=f"<h2>{words}</h2>{BODY}"
            )
        freeze(campaign)
        someone = self.reader(self.river)
        edition = campaign.editions.get(language=self.language)
        return Delivery.objects.create(
            campaign=campaign, subscriber=someone, edition=edition, email=someone.email, status=Delivery.Status.SENT
        )

    def token_of(self, purpose: Purpose, *lists: MailingList) -> str:
        return sign(purpose, self.mail(*lists).pk)
