"""What is logged."""

import logging
from logging.config import DictConfigurator

from config.logs import logging as configured


def test_no_line_of_a_log_names_an_address() -> None:
    formatter = DictConfigurator(configured("INFO")).configure_formatter(configured("INFO")["formatters"]["line"])
    try:
        raise ValueError("Key (email)=(ann@example.org) already exists.")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "To “Ann <Ann@Mail.example.org>”", None, (ValueError, error, error.__traceback__)
        )

    line = formatter.format(record)

    assert "ann@" not in line.lower()
    assert "already exists" in line
