"""Log lines without personal data."""

import logging
import traceback


class QuietFormatter(logging.Formatter):
    """Shows where an exception was raised and of which class, never its text.

    A database error quotes the row («Key (last_name)=…»), a form error what was typed: neither belongs in a file
    that operators and their contractors read (152-ФЗ, article 7).
    """

    def format(self, record):
        if isinstance(record.args, dict) and "exc" in record.args:  # Celery puts the text into its line as well
            record.args = {**record.args, "exc": "see below", "traceback": ""}
        return super().format(record)

    def formatException(self, ei):
        parts, error = [], ei[1]
        while error is not None:
            frames = "".join(traceback.format_tb(error.__traceback__))
            parts.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or error.__context__
        return "\nwhile handling:\n".join(parts)
