"""Try what may fail without failing oneself.

The one place where errors are caught that nobody foresaw. What an attempt has written is taken back, the caller says
what comes instead. A conflict with another transaction is no failure: it is always raised, to who can begin the
transaction anew (Odoo's handling of requests, ``_replay`` of the scheduled actions).
"""

import contextlib

from psycopg2 import errors

from odoo.exceptions import ConcurrencyError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

CONFLICTS = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError)
# These leave nothing but to begin anew, whatever somebody has made of them; a row that is locked may have an answer.
_FINAL_CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected)


class Outcome:
    """What became of an attempt: the ``error`` (an exception) that it failed with, or None."""

    error = None


@contextlib.contextmanager
def attempt(env, alone=False, outside=False):
    """Do the block in a savepoint. If it fails, take back what it wrote, and give the error as ``outcome.error``.

    What waits for the commit (callbacks) is left waiting: it may be somebody else's.

    :param alone: the transaction is ours alone, so that the callbacks run in the block, and what they write is part of
        the attempt
    :param outside: something has happened outside the database that cannot be begun anew (a mail has left): a conflict
        is a failure like others, and the caller sees to it that the work is done later
    :raises: a conflict with another transaction, also where an error stands for it
    """
    outcome = Outcome()
    env.flush_all()
    try:
        with env.cr.savepoint(flush=alone):
            yield outcome
            env.flush_all()
    except Exception as error:
        conflict = None if outside else _find_conflict(error)
        if conflict:
            raise conflict from None
        env.transaction.clear()
        outcome.error = error


def attempt_parts(env, parts, work, failed, alone=False):
    """Do ``work(parts)`` in one attempt. If it fails, try each half of them, so that only the bad ones fail.

    :param parts: records, or a list
    :param failed: called as ``failed(part, error)`` for each one (as records, or a list) that fails by itself
    """
    if not parts:
        return
    with attempt(env, alone) as outcome:
        work(parts)
    error, outcome.error = outcome.error, None
    if not error:
        return
    if len(parts) == 1:
        failed(parts, error)
        del error  # else it and this frame hold one another, and what the attempt has made
        return
    del error
    half = len(parts) // 2
    attempt_parts(env, parts[:half], work, failed, alone)
    attempt_parts(env, parts[half:], work, failed, alone)


def _find_conflict(error):
    """The conflict that ``error`` stands for, or None."""
    seen = set()
    if isinstance(error, CONFLICTS):
        return error
    while error is not None and id(error) not in seen:
        if isinstance(error, _FINAL_CONFLICTS):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def get_error_text(error):
    """The message of ``error`` for a person, without the traceback."""
    while error.__cause__ is not None and not isinstance(error, UserError):
        error = error.__cause__
    return str(error) or type(error).__name__
