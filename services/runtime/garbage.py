"""How often a process looks for garbage that refers to itself."""

import gc

# Facts, forms and messages hold no cycles: counting references frees them.
_SERVING = (20_000, 20, 50)
# A page is many small objects that live equally long: looking through them again and again was
# half of the time that a rebuild takes.
_READING = (100_000, 50, 100)


def collect_rarely(*, reading: bool = False) -> None:
    """
    Look for garbage less often, and never again through what is there now.

    What a process imports and builds at its start stays to its end; the tables of the gates alone
    are hundreds of thousands of objects.  `reading` is for whoever takes in page after page.
    """
    gc.freeze()
    gc.set_threshold(*(_READING if reading else _SERVING))
