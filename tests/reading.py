"""Fills in the forms of a page as a browser without JavaScript would."""

from __future__ import annotations

from typing import Any

import lxml.html
from django.test import Client


def filled(page: bytes, action: str, **changes: Any) -> dict[str, list[str]]:
    """What the form with this button sends, as it was shown but for `changes`; a change of None leaves one out."""
    for form in lxml.html.fromstring(page.decode()).forms:
        values: dict[str, list[str]] = {}
        for name, value in form.form_values():
            values.setdefault(name, []).append(value)
        buttons = [(button.get("name"), button.get("value")) for button in form.iter("button")]
        if ("action", action) in buttons or values.get("action") == [action]:
            for name, change in changes.items():
                values.pop(name, None)
                if change is not None:
                    values[name] = [str(each) for each in change] if isinstance(change, list) else [str(change)]
            return values | {"action": [action]}
    raise AssertionError(f"There is no button {action!r}.")


def press(client: Client, address: str, page: bytes, action: str, **changes: Any) -> Any:
    return client.post(address, filled(page, action, **changes))
