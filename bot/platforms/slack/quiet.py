"""Slack's own libraries log what passes through them; here only where they did is kept."""

from __future__ import annotations

import logging


class _WhereOnly(logging.Filter):
    """Replaces the words of a record, which may be what somebody typed, by the place in the library."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, less its words."""
        record.msg, record.args, record.exc_info = f"{record.module}.{record.funcName} line {record.lineno}", (), None
        return True


def quiet_logger() -> logging.Logger:
    """Return the logger that Slack's libraries are given."""
    logger = logging.getLogger("smpolicy.slack.sdk")
    logger.setLevel(logging.ERROR)
    if not logger.filters:
        logger.addFilter(_WhereOnly())
    return logger
