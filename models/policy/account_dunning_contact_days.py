from datetime import datetime, time, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ...engine import ContactRules, next_contact
from ...engine.contact_days import LONGEST_LOOK
from ...tools.public_holidays import get_public_holidays


class NextContact(NamedTuple):
    """When a customer may be reached next: a ``moment`` (UTC, as Odoo stores it), and ``why`` not at once, in words.

    ``day`` is its date in the company's time zone.
    """

    moment: datetime
    day: object
    why: str


class AccountDunningContactDays(models.AbstractModel):
    """When one may write to a customer or call him, for every channel: the settings say it, the engine counts.

    All rules are off unless a company sets them.
    """

    _name = "account.dunning.contact.days"
    _description = "Days of Contact"

    @api.model
    def _get_next_contacts(self, company, partners, moment=None, last=None, hours=True):
        """When the rules of the root ``company`` let customers be reached later than at ``moment``.

        A fixed number of queries for all customers; none but for the settings where the rules are off.

        :param partners: commercial partners
        :param moment: UTC, as Odoo stores it; None: now
        :param last: dict from partner id to the last day that is of use, for those who have one
        :param hours: False where nobody is disturbed, as by a letter: quiet hours do not count
        :return: dict from partner id to :class:`NextContact`; who may be reached at ``moment`` is not in it
        """
        settings = company._get_dunning_settings()
        if not (partners and settings._has_contact_rules()):
            return {}
        moment = moment or fields.Datetime.now()
        rules = self._get_rules(settings, hours)
        closed = self._get_closed_days(settings, company._dunning_today(moment))
        days = self._get_contacts(company, partners, moment, rules)
        found = {}
        for partner in partners.sudo():  # where they live and what time it is there
            zone = self._get_zone(company, partner)
            local = moment.replace(tzinfo=timezone.utc).astimezone(zone).replace(tzinfo=None)
            holidays = closed | self._get_public_holidays(settings, partner, local.date())
            latest = (last or {}).get(partner.id)
            contact = next_contact(local, rules, holidays, tuple(days.get(partner.id, ())), latest)
            if contact.why:
                found[partner.id] = self._to_next(company, contact, zone)
        return found

    @api.model
    def _next_contact_day(self, company, partner, moment=None):
        """The day on which one ``partner`` may be reached next, in the company's time zone, and why not at once.

        :return: date, and words or None
        """
        found = self._get_next_contacts(company, partner, moment).get(partner.id)
        return (found.day, found.why) if found else (company._dunning_today(moment), None)

    @api.model
    def _get_business_day(self, company, partner, day):
        """``day``, or the next one on which the company works; of holidays those that the settings heed."""
        settings = company._get_dunning_settings()
        rules = ContactRules(weekdays=self._get_weekdays(company) or frozenset(range(5)))
        holidays = self._get_closed_days(settings, day) | self._get_public_holidays(settings, partner.sudo(), day)
        return next_contact(datetime.combine(day, time(12)), rules, holidays).moment.date()

    @api.model
    def _to_next(self, company, contact, zone):
        """What the engine found for a customer who lives in ``zone``."""
        moment = contact.moment.replace(tzinfo=zone).astimezone(timezone.utc).replace(tzinfo=None)
        return NextContact(moment, company._dunning_today(moment), self._get_labels()[contact.why])

    @api.model
    def _get_labels(self):
        """Why a customer is not reached at once, in words."""
        return {
            "weekday": self.env._("no business day"),
            "holiday": self.env._("a public holiday"),
            "quiet": self.env._("quiet hours"),
            "cap": self.env._("reached often enough in these days"),
        }

    @api.model
    def _get_rules(self, settings, hours):
        """The rules of the company as a value of the engine."""
        quiet = settings.contact_quiet and hours
        return ContactRules(
            weekdays=self._get_weekdays(settings.company_id) if settings.contact_business_days else None,
            quiet_from=_to_time(settings.contact_quiet_from) if quiet else time.min,
            quiet_until=_to_time(settings.contact_quiet_until) if quiet else time.min,
            cap=settings.contact_most,
            within=settings.contact_within,
        )

    @api.model
    def _get_weekdays(self, company):
        """The days of the week on which the company works by its calendar; None where it has none, or it is empty."""
        calendar = company.sudo().resource_calendar_id  # collectors read no calendars
        attendances = calendar.attendance_ids.filtered(lambda attendance: not attendance.display_type)
        return frozenset(int(attendance.dayofweek) for attendance in attendances) or None

    @api.model
    def _get_public_holidays(self, settings, partner, day):
        """The public holidays after ``day`` where the customer lives, else where the company is; by the settings."""
        if not settings.contact_holidays:
            return frozenset()
        address = partner if partner.country_id else settings.company_id.partner_id
        years = {day.year, fields.Date.add(day, days=LONGEST_LOOK).year}
        place = (address.country_id.code, address.state_id.code)
        return frozenset().union(*(get_public_holidays(*place, year) for year in years))

    @api.model
    def _get_closed_days(self, settings, today):
        """The days from ``today`` on that the company's calendar has as time off for all; by the settings."""
        closed, company = set(), settings.company_id
        if not settings.contact_business_days:
            return frozenset()
        last = fields.Date.add(today, days=LONGEST_LOOK)
        for leave in company.sudo().resource_calendar_id.global_leave_ids:
            day, end = max(company._dunning_today(leave.date_from), today), company._dunning_today(leave.date_to)
            while day <= min(end, last):
                closed.add(day)
                day = fields.Date.add(day, days=1)
        return frozenset(closed)

    @api.model
    def _get_zone(self, company, partner):
        """The time zone of the customer, else of the company."""
        return ZoneInfo(partner.tz or company._get_dunning_zone())

    @api.model
    def _get_contacts(self, company, partners, moment, rules):
        """The days on which the customers were reached, as far as they count; by partner id."""
        if not rules.cap:
            return {}
        since = fields.Date.add(company._dunning_today(moment), days=-rules.within)
        return self._get_reached_contacts(company, partners, since)

    @api.model
    def _get_reached_contacts(self, company, partners, since):
        """The days from ``since`` on that customers were reached: lists of dates, one for each contact, by id. Hook."""
        return {}


def _to_time(hours):
    """A number of hours, as Odoo stores it, as a time of the day."""
    minutes = min(round(hours * 60), 24 * 60 - 1)
    return time(minutes // 60, minutes % 60)
