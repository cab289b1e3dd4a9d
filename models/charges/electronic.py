from odoo import api
from odoo.tools import SQL, format_date

from ...engine.money import total
from ...tools.attachments import create_attachments
from .oioubl import Line, Party, Reminder, make_reminder

# The electronic addresses of Denmark by the codes of Peppol, which Odoo's e-invoicing knows.
SCHEMES = {"0088": "GLN", "0184": "DK:CVR", "0096": "DK:P", "0198": "DK:SE"}


class ElectronicReminder:
    """The notice as a UBL Reminder (OIOUBL), for customers who want one beside the letter."""

    __slots__ = ()

    def _make_electronic(self):
        """Make the electronic reminders of the notices whose customers want one, in sets.

        :return: dict from notice to its attachment
        """
        made = super()._make_electronic()
        chosen = self.browse()
        for company, notices in self.grouped("company_id").items():
            chosen += notices.filtered(lambda notice: notice.partner_id.with_company(company).dunning_oioubl)  # noqa: B023
        if not chosen:
            return made
        before = chosen._count_reminders()
        attachments = create_attachments(
            self.env,
            [
                {
                    "name": f"{notice.name.replace('/', '-')}.xml",
                    "raw": make_reminder(notice._to_oioubl(before.get(notice.id, 0) + 1)),
                    "mimetype": "application/xml",
                    "res_model": notice._name,
                    "res_id": notice.id,
                }
                for notice in chosen
            ],
        )
        return {**made, **dict(zip(chosen, attachments, strict=True))}

    def _count_reminders(self):
        """How many notices about any of their items have left before, by id of the notice; one query."""
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT own.notice_id, COUNT(DISTINCT sent.id)
                         FROM account_dunning_notice_line own
                         JOIN account_dunning_notice_line other ON other.move_line_id = own.move_line_id
                         JOIN account_dunning_notice sent ON sent.id = other.notice_id
                        WHERE own.notice_id = ANY(%s) AND sent.state = 'sent' AND sent.id != own.notice_id
                          AND sent.document != 'none'
                        GROUP BY own.notice_id""",
                    self.ids,
                )
            )
        )

    def _to_oioubl(self, sequence):
        """The notice as values of the document, with the number ``sequence`` in the row of reminders. Hook."""
        self.ensure_one()
        notice = self.with_context(lang=self._get_lang())
        bank = notice._get_bank_account()
        number = bank._get_dunning_qr_iban(notice.currency_id, notice.recipient_id) or bank.acc_number or ""
        return Reminder(
            number=notice.name,
            day=notice.date,
            advis=notice.reminder,
            sequence=sequence,
            currency=notice.currency_id.name,
            digits=notice.currency_id.decimal_places,
            supplier=self._to_party(notice.company_id.partner_id, notice._get_contact()),
            customer=self._to_party(notice.recipient_id, notice.recipient_id),
            deadline=notice._get_deadline(),
            reference=notice._get_payment_reference(),
            account=number.replace(" ", ""),
            iban=bank.acc_type == "iban",
            bic=bank.bank_id.bic or "",
            account_name=bank.acc_holder_name or bank.partner_id.name or "",
            lines=tuple(notice._get_oioubl_lines()),
            payable=notice.amount_total,
        )

    def _get_oioubl_lines(self):
        """The items as they stand on the letter, what credits cover, then fees and interest one by one. Hook."""
        lines = [
            Line(
                self.env._("%(number)s, due on %(date)s", number=line.name, date=format_date(self.env, line.due_date)),
                line.claim,
                line.name or "",
                line.move_id.invoice_date or line.move_id.date,
            )
            for line in self._get_letter_lines()
        ]
        if self.amount_credit:
            lines.append(Line(self.env._("Payments and credits that are not allocated"), -self.amount_credit))
        charges = self.charge_ids.filtered(lambda charge: not charge.waived and charge.kind != "excess").sorted("id")
        lines += [Line(charge.name or "", charge.amount) for charge in charges]
        rest = self.currency_id.round(self.amount_total - total(line.amount for line in lines))
        if rest:
            lines.append(Line(self.env._("Rounding"), rest))
        return lines

    @api.model
    def _to_party(self, partner, contact):
        """A party of the document. Odoo's e-invoicing says its electronic address, if it is installed."""
        partner = partner.sudo()  # who sends notices need not read all of it
        company = partner.commercial_partner_id
        scheme, endpoint = self._get_endpoint(partner)
        return Party(
            name=company.name or partner.name or "",
            endpoint=endpoint,
            scheme=scheme,
            street=partner.street or "",
            street2=partner.street2 or "",
            city=partner.city or "",
            postcode=partner.zip or "",
            country=partner.country_id.code or "",
            vat=company.vat or "",
            registration=company.company_registry or "",
            contact=contact.name or "",
            phone=contact.phone or partner.phone or "",
            email=contact.email or partner.email or "",
        )

    @api.model
    def _get_endpoint(self, partner):
        """Scheme and number of the electronic address: that of e-invoicing, else GLN or CVR by their kind."""
        company = partner.commercial_partner_id
        for one in (partner, company):
            if "peppol_endpoint" in one._fields and one.peppol_endpoint and one.peppol_eas in SCHEMES:
                return SCHEMES[one.peppol_eas], one.peppol_endpoint
            if "global_location_number" in one._fields and one.global_location_number:
                return "GLN", one.global_location_number
        if company.country_id.code == "DK" and (number := company.vat or company.company_registry):
            digits = "".join(filter(str.isdigit, number))
            return "DK:CVR", f"DK{digits}"
        return "", company.vat or company.company_registry or ""
