class Given:
    """What the module hands to itself in the context, under a key of its own.

    Whoever calls over RPC, or by a URL, can put any key into the context, but only values that JSON can make: this is
    none. So a key decides only where our own code has set it.
    """

    def __init__(self, value=True):
        self.value = value


def given(env, key):
    """The value that our own code has put into the context of ``env`` as a :class:`Given`, else None."""
    value = env.context.get(key)
    return value.value if isinstance(value, Given) else None
