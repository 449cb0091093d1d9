"""An address is found in any text, however it is written, and no other is."""

import pytest

from subscribers.privacy.traces import Traces
from tests.subscribers.privacy.conftest import ANN


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("550 <Ann@Example.org>: no", "550 <…>: no"),
        ("joann@example.org and ann@example.org.test", None),
        ("?email=ann%40example.org&x=1", "?email=…&x=1"),
        ("ann@example.org.csv", "….csv"),
        ("write to ann@example.org.", "write to …."),
        ("mailto:ann@example.org,bob@example.org", "mailto:…,bob@example.org"),
    ],
)
def test_an_address_is_found_in_any_text_and_no_other_is(text, clean):
    assert Traces([ANN]).without(text) == (text if clean is None else clean)


def test_foreign_spellings_of_an_address_are_found():
    traces = Traces(["ann@xn--bcher-kva.example.org", "o'brien@example.org"])

    assert traces.without("Ann@Bücher.example.org o&#x27;brien@example.org O'Brien@example.org") == "… … …"
