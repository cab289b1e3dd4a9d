"""Telephone numbers as networks take them. No Odoo here."""

LEAST = 7  # digits of a number with its country, at least


def to_international(number, country_code):
    """``number`` as ``+`` and digits, or an empty string where it is none.

    This is for servers without the library ``phonenumbers``, of which Odoo makes the same of numbers that it knows.

    :param int country_code: what is dialled for the country where a number without one is; 0: not known
    """
    text = (number or "").strip().replace("(0)", "")
    digits = "".join(char for char in text if char in "0123456789")
    if text.startswith("00"):
        digits = digits.removeprefix("00")
    elif not text.startswith("+"):
        digits = f"{country_code}{digits.lstrip('0')}" if country_code and digits else ""
    return f"+{digits}" if len(digits) >= LEAST else ""
