"""Recovering: a restored journal is made good, and what is unfinished is announced again."""

from collections import Counter
from collections.abc import Callable

from services.adapters.relay_state import PostgresRelayState
from services.policy_gate import PolicyGate
from services.runtime.access.inviting import forget_guests
from services.runtime.announcing import announce_again
from services.runtime.due import DueList
from services.runtime.outside import clock_of, connect, open_bus, open_journal_of, open_ledger
from services.runtime.restoring import Restored, Restoring
from services.runtime.settings import Settings

_EVERY = 200
_MINUTE_S = 60
Progress = Callable[[int, int], None]
"""Is told now and then how many of how many steps were announced."""


async def recover_restored(settings: Settings) -> None:
    """Make a restored journal good and announce what is unfinished, telling nobody."""
    await restore(settings)
    await announce_unfinished(settings, silent, restored=True)


def silent(done: int, of: int) -> None:
    """Tell nobody."""
    del done, of


async def restore(settings: Settings) -> Restored:
    """
    Make a journal that came from an older backup fit to go on; nobody may send meanwhile.

    Everybody signs in to the console anew, and every program needs a new key.
    """
    await forget_guests(settings.database_url)
    async with connect(settings, "recover") as outside:
        gate = PolicyGate(outside)
        return await Restoring(outside, open_ledger(settings), gate.hear).restore()


async def announce_unfinished(
    settings: Settings, progress: Progress, *, restored: bool = False
) -> tuple[int, Counter[str]]:
    """
    Announce every row of `due` under new ids; return the new epoch and what was announced.

    Of a `restored` journal everything that was announced is forgotten first, because its
    positions come a second time.
    """
    journal = await open_journal_of(settings)
    bus = await open_bus(settings, "recover")
    due = DueList(settings.database_url)
    state = PostgresRelayState(settings.database_url)
    again: Counter[str] = Counter()
    try:
        await bus.provision()
        at_least = 0
        if restored:
            at_least = int(clock_of(settings).now().timestamp()) // _MINUTE_S
        epoch = (await state.new_epoch(at_least)).epoch
        if restored:
            # Last, because by what was announced a relay sees that it must not begin yet.
            await bus.forget_announced()
        rows = await due.everything()
        for number, row in enumerate(rows, 1):
            nonce = f"recover-{epoch}"
            if await announce_again(bus, journal, row.stream, row.version, nonce):
                again[row.kind] += 1
            if number % _EVERY == 0:
                progress(number, len(rows))
    finally:
        await due.aclose()
        await state.aclose()
        await bus.aclose()
        await journal.aclose()
    return epoch, again
