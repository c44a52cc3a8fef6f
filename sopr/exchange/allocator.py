"""The C allocator: what a batch freed lies in pieces that the next batch may not fit into, and the process grows."""

import ctypes

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; other systems give back by themselves


def hand_back_memory():
    """Give the pages of freed memory back to the system; milliseconds."""
    if _TRIM is not None:
        _TRIM(0)
