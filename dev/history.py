"""Six months of collecting, played in the demo database through the module's own methods with a moved clock.

``dev/demo.py`` calls :func:`play` once. It is no part of the module's demo data, because it moves the clock, which
an Odoo that installs a module must not. ``history_story.py`` tells what happens, the same each time on the same day,
and ``history_acts.py`` does it.
"""

import io
import random
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from freezegun import freeze_time
from history_acts import QUIET, Acts
from history_story import HABITS, SECOND, STORY, TOLD_OF
from reportlab.pdfgen.canvas import Canvas

from odoo.fields import Command
from odoo.sql_db import BaseCursor
from odoo.tools import format_amount, format_date, mute_logger

MONTHS_BACK = 180  # days
DAILY = 21  # the last nights are played one by one, those before twice a week
PRINTED = 6  # letters of the last days are real ones; wkhtmltopdf would take a minute for the others
SEED = 1916
SECOND_NAME = "Kontorhaus Möbel GmbH"


def play(env):
    """Play it all, up to yesterday."""
    History(env).play()


class History(Acts):
    def __init__(self, env):
        self.env = env(context={"lang": "en_US", "mail_notify_force_send": False})
        self.company = self.env.ref("base.main_company")
        self.rng = random.Random(SEED)
        self.agenda = {}
        self.payments = {}

    def play(self):
        self.today = self.company._dunning_today()
        self.set_up()
        self.plan_all()
        start, days = self.today - timedelta(MONTHS_BACK), range(MONTHS_BACK)
        self.stub_letters()
        # Odoo would take every connection to the database for one that was left long ago.
        with (
            freeze_time(f"{start} 07:30:00", ignore=["odoo.sql_db"]) as self.clock,
            patch.object(BaseCursor, "now", lambda _cursor: datetime.now(timezone.utc).replace(tzinfo=None)),
        ):
            for index in days:
                day, ago = start + timedelta(index), MONTHS_BACK - index
                self.play_day(day, ago, ago <= DAILY or day.weekday() in (0, 3))
        self.env.registry["ir.actions.report"]._render_dunning_letters = self.render
        self.env["account.dunning.snapshot"]._cron_take()
        self.env.cr.commit()

    def play_day(self, day, ago, night):
        """The night, and what people did on that day."""
        self.ago = ago
        if night:
            self.clock.move_to(f"{day} 07:30:00")  # past midnight in America, and not yet noon in Europe
            self.run_night()
            self.print_letters()
        for act in self.agenda.get(day, ()):
            self.clock.move_to(f"{day} {self.rng.randint(14, 19)}:{self.rng.randint(0, 59):02}:00")
            act()
            self.done()

    def run_night(self):
        runs = self.env["account.dunning.run"]
        runs._cron_nightly()
        self.done()
        while runs._continue_next():
            self.done()
        with mute_logger("odoo.addons.mail.models.mail_mail"):  # one address is refused, as it should
            self.env["mail.mail"].process_email_queue()
        self.env["account.collection.case"]._cron_refresh()
        self.done()

    def print_letters(self):
        """The manager issues what waits for a person, and the letters are printed in the morning."""
        notices = self.env["account.dunning.notice"]
        waiting = notices.search([("state", "=", "proposed"), ("date", "<", self.day(self.ago - 1))])
        # the last ones wait: the desk shows them as due
        if waiting and self.ago > 3:
            waiting.with_user(self.manager).action_issue()
            while self.env["account.dunning.run"]._continue_next():
                self.done()
        if self.ago > 1:
            notices.search([("state", "=", "to_print")])._confirm_printed()
        self.done()

    def done(self):
        self.env.flush_all()
        self.env.cr.commit()
        self.env.invalidate_all()

    def day(self, ago):
        return self.today - timedelta(ago)

    # people and companies

    def set_up(self):
        self.make_users()
        self.charge()
        self.make_second()
        others = self.env["account.dunning.type"].search([("company_id", "not in", (self.company + self.second).ids)])
        others.active = False  # Odoo's second company of the demo duns nobody
        foreign = self.customers("zuerisee", "alpkaeserei", "donauwerk")
        demo = self.env.ref("base.user_demo")
        demo.write(
            {
                "dunning_substitute_id": self.collector.id,
                "dunning_absent_from": self.day(3),
                "dunning_absent_until": self.day(-7),
            }
        )
        everybody = self.env["res.partner"].search([("parent_id", "=", False), ("ref", "=like", "C%")])
        everybody.with_company(self.company).dunning_user_id = self.collector
        foreign.with_company(self.company).dunning_user_id = demo
        self.done()

    def make_users(self):
        users = self.env["res.users"].with_context(no_reset_password=True, **QUIET)
        desk = self.env.ref("account_dunning.account_collection_case_desk_action_menu")
        groups = {
            "collector": ("Nora Lindqvist", "account_dunning.group_dunning_collector"),
            "manager": ("Martin Hale", "account_dunning.group_dunning_manager,account.group_account_invoice"),
        }
        for login, (name, xmlids) in groups.items():
            user = users.create(
                {
                    "name": name,
                    "login": login,
                    "password": login,
                    "email": f"{login}@example.com",
                    "tz": self.env.ref("base.user_admin").tz or "UTC",
                    "action_id": desk.id,
                    "group_ids": [Command.set([self.env.ref(xmlid).id for xmlid in xmlids.split(",")])],
                }
            )
            setattr(self, login, user)

    def charge(self):
        """Fees and interest from the second letter on."""
        rate = self.env["account.dunning.interest.rate"].create(
            {
                "name": "Default interest",
                "company_id": self.company.id,
                "line_ids": [Command.create({"date": self.day(900), "percent": 9.0})],
            }
        )
        for dunning_type in self.env["account.dunning.type"].search([("company_id", "=", self.company.id)]):
            levels = dunning_type.level_ids.filtered(lambda level: not level.reminder and level.document != "none")
            dunning_type.write({"interest_rate_id": rate.id, "unrecovered_days": 120})
            levels[1:].write({"interest": True, "fee_kind": "fixed", "fee_amount": 12.0})

    def make_second(self):
        """A company of another country, which pursues customers, not invoices, and prints QR codes on its letters."""
        second = self.env["res.company"].create({"name": SECOND_NAME, "currency_id": self.env.ref("base.EUR").id})
        place = {
            "street": "Speicherstraße 21",
            "zip": "20457",
            "city": "Hamburg",
            "country_id": self.env.ref("base.de").id,
        }
        second.partner_id.write(place)  # of the company, it would install a localisation
        users = self.collector + self.manager + self.env.ref("base.user_admin")
        users.write({"company_ids": [Command.link(second.id)]})
        self.env["account.chart.template"].try_loading("generic_coa", company=second, install_demo=False)
        second.write({"email": "buchhaltung@kontorhaus.example.com", "phone": "+49 40 66969 100"})
        second.partner_id.tz = "Europe/Berlin"
        second.logo = self.company.logo
        bank = {
            "acc_number": "DE02 1203 0000 0000 2020 51",
            "partner_id": second.partner_id.id,
            "company_id": second.id,
        }
        self.env["res.partner.bank"].create({**bank, "allow_out_payment": True})
        settings = second._get_dunning_settings()
        settings.write({"mode": "customer", "auto_issue": True, "issue_user_id": self.manager.id})
        levels = self.env["account.dunning.type"].search([("company_id", "=", second.id)]).level_ids
        levels[1:].write({"document": "letter", "manual_release": False})
        self.second = second

    def customers(self, *names):
        return self.env["res.partner"].concat(*map(self.customer, names))

    def customer(self, name):
        prefixes = ("customer", "policy")
        records = (self.env.ref(f"account_dunning.{prefix}_{name}", raise_if_not_found=False) for prefix in prefixes)
        return next(filter(None, records))

    # what is to happen

    def plan_all(self):
        self.plan_earlier()
        self.plan_second()
        for name, events in STORY.items():
            for ago, verb, values in events:
                act = getattr(self, f"do_{verb}")
                self.plan(ago, act, self.company, self.customer(name), **values)

    def plan(self, ago, act, *args, **values):
        """Have ``act`` done so many days ago, on the Friday before where that was a weekend."""
        day = self.day(ago)
        day -= timedelta(max(day.weekday() - 4, 0))

        def run():
            self.nominal = ago
            act(*args, **values)

        self.agenda.setdefault(day, []).append(run)

    def later(self, days):
        """The day that is so many days after that of the story."""
        return self.day(self.nominal - days)

    def plan_earlier(self):
        from odoo.addons.account_dunning.data.demo.account_chart_template import GOODS

        for name, (habit, count) in HABITS.items():
            for _index in range(count):
                late = self.rng.randint(*habit)
                due = self.rng.randint(late + 12, MONTHS_BACK - 35)
                amount = sum(price for _name, price in self.rng.sample(GOODS, 2))
                self.plan_invoice(self.company, self.customer(name), due, amount, late)
        for name, (due, amount) in TOLD_OF.items():
            self.plan_invoice(self.company, self.customer(name), due, amount, None)

    def plan_second(self):
        euro = self.env["res.partner"].with_context(**QUIET)
        for name, street, zip_code, city, phone, email, items in SECOND:
            customer = euro.create(
                {
                    "name": name,
                    "is_company": True,
                    "street": street,
                    "zip": zip_code,
                    "city": city,
                    "country_id": self.env.ref("base.de").id,
                    "lang": "de_DE",
                    "phone": phone,
                    "email": email,
                }
            )
            customer.with_company(self.second).dunning_user_id = self.collector
            for due, amount, late in items:
                self.plan_invoice(self.second, customer, due, amount, late)
            if len(items) == 2 and items[0][2] is None:
                self.plan(30, self.do_call, self.second, customer, outcome="reached", note="Bittet um Geduld.")
                self.plan(11, self.do_promise, self.second, customer, parts=[(6, 0.5)], note="Zahlt die Hälfte.")

    def plan_invoice(self, company, customer, due, amount, late):
        """An invoice that was due ``due`` days ago, and paid ``late`` days after that."""
        moves = []

        def post():
            moves.append(self.post(company, customer, due, amount))

        self.plan(min(due + 30, MONTHS_BACK), post)
        if late is not None:
            self.plan(due - late, lambda: self.register(company, moves[0].line_ids))

    # letters

    def stub_letters(self):
        """Letters of former days are a page that says what they were about; those of the last days are real."""
        reports = self.env.registry["ir.actions.report"]
        self.render = render = reports._render_dunning_letters

        def render_some(report, notices):
            if self.ago <= PRINTED:
                return render(report, notices)
            return {notice.id: draw_page(notice) for notice in notices}

        reports._render_dunning_letters = render_some


def draw_page(notice):
    """A page that stands for the letter of a notice."""
    env, buffer = notice.env, io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), invariant=1)
    lines = [
        notice.company_id.name,
        "",
        notice.partner_id.name,
        f"{notice.level_id.name} {notice.name}, {format_date(env, notice.date)}",
        f"Claimed: {format_amount(env, notice.amount_total, notice.currency_id)}",
        "",
        "The demo prints only the letters of the last days. This page stands for an earlier one.",
    ]
    for index, line in enumerate(lines):
        canvas.setFont("Helvetica-Bold" if index == 3 else "Helvetica", 11)
        canvas.drawString(72, 740 - 18 * index, (line or "").replace("\xa0", " "))
    canvas.save()
    return buffer.getvalue()
