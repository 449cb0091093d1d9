"""What the pages of a campaign cost when there are many people."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign

from .composing import WRITE, address, campaign, posted, reader, staff

pytestmark = pytest.mark.django_db

NAMES_OF_ATTRIBUTES = re.compile(r"FROM .subscribers_attribute.")
READERS_BY_LANGUAGE = re.compile(r'COUNT.*GROUP BY "subscribers_subscriber"\."language"|GROUP BY 1')


@pytest.mark.parametrize("page", ["change/", "schedule"])
def test_a_page_looks_at_everybody_once_for_each_question(page: str) -> None:
    author = staff(*WRITE, "send_campaign")
    made = in_many_languages()

    with CaptureQueriesContext(connection) as asked:
        answer = author.get(address(page, made))

    assert answer.status_code == 200
    assert len(matching(NAMES_OF_ATTRIBUTES, asked)) == 1
    assert len(matching(READERS_BY_LANGUAGE, asked)) == 1


def test_saving_looks_at_everybody_once_for_the_names_of_their_attributes() -> None:
    author = staff(*WRITE)
    made = in_many_languages()

    with CaptureQueriesContext(connection) as asked:
        author.post(address("change/", made), posted(made, name="June news"))

    assert Campaign.objects.get(pk=made.pk).name == "June news"
    assert len(matching(NAMES_OF_ATTRIBUTES, asked)) == 1


def in_many_languages() -> Campaign:
    reader("ann@example.org", attributes={"company": "Acme"})
    return campaign("en", "de", "ar", "ja")


def matching(pattern: re.Pattern[str], asked: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in asked.captured_queries if pattern.search(query["sql"])]
