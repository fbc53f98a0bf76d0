"""Passwords in typed text: recognised so that they are refused and never kept (ADM-2)."""

from __future__ import annotations

import re

_NAMED = re.compile(
    r"\b(?:pass\s?(?:word|code|phrase)|passwd|pwd|pw|recovery code|backup code|2fa code)s?\b"
    r"(?P<link>\s*(?:is|was|are|=|:|->|→)?\s*(?:now\s+)?)"
    r"[\"'“‘«]?(?P<word>[^\s\"'”’»]{4,})",
    re.IGNORECASE,
)
_ORDINARY = re.compile(
    r"kept|stored|saved|held|written|shared|safe|secure|weak|strong|known|lost|gone|"
    r"reset|with|from|this|that|there|their|they|what|when|where|who|should|must|need|"
    r"needs|have|does|been|into|over|only|same|wrong|right|correct|changed|expired|"
    r"manager|managers|vault|policy|please|about|after|before|because|still|also|very|just",
    re.IGNORECASE,
)


def looks_like_password(text: str) -> bool:
    """Tell whether *text* seems to carry a password or a recovery code, rather than talk about one."""
    return any(_is_secret(match["link"], match["word"].rstrip(".,;!?")) for match in _NAMED.finditer(text))


def _is_secret(link: str, word: str) -> bool:
    if _ORDINARY.fullmatch(word) or "/" in word[:1]:
        return False
    odd = any(c.isdigit() for c in word) or any(c in "!$%&*#@^~_+" for c in word)
    if any(sign in link for sign in ":=→>"):
        return odd or len(word) >= 6
    return odd and len(word) >= 5


WARNING = (
    "That looks like a password, so it was refused and not kept. Change it now: whoever can read this chat may have "
    "seen it. Passwords belong in the school's password vault; give only the name of the entry."
)
