"""Dunning types and levels from those of another module."""

from odoo.fields import Command

from ...engine.takeover import MOST_DAYS, place
from ...tools.bulk import get_stored

TYPE, LEVEL = "type", "level"


class TakingTypes:
    """Makes the types and levels, and says which is which: ``types`` and ``levels`` by their ids there."""

    def take_types(self):
        for there in self.found.types:
            known = self.rows.find(TYPE, self.source.needed[0], there.id, "account.dunning.type")
            if known:
                self.know_type(there, known)
            elif refusal := self.refuse_type(there):
                self.refused[there.id] = refusal
                self.rows.add(TYPE, self.source.needed[0], there.id, there.name, refusal)
            else:
                self.make_type(there)
        self.take_default()

    def know_type(self, there, known):
        """A type that was taken over before stays as it was made, or as somebody has changed it since."""
        self.types[there.id] = known
        for level in there.levels:
            record = self.rows.find(LEVEL, self.level_table, level.id, "account.dunning.level")
            if record:
                self.know_level(level, record)
            else:
                word = self.env._("The type was taken over before: add this level to “%(type)s”.", type=known.name)
                self.rows.add(LEVEL, self.level_table, level.id, self.name_of(level), word)

    def know_level(self, there, record):
        self.levels[there.id] = record
        self.names[there.id] = self.name_of(there)

    def refuse_type(self, there):
        """Why no type can be made; None where one can."""
        if there.refusal:
            return there.refusal
        places = place([level.step for level in there.levels], there.reminders)
        count = sum(each.days >= 0 for each in places)
        maximum = self.company._get_dunning_settings().max_levels
        if not count:
            return self.env._("It has no level after the due date.")
        if count > maximum and there.active:
            return self.env._(
                "It has %(count)s levels, but the dunning settings allow %(maximum)s. Raise the maximum there, and "
                "open the preview again.",
                count=count,
                maximum=maximum,
            )
        if places[-1].days > MOST_DAYS or places[0].days < -MOST_DAYS:
            return self.env._("A level is more than ten years away from the due date.")
        return None

    def make_type(self, there):
        places = place([level.step for level in there.levels], there.reminders)
        record = self.env["account.dunning.type"].create(
            {
                "name": there.name,
                "company_id": self.company.id,
                "active": there.active,
                "grouping": "customer" if there.by_customer else "level",
                "minimum_amount": there.minimum,
                "level_ids": [
                    Command.create(self.prepare_level(level, at))
                    for level, at in zip(there.levels, places, strict=True)
                ],
            }
        )
        self.types[there.id] = record
        self.rows.add(
            TYPE,
            self.source.needed[0],
            there.id,
            there.name,
            " ".join(there.words),
            record,
            became=self.describe_type(record),
        )
        by_days = {level.days: level for level in record.level_ids}
        for level, at in zip(there.levels, places, strict=True):
            self.finish_level(level, by_days[at.days], at)

    def describe_type(self, record):
        groupings = dict(record._fields["grouping"]._description_selection(self.env))
        return self.env._(
            "“%(type)s”: %(grouping)s", type=record.name, grouping=groupings[get_stored(record, "grouping")]
        )

    def prepare_level(self, there, at):
        """Values of a level that is due ``at`` a place."""
        text = self.choose(there.texts)
        values = {
            "name": self.choose(there.name),
            "days": at.days,
            "reminder": at.days < 0,
            "min_days": at.min_days,
            "deadline_days": at.deadline_days,
            "document": there.document,
            "text": text or self.get_blank_text(at) if there.document != "none" else text,
            "text_below": self.choose(there.below),
        }
        if there.call:
            values["action_ids"] = [Command.set(self.get_action(there.call, there.user_id).ids)]
        return values

    def choose(self, by_language):
        """One of several texts by language: that of the user, else the English one, else any."""
        langs = (self.env.lang, "en_US", *by_language)
        return next((by_language[lang] for lang in langs if lang in by_language), False)

    def get_blank_text(self, at):
        if at.days < 0:
            return self.env._("<p>Dear {customer},</p><p>The items below will soon be due: {total} in all.</p>")
        return self.env._(
            "<p>Dear {customer},</p><p>The items below are overdue. Please pay {total} by {deadline}.</p>"
        )

    def get_action(self, name, user_id):
        """The activity of a level; one of the same name and person is used again."""
        actions = self.env["account.dunning.action"]
        user = self.env["res.users"].browse(user_id or ()).exists().filtered(lambda user: not user.share)
        own = [("company_id", "=", self.company.id), ("kind", "=", "activity")]
        found = actions.search([*own, ("name", "=", name), ("user_id", "=", user.id)], limit=1)
        values = {"name": name, "company_id": self.company.id, "user_id": user.id}
        return found or actions.create({**values, "responsible": "user" if user else "collector"})

    def finish_level(self, there, record, at):
        """Write the other languages of a level, and note what became of it."""
        for lang, _name in self.env["res.lang"].get_installed():
            for field, texts in (("name", there.name), ("text", there.texts), ("text_below", there.below)):
                if texts.get(lang) and len(texts) > 1:
                    record.with_context(lang=lang)[field] = texts[lang]
        self.know_level(there, record)
        words = [*self.get_place_words(there, at), *there.words]
        if there.document != "none" and not there.texts:
            words.append(self.env._("It has no text there: a plain one was put in. Write what the letter shall say."))
        self.rows.add(
            LEVEL,
            self.level_table,
            there.id,
            f"{record.type_id.name} / {self.name_of(there)}",
            " ".join(words),
            record,
            became=self.describe_level(record),
        )

    def get_place_words(self, there, at):
        """Why the level is due when it is, where that is not as there."""
        words = {
            "after_previous": self.env._(
                "There it counts from the last notice; here %(days)s days after the due date, and %(minimum)s days "
                "after the last notice at least.",
                days=at.days,
                minimum=at.min_days,
            ),
            "month_end": self.env._(
                "There it comes at the end of a month; here %(days)s days after due.", days=at.days
            ),
            "no_days": self.env._("It has no days there: it was put %(days)s days after due.", days=at.days),
            "before_due": self.env._("There it is due before the due date; here on that day."),
            "moved": self.env._(
                "Days must ascend from level to level: it was put %(days)s days after due. Check it.", days=at.days
            ),
        }
        return [words[note] for note in at.notes if note in words]

    def describe_level(self, record):
        documents = dict(record._fields["document"]._description_selection(self.env))
        if record.reminder:
            return self.env._(
                "%(days)s days before due, %(document)s", days=-record.days, document=documents[record.document]
            )
        return self.env._(
            "%(days)s days after due, %(document)s", days=record.days, document=documents[record.document]
        )

    def name_of(self, there):
        return self.choose(there.name)

    def take_default(self):
        """The type of customers without one: taken where nobody has sent anything by the one that is it now."""
        there = self.found.default_type_id
        record = self.types.get(there)
        if not there or not record or self.rows.is_done("default", "res_company", self.company.id):
            return
        types = self.env["account.dunning.type"]
        now = types.search([("company_id", "=", self.company.id), ("default", "=", True)], limit=1)
        used = now and self.env["account.dunning.item"].search_count([("level_id", "in", now.level_ids.ids)], limit=1)
        values = {"name": record.name, "became": record.name}
        if not record.active or used:
            word = self.env._(
                "“%(type)s” is in use here as the default type: change it there if you want.", type=now.name
            )
            self.rows.add("default", "res_company", self.company.id, record.name, word)
            return
        word = now and self.env._("It takes the place of “%(type)s”, which nobody was dunned by.", type=now.name)
        record.default = True
        self.rows.add("default", "res_company", self.company.id, word=word, record=record, **values)
