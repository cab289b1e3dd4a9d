"""Demo data that XML cannot make: documents of every age, dated from the day on which they are loaded."""

import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from .texts import TRANSLATIONS

SEED = 846
INVOICES = 150
GOODS = [
    ("Task chair, mesh back", 289.0),
    ("Standing desk, oak 160 × 80", 749.0),
    ("Conference table, 10 seats", 2190.0),
    ("Filing cabinet, 4 drawers", 318.5),
    ("Acoustic panel, felt", 126.4),
    ("Desk lamp, LED", 84.9),
    ("Monitor arm, double", 159.0),
    ("Whiteboard, glass 120 × 90", 264.0),
    ("Visitor chair, stackable", 98.75),
    ("Reception counter, made to measure", 3480.0),
    ("Carpet tiles, box of 20", 212.3),
    ("Delivery and assembly", 185.0),
]
TERMS = ("account_payment_term_15days", "account_payment_term_30days", "account_payment_term_45days")
TERM_DAYS = {TERMS[0]: 15, TERMS[1]: 30, TERMS[2]: 45}
CURRENCIES = {"CH": "CHF", "AT": "EUR", "BE": "EUR", "DE": "EUR", "FR": "EUR", "IE": "EUR"}
# How many days overdue, from and to, and how often: every age, most of them not too old.
AGES = [((-28, -1), 30), ((0, 7), 20), ((8, 20), 36), ((21, 40), 34), ((41, 90), 22), ((91, 200), 8)]
# What became of the invoices; the rest is open.
FATES = {"settled": 44, "partly_paid": 16, "credited": 5, "partly_credited": 4, "blocked": 5, "instalments": 12}


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    @api.model
    def _load_dunning_demo(self):
        """Make the documents of the demo customers. The same ones for every call on the same day."""
        company = self.env.ref("base.main_company")
        if not company.chart_template:
            return
        self = self.with_company(company).with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True, mail_notrack=True
        )
        self._translate_dunning_texts()
        self._set_up_dunning_customers()
        rng = random.Random(SEED)
        customers = self._get_dunning_customers()
        moves, fates = self._make_dunning_invoices(customers, rng)
        for fate in ("settled", "partly_paid", "credited", "partly_credited", "blocked"):
            chosen = moves.browse(move.id for move in moves if fates[move.id] == fate)
            getattr(self, f"_make_dunning_{fate}")(chosen, rng)
        self._make_dunning_prepayments(rng)
        self._make_dunning_holds(moves.filtered(lambda move: fates[move.id] == "open"))

    def _translate_dunning_texts(self):
        for (xmlid, days), languages in TRANSLATIONS.items():
            level = self.env.ref(xmlid).level_ids.filtered(lambda level: level.days == days)  # noqa: B023
            level = level.with_context(lang="en_US")
            for lang, (name, text, below) in languages.items():
                level.update_field_translations("name", {lang: name})
                level.update_field_translations("text", {lang: text})
                level.update_field_translations("text_below", {lang: below})

    def _set_up_dunning_customers(self):
        """Dunning contact and collectors: fields that differ by company."""
        self._dunning_customer("donauwerk").dunning_contact_id = self.env.ref("account_dunning.contact_donauwerk")
        foreign = self._get_dunning_customers().filtered(lambda partner: partner.lang != "en_US")
        foreign.dunning_user_id = self.env.ref("base.user_demo")

    def _dunning_customer(self, name):
        return self.env.ref(f"account_dunning.customer_{name}")

    def _get_dunning_customers(self):
        """The demo customers in the order of their numbers."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "account_dunning"), ("name", "=like", "customer\\_%"), ("model", "=", "res.partner")]
        )
        return self.env["res.partner"].browse(data.mapped("res_id")).sorted("ref")

    # invoices

    def _make_dunning_invoices(self, customers, rng):
        """Post the invoices; returns them, and what is to become of each."""
        ages = [rng.randint(*span) for span, count in AGES for _index in range(count)]
        rng.shuffle(ages)
        fates = self._choose_dunning_fates(ages, rng)
        buyers = list(customers) * 3 + rng.choices(list(customers), k=INVOICES - 3 * len(customers))
        vals_list = [
            self._prepare_dunning_invoice(partner, days, fate, rng)
            for partner, days, fate in zip(buyers, ages, fates, strict=True)
        ]
        moves = self.env["account.move"].create(vals_list)
        posted = moves.sorted("invoice_date")
        posted.action_post()
        self._date_dunning_posting(posted)
        return posted, dict(zip(moves.ids, fates, strict=True))

    def _date_dunning_posting(self, moves):
        """The invoices were posted on their own day, not when the demo was made."""
        for day, group in moves.grouped("invoice_date").items():
            group.sudo().dunning_posted_on = day

    def _choose_dunning_fates(self, ages, rng):
        """One fate for each age: only what is overdue is blocked or credited, or pays by instalments."""
        fates = ["open"] * len(ages)
        free = list(range(len(ages)))
        rng.shuffle(free)
        for fate, count in FATES.items():
            suited = [index for index in free if fate in ("settled", "partly_paid") or ages[index] > 5][:count]
            for index in suited:
                fates[index] = fate
                free.remove(index)
        return fates

    def _prepare_dunning_invoice(self, partner, days_overdue, fate, rng):
        """Values of an invoice; of one that is paid by instalments the first is ``days_overdue``."""
        term = "account_dunning.payment_term_instalments" if fate == "instalments" else f"account.{rng.choice(TERMS)}"
        days = TERM_DAYS.get(term.removeprefix("account."), 30)
        date = fields.Date.context_today(self) - timedelta(days + days_overdue)
        currency = CURRENCIES.get(partner.country_id.code, "USD")
        goods = rng.sample(GOODS, rng.choice((1, 1, 2, 2, 3, 4)))
        return {
            "move_type": "out_invoice",
            "partner_id": partner.address_get(["invoice"])["invoice"],
            "invoice_date": date,
            "delivery_date": date,
            "invoice_payment_term_id": self.env.ref(term).id,
            "invoice_user_id": self.env.ref("base.user_admin").id,
            "currency_id": self.env.ref(f"base.{currency}").id,
            **({"partner_bank_id": self.env.ref("account_dunning.bank_eur").id} if currency == "EUR" else {}),
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": name,
                        "quantity": rng.choice((1, 1, 2, 4, 6)) if price < 500 else 1,
                        "price_unit": price,
                        "tax_ids": [Command.clear()],
                    }
                )
                for name, price in goods
            ],
        }

    # what became of them

    def _make_dunning_settled(self, moves, rng):
        self._pay_dunning_invoices({move: move.amount_total for move in moves}, rng)

    def _make_dunning_partly_paid(self, moves, rng):
        parts = {move: move.currency_id.round(move.amount_total * rng.choice((0.25, 0.5, 0.6))) for move in moves}
        self._pay_dunning_invoices(parts, rng)

    def _pay_dunning_invoices(self, amounts, rng):
        """Post a payment of ``amounts`` for each invoice and reconcile it."""
        today = fields.Date.context_today(self)
        payments = self.env["account.payment"].create(
            [
                self._prepare_dunning_payment(
                    move.commercial_partner_id,
                    amount,
                    move.currency_id,
                    min(today, move.invoice_date_due + timedelta(rng.randint(-5, 30))),
                    move.name,
                )
                for move, amount in amounts.items()
            ]
        )
        payments.action_post()
        pairs = [
            (move + payment.move_id).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            for move, payment in zip(amounts, payments, strict=True)
        ]
        self.env["account.move.line"]._reconcile_plan(pairs)

    def _prepare_dunning_payment(self, partner, amount, currency, date, memo):
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": partner.id,
            "amount": amount,
            "currency_id": currency.id,
            "date": date,
            "memo": memo,
        }

    def _make_dunning_credited(self, moves, _rng):
        moves._reverse_moves([self._prepare_dunning_refund(move) for move in moves], cancel=True)

    def _make_dunning_partly_credited(self, moves, _rng):
        refunds = moves._reverse_moves([self._prepare_dunning_refund(move) for move in moves])
        for refund in refunds:
            refund.invoice_line_ids[1:].unlink()
            refund.invoice_line_ids.price_unit *= 0.2
        refunds.action_post()
        for move, refund in zip(moves, refunds, strict=True):
            lines = (move + refund).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            lines.reconcile()

    def _prepare_dunning_refund(self, move):
        today = fields.Date.context_today(self)
        date = min(today, move.invoice_date + timedelta(10))
        return {"ref": f"Credit for {move.name}", "date": date, "invoice_date": date, "invoice_date_due": date}

    def _make_dunning_blocked(self, moves, _rng):
        for move in moves:
            move.action_toggle_block_payment()

    def _make_dunning_prepayments(self, rng):
        """Payments that nobody has allocated yet, as a share of what is owed; one covers it all."""
        today = fields.Date.context_today(self)
        shares = {"granite_state": 0.25, "castelnau": 1.1, "holzapfel": 0.3, "zuerisee": 0.1}
        vals_list = []
        for name, share in shares.items():
            partner = self._dunning_customer(name)
            lines = self.env["account.move.line"].search(
                [*self.env["account.move.line"]._get_open_item_domain(), ("partner_id", "=", partner.id)]
            )
            amount = lines.currency_id.round(sum(lines.mapped("amount_residual_currency")) * share)
            date = today - timedelta(rng.randint(1, 20))
            vals_list.append(self._prepare_dunning_payment(partner, amount, lines.currency_id, date, "On account"))
        self.env["account.payment"].create(vals_list).action_post()

    def _make_dunning_holds(self, moves):
        """A dispute about an invoice, one about a part of an amount, and an insolvent customer."""
        today = fields.Date.context_today(self)
        insolvent = self._dunning_customer("roche_blanche")
        whole, part = moves.filtered(
            lambda move: (
                move.invoice_date_due < today - timedelta(10)
                and move.commercial_partner_id.email
                and move.commercial_partner_id != insolvent
            )
        ).sorted("name")[:2]
        dispute = self.env["account.dunning.reason"]._get_shipped("reason_dispute", self.env.company).id
        insolvency = self.env["account.dunning.reason"]._get_shipped("reason_insolvency", self.env.company).id
        self.env["account.dunning.hold"].create(
            [
                {"move_id": whole.id, "reason_id": dispute, "note": "Goods arrived damaged"},
                {
                    "move_id": part.id,
                    "amount": part.currency_id.round(part.amount_total * 0.4),
                    "reason_id": dispute,
                    "note": "Assembly was not finished",
                    "date_until": today + timedelta(14),
                },
                {"partner_id": insolvent.id, "reason_id": insolvency},
            ]
        )
