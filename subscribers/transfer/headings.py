"""Which fields the headings of a spreadsheet mean, in the languages that staff write them in."""

from __future__ import annotations

import re
import unicodedata

EMAIL = "email"
FIRST_NAME = "first_name"
LAST_NAME = "last_name"
FULL_NAME = "full_name"
LANGUAGE = "language"
TIME_ZONE = "time_zone"
LISTS = "lists"
TAGS = "tags"
ATTRIBUTE = "attribute"

_WORDS = {
    EMAIL: """
        email, e mail, emails, e mails, email address, e mail address, mail, mail address
        address email, contact email, work email
        e mail adresse, email adresse, mailadresse, mail adresse
        adresse e mail, adresse email, adresse mail, courriel, adresse electronique, adresse de courriel, mel
        correo, correo electronico, direccion de correo, direccion de correo electronico, email del contacto
        البريد, البريد الالكتروني, البريد الإلكتروني, بريد إلكتروني, بريد الكتروني, الايميل, الإيميل, ايميل
        عنوان البريد الإلكتروني, عنوان البريد الالكتروني
        メール, メールアドレス, eメール, 電子メール, 電子メールアドレス, e mailアドレス, emailアドレス
    """,
    FIRST_NAME: """
        first name, firstname, given name, givenname, forename, first, fname, christian name
        vorname, rufname
        prenom, prénom
        nombre, nombre de pila, primer nombre
        الاسم الأول, الاسم الاول, الاسم الشخصي
        名, 名前（名）, ファーストネーム, 下の名前
    """,
    LAST_NAME: """
        last name, lastname, surname, family name, familyname, last, lname
        nachname, familienname, zuname
        nom, nom de famille
        apellido, apellidos
        اسم العائلة, الاسم الأخير, الاسم الاخير, اللقب, الكنية
        姓, 苗字, 名字, ラストネーム, 姓名（姓）
    """,
    FULL_NAME: """
        name, full name, fullname, contact, contact name
        vollständiger name, ganzer name, vor und nachname, vorname und nachname, ansprechpartner
        nom complet, nom et prénom, prénom et nom
        nombre completo, nombre y apellidos, nombre y apellido
        الاسم, الاسم الكامل, الاسم بالكامل
        氏名, 名前, お名前, 姓名
    """,
    LANGUAGE: """
        language, lang, locale, preferred language, language code
        sprache, sprachcode
        langue, code langue
        idioma, lengua, lenguaje
        اللغة, لغة
        言語, 言語コード, 言葉
    """,
    TIME_ZONE: """
        time zone, timezone, tz
        zeitzone
        fuseau horaire, fuseau
        zona horaria, huso horario
        المنطقة الزمنية, التوقيت
        タイムゾーン, 時間帯
    """,
    LISTS: """
        lists, list, mailing lists, mailing list, newsletters
        listen, verteiler
        listes, listes de diffusion
        listas, listas de correo
        القوائم, قوائم, القوائم البريدية
        リスト, メーリングリスト
    """,
    TAGS: """
        tags, tag
        schlagwörter, schlagworte
        étiquettes, etiquettes, mots clés
        etiquetas
        الوسوم, وسوم
        タグ
    """,
}
_BETWEEN = re.compile(r"[\W_]+")


def plain(heading: str) -> str:
    """Without case, accents and punctuation, so that ``E-Mail:`` and ``e mail`` are one."""
    text = unicodedata.normalize("NFKD", heading.casefold())
    text = "".join(letter for letter in text if not _is_latin_accent(letter))
    return _BETWEEN.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _is_latin_accent(letter: str) -> bool:
    return "\u0300" <= letter <= "\u036f"


_MEANINGS = {
    plain(word): field
    for field, words in _WORDS.items()
    for line in words.splitlines()
    for word in line.split(",")
    if plain(word)
}


def meaning(heading: str) -> str | None:
    """The field that a heading stands for, if it is one we know."""
    return _MEANINGS.get(plain(heading))


def attribute_name(heading: str) -> str:
    """A name that authors can write in a merge field: ``Company name`` → ``company_name``."""
    name = plain(heading).replace(" ", "_")
    return f"field_{name}"[:60] if name[:1].isdigit() else name[:60]
