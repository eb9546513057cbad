"""Which process this is, and whether another one on this computer is still running."""

import ctypes
import os
import platform
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """A process on a computer, by the names other people can see."""

    host: str
    pid: int


def this_process() -> Process:
    """Who is asking."""
    return Process(host=platform.node(), pid=os.getpid())


if sys.platform == "win32":

    def is_running(pid: int) -> bool:
        """Whether a process of this computer has that number and has not ended."""
        # os.kill(pid, 0) is no question on Windows: it sends Ctrl-C. So the process is opened and asked for its end.
        query_limited_information, still_active, access_denied = 0x1000, 259, 5
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        handle = kernel.OpenProcess(query_limited_information, False, pid)
        if not handle:
            return ctypes.get_last_error() == access_denied
        code = ctypes.c_ulong()
        known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return not known or code.value == still_active

else:

    def is_running(pid: int) -> bool:
        """Whether a process of this computer has that number and has not ended."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
