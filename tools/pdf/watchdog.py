import contextlib
import threading

import psutil


@contextlib.contextmanager
def time_limit(word, seconds):
    """Kill the child processes with ``word`` in their command line, and theirs, that still run after ``seconds``.

    For a child that somebody else starts and waits for: who waits sees that it was killed.

    :return: a :class:`threading.Event` that is set where it came to that
    """
    expired = threading.Event()
    timer = threading.Timer(seconds, _kill_children, (word, expired))
    timer.daemon = True  # it must not keep a server from stopping
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _kill_children(word, expired):
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # it has just ended, or nobody may look at it
            if any(word in argument for argument in child.cmdline()):
                expired.set()
                _kill_family(child)


def _kill_family(process):
    """Kill ``process``, for which somebody waits, before its children: they may just have ended."""
    family = [process]
    with contextlib.suppress(psutil.Error):
        family += process.children(recursive=True)
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()
