"""What Odoo has cached of access rules, references and defaults is kept from one test of a class to the next."""

CACHES = "_Registry__caches"
UNTOUCHED = ("account_dunning", "nobody has emptied this cache")
LAST_XMLID = "SELECT last_value FROM ir_model_data_id_seq"


class KeptCaches:
    """Mixed into test classes: what one test has cached holds for the next, since each begins in the same state.

    Odoo empties all caches after each test, and the next one reads some hundred rules and defaults again. What a test
    changes empties the caches that it concerns; those are set back to what they held before it. A test that makes
    references (XML ids) keeps nothing, since a new one empties no cache, but may be in one afterwards.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._kept = None

    def setUp(self):
        self.addCleanup(self._restore_caches)  # the last of all, after Odoo has emptied them
        super().setUp()
        self._last_xmlid = self._get_last_xmlid()
        if self._kept is None:
            type(self)._kept = {name: dict(cache) for name, cache in self._get_caches().items()}
        for cache in self._get_caches().values():
            cache[UNTOUCHED] = True
        self.addCleanup(self._keep_caches)

    def _get_caches(self):
        return getattr(self.registry, CACHES)

    def _get_last_xmlid(self):
        self.env.cr.execute(LAST_XMLID)
        return self.env.cr.fetchone()

    def _keep_caches(self):
        if self._get_last_xmlid() == self._last_xmlid:
            for name, cache in self._get_caches().items():
                if UNTOUCHED in cache:
                    self._kept[name] = dict(cache)

    def _restore_caches(self):
        for name, cache in self._get_caches().items():
            for key, value in self._kept[name].items():
                cache[key] = value
