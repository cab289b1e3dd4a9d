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
        with contextlib.suppress(psutil.NoSuchProcess):
            if any(word in argument for argument in child.cmdline()):
                expired.set()
                for process in (*child.children(recursive=True), child):
                    process.kill()
