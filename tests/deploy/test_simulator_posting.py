"""The simulator's HTTP client, against servers of every kind."""

import asyncio

import pytest

from deploy.local.twilio_simulator.posting import ConnectionFailed, NoAnswer, Poster, target_of

Answers = list[bytes | None]


async def posted(answers: Answers) -> list[int | type[Exception]]:
    """Post once for each answer that a server gives, byte for byte; None is silence."""
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(3)
                answer = answers.pop(0)
                if answer is None:
                    await asyncio.sleep(60)
                elif answer == b"":
                    return
                else:
                    for half in (answer[:9], answer[9:]):
                        writer.write(half)
                        await writer.drain()
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a?b"
    poster = Poster()
    results: list[int | type[Exception]] = []
    for _ in range(len(answers)):
        try:
            results.append(await poster.post(url, b"X: y\r\n", b"abc", 1, 0.2))
        except (ConnectionFailed, NoAnswer) as error:
            results.append(type(error))
    poster.close()
    server.close()
    results.append(connections)
    return results


@pytest.mark.parametrize(
    ("answers", "results"),
    [
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"] * 3, [200, 200, 200, 1]),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"] * 2, [204, 204, 1]),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"] * 2, [200, 200, 2]),
        ([b"HTTP/1.1 503 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"], [503, 1]),
        ([b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n"], [201, 1]),
        ([b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"], [200, 1]),
        ([b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n"], [ConnectionFailed, 1]),
        ([b""], [ConnectionFailed, 1]),
        ([None], [NoAnswer, 1]),
    ],
)
def test_the_poster_reads_any_servers_status(
    answers: Answers, results: list[int | type[Exception]]
) -> None:
    assert asyncio.run(posted(list(answers))) == results


@pytest.mark.parametrize("url", ["ftp://x/", "http:///x", "x", "http://x/\r\nX: y", "http://x:y/"])
def test_the_poster_refuses_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        target_of(url)
