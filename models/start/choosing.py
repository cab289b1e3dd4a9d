from odoo.exceptions import UserError

from ..policy.ladders import get_ladder


class StartChoosing:
    """A ladder becomes the company's dunning type, or one beside it: what runs already is never changed."""

    __slots__ = ()

    def _get_type(self):
        """The default type of the company, or none."""
        types = self.env["account.dunning.type"].sudo()  # a manager of the company may know
        return types.search([("company_id", "=", self.company_id.id), ("default", "=", True)], limit=1)

    def _has_dunned(self):
        """True where a notice or a collection plan of the company rests on levels, whoever may see it."""
        own = [("company_id", "=", self.company_id.id)]
        return any(
            self.env[model].sudo().search_count(own, limit=1)  # whether there is any
            for model in ("account.dunning.notice", "account.collection.plan")
        )

    def _get_keeping(self):
        """Why the company's type stays as it is, in words; empty where a ladder can take its place."""
        dunning_type = self._get_type()
        if not dunning_type:
            return ""
        if self._has_dunned():
            return self.env._(
                "“%(type)s” is in use: notices or collection plans rest on its levels. It stays as it is; a ladder "
                "becomes a new type beside it.",
                type=dunning_type.name,
            )
        if not dunning_type._get_ladder_name():
            return self.env._(
                "“%(type)s” was changed by hand. It stays as it is; a ladder becomes a new type beside it.",
                type=dunning_type.name,
            )
        return ""

    def action_use_ladder(self, name=""):
        """Dun by the ladder called ``name``: the company's type becomes it, or is made of it where there is none."""
        start, name = self._as_manager(), self._check_ladder(name)
        if keeping := start._get_keeping():
            raise UserError(keeping)
        ladder, dunning_type = get_ladder(self.env, name), start._get_type()
        if dunning_type:
            dunning_type._set_ladder(ladder)
        else:
            dunning_type._make_of_ladder(ladder, start.company_id, default=True, active=True)
        start.write({"ladder": name, "level_id": False})
        start._go_on()

    def action_keep_type(self):
        """Dun by the type that there is."""
        start = self._as_manager()
        dunning_type = start._get_type()
        if not dunning_type:
            raise UserError(self.env._("The company has no dunning type yet: choose a ladder."))
        start.ladder = (not start._has_dunned() and dunning_type._get_ladder_name()) or "kept"
        start._go_on()

    def action_add_ladder(self, name=""):
        """Make a new type of the ladder called ``name``, which takes nobody yet, and open it."""
        start, name = self._as_manager(), self._check_ladder(name)
        ladder = get_ladder(self.env, name)
        types = self.env["account.dunning.type"].sudo()  # the role is checked, the values are those of the module
        new = types._make_of_ladder(ladder, start.company_id, default=False, active=True, sequence=10)
        new.with_env(self.env)._message_log(
            body=self.env._(
                "Made in the first hour. The type takes nobody yet: say which customers are dunned by it, or make it "
                "the default type."
            )
        )
        return new.with_env(self.env)._get_records_action()
