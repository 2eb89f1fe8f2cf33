"""Names of months and days in the languages that a number format can select."""

import re

_COUNTRY = re.compile(r"\[\$[^\]]{0,30}-(?:([0-9A-Fa-f]{1,8})|([a-z]{2})(?:-[A-Za-z-]{1,20})?)\]")
_CODES = {0x07: "de", 0x09: "en", 0x0A: "es", 0x0C: "fr", 0x10: "it", 0x16: "pt"}
"""Languages by the lower bits of Windows' locale ids."""
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
_DAYS = {
    "en": "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
    "es": "domingo lunes martes miércoles jueves viernes sábado",
    "fr": "dimanche lundi mardi mercredi jeudi vendredi samedi",
    "de": "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag",
    "it": "domenica lunedì martedì mercoledì giovedì venerdì sabato",
    "pt": "domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado",
}
_SHORT_MONTHS = {
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "de": "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
}
_SHORT_DAYS = {
    "fr": "dim. lun. mar. mer. jeu. ven. sam.",
    "de": "So Mo Di Mi Do Fr Sa",
}


def language(section: str) -> str:
    """The language that a section of a format code selects; English if it selects none or an unknown one."""
    match = _COUNTRY.search(section)
    if not match:
        return "en"
    found = match[2] or _CODES.get(int(match[1], 16) & 0x3FF, "en")
    return found if found in _MONTHS else "en"


def month_name(language: str, month: int, width: int) -> str:
    """`mmm` is the short name of a month from 1 to 12, `mmmm` the long one, `mmmmm` its first letter."""
    return _name(_MONTHS[language].split()[month - 1], _SHORT_MONTHS.get(language), month - 1, width)


def day_name(language: str, weekday: int, width: int) -> str:
    """`ddd` is the short name of a weekday (Sunday is 0), `dddd` the long one."""
    return _name(_DAYS[language].split()[weekday], _SHORT_DAYS.get(language), weekday, width)


def _name(name: str, short: str | None, at: int, width: int) -> str:
    if width == 3:
        return short.split()[at] if short else name[:3]
    return name[:1] if width == 5 else name
