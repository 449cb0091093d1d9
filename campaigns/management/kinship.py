"""What the kernel is told about our processes: whose children they are, and what they are called."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

# <linux/prctl.h>
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
IS_LINUX = sys.platform == "linux"


def introduce(role: str) -> None:
    """As `ps` and `top` show it."""
    if IS_LINUX:
        ctypes.CDLL(None).prctl(PR_SET_NAME, role.encode())


def bind_children_to_their_parent() -> None:
    """Whoever is forked from now on dies with its parent, so that a kill leaves no orphans."""
    if not IS_LINUX:
        return
    library = ctypes.CDLL(None)
    parent = os.getpid()

    def remember() -> None:
        nonlocal parent
        parent = os.getpid()

    def die_with_parent() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # It may have died before we asked.
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    os.register_at_fork(before=remember, after_in_child=die_with_parent)
