"""From where a request comes, with and without proxies of ours."""

from collections.abc import Sequence

import pytest
from starlette.requests import Request

from services.runtime.client_address import client_address, is_of_nobody

LOOPBACK = ("127.0.0.1", "::1")
INNER = ("10.0.0.0/8",)

TABLE: list[tuple[str, str, Sequence[str], Sequence[str], str]] = [
    ("no proxy", "203.0.113.9", (), LOOPBACK, "203.0.113.9"),
    ("nobody may say who they are", "203.0.113.9", ("192.0.2.1",), LOOPBACK, "203.0.113.9"),
    ("a proxy of ours", "127.0.0.1", ("203.0.113.9",), LOOPBACK, "203.0.113.9"),
    ("the last hop counts", "127.0.0.1", ("192.0.2.1, 203.0.113.9",), LOOPBACK, "203.0.113.9"),
    ("two headers", "127.0.0.1", ("192.0.2.1", "203.0.113.9"), LOOPBACK, "203.0.113.9"),
    ("two proxies of ours", "10.0.0.2", ("203.0.113.9, 10.0.0.7",), INNER, "203.0.113.9"),
    ("a proxy that says nothing", "127.0.0.1", (), LOOPBACK, "127.0.0.1"),
    ("a proxy that says nonsense", "127.0.0.1", ("unknown",), LOOPBACK, "127.0.0.1"),
    ("an IPv6 household", "2001:db8:1:2:3:4:5:6", (), LOOPBACK, "2001:db8:1:2::"),
    ("IPv4 in IPv6", "::ffff:203.0.113.9", (), LOOPBACK, "203.0.113.9"),
    ("no address at all", "testclient", (), LOOPBACK, ""),
]


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "found"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_the_address(
    peer: str, forwarded: Sequence[str], proxies: Sequence[str], found: str
) -> None:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})

    assert client_address(request, proxies) == found


@pytest.mark.parametrize("address", ["", "127.0.0.1", "::1"])
def test_an_address_of_nobody(address: str) -> None:
    assert is_of_nobody(address)


def test_an_address_of_somebody() -> None:
    assert not is_of_nobody("203.0.113.9")
