"""Secrets that are handed out once and kept only as digests."""

import hashlib
import hmac
import secrets


def fresh_token() -> str:
    """Return 256 random bits, as they may stand in an address, a cookie or a header."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """
    Return what is kept of a token.

    A plain hash is enough: nobody guesses 256 random bits, so there is nothing to slow down.
    """
    return hashlib.sha256(token.encode()).digest()


def form_token(session: str) -> str:
    """Return what the forms of a session carry: it follows from the cookie, not the reverse."""
    return hmac.new(session.encode(), b"form", hashlib.sha256).hexdigest()[:32]


def same(one: str, other: str) -> bool:
    """Compare without telling by the time it takes."""
    # A form may hold what no UTF-8 is.
    return secrets.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def link(console: str, token: str) -> str:
    """Return the address by which a token signs a browser in."""
    return f"{console}/sign-in/{token}"
