"""Refusals that open what stands in the way."""

from odoo.exceptions import LockError, RedirectWarning

NAMED = 3


def refusal(message, records, action, button):
    """The exception that says ``message`` and has a button that shows the ``records``.

    :param str action: external id of the window action that lists such records
    :param str button: what the button says
    """
    values = records.env["ir.actions.act_window"]._for_xml_id(action)
    return RedirectWarning(message, {**values, "domain": [("id", "in", records.ids)], "context": {}}, button)


def name_some(records):
    """The names of the first few records; dots stand for the others."""
    names = records[:NAMED].mapped("display_name")
    return ", ".join(names) + (", …" if len(records) > NAMED else "")


def lock(records):
    """Lock ``records`` for what a person does with them.

    :raises LockError: with a sentence, where somebody else is at one of them
    """
    if len(records.try_lock_for_update()) < len(records):
        raise LockError(
            records.env._(
                "Somebody else is working on this just now: %(names)s. Wait a moment, look again, and repeat it if it "
                "is still needed.",
                names=name_some(records),
            )
        )
