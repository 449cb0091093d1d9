"""Invented people: the names that the sample workbook draws from, in their script and in Latin letters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """Where the readers of one language live, and what people are called there.

    Names are `Chloé` or, where an address needs other letters, `ليلى=layla`.
    """

    language: str
    people: int
    time_zone: str
    towns: str
    first_names: str
    last_names: str


COUNTRIES = (
    Country(
        "en",
        184,
        "Europe/London",
        "Harrogate Whitby Ludlow Totnes Lewes",
        "Ann Bob Alice Bridget Callum Daisy Edwin Fiona Graham Harriet Imogen Jasper Kieran Lydia Martha Nigel "
        "Olive Percy Rosalind Stuart Tabitha Ursula Violet Wilfred Yvonne",
        "Abbot Birch Carver Drake Ellison Fairley Greaves Holloway Ingram Jessop Kirkby Lockwood Marsh Norwood "
        "Oakley Pemberton Quill Ridley Sutcliffe Thorne Underhill Varley Whitlock Yardley",
    ),
    Country(
        "de",
        112,
        "Europe/Berlin",
        "Bamberg Weimar Lübeck Görlitz Meersburg",
        "Anneliese=anneliese Björn=bjoern Cordula Dietmar Elke Falk Gesa Henning Ilka Jörg=joerg Karoline Lutz "
        "Mechthild Norbert Ottilie Philipp Renate Sönke=soenke Theresa Uwe Veronika Wiebke",
        "Ackermann Bäumler=baeumler Classen Dörfler=doerfler Eichhorn Feldkamp Grünwald=gruenwald Hagedorn Imhoff "
        "Jahnke Küster=kuester Lindner Möhring=moehring Nagel Oberländer=oberlaender Pfeiffer Reuter Strauß=strauss "
        "Thiele Uhlig Vogler Winkelmann",
    ),
    Country(
        "fr",
        72,
        "Europe/Paris",
        "Annecy Honfleur Uzès Colmar Dinan",
        "Chloé=chloe Aurélien=aurelien Baptiste Capucine Delphine Étienne=etienne Florence Gaëtan=gaetan Hélène=helene "
        "Irène=irene Jérôme=jerome Lucie Mathilde Noémie=noemie Odile Pascal Rémi=remi Solène=solene Thibault Violette",
        "Aubert Besson Carlier Delaunay Fauré=faure Gaillard Hébert=hebert Jacquet Lemaître=lemaitre Marchand "
        "Noël=noel Perrin Quentin Rousselle Sabatier Tessier Vasseur",
    ),
    Country(
        "ar",
        68,
        "Africa/Cairo",
        "القاهرة الإسكندرية أسوان المنصورة طنطا",
        "ليلى=layla سلمى=salma نادية=nadia هدى=huda مريم=maryam سارة=sara رانيا=rania دينا=dina أحمد=ahmad عمر=omar "
        "كريم=karim يوسف=youssef طارق=tarek سامي=sami حسن=hassan بسام=bassam زياد=ziad رامي=rami",
        "منصور=mansour حداد=haddad نجار=najjar خليل=khalil فارس=fares شاهين=shahin صباغ=sabbagh درويش=darwish "
        "قاسم=qasem سلامة=salama ناصر=nasser زيدان=zidan حمدان=hamdan بدوي=badawi",
    ),
    Country(
        "ja",
        42,
        "Asia/Tokyo",
        "金沢 松本 倉敷 函館 長崎",
        "葵=aoi 陽菜=hina 結衣=yui 美咲=misaki 直子=naoko 恵=megumi 翔太=shota 健太=kenta 大輔=daisuke 拓海=takumi "
        "浩=hiroshi 誠=makoto さくら=sakura 千尋=chihiro",
        "佐藤=sato 高橋=takahashi 田中=tanaka 渡辺=watanabe 小林=kobayashi 加藤=kato 吉田=yoshida 山口=yamaguchi "
        "松本=matsumoto 井上=inoue 木村=kimura 清水=shimizu",
    ),
)


def spelled(name: str) -> tuple[str, str]:
    """A name as its bearer writes it, and in the letters of an address."""
    written, _, latin = name.partition("=")
    return written, latin or written.lower()
