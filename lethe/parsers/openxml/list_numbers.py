"""The numbers of list items in the formats of Word and PowerPoint."""

from lethe.parsers.markdown.numerals import chinese, hebrew, letters, roman

DEEPEST = 8
"""The last level of a list, counted from 0."""
_MOST_LETTERS = 26 * 30
_MOST_ROMAN = 3_999


_ALPHABETS = {
    "russianLower": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ",
    "hebrew2": "אבגדהוזחטיכלמנסעפצקרשת",
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
    "ganada": "가나다라마바사아자차카타파하",
    "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
    "iroha": "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "thaiLetters": "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
}
_DIGITS = {
    "ideographDigital": "〇一二三四五六七八九",
    "hindiNumbers": "०१२३४५६७८९",
    "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙",
}
_CHINESE = frozenset(
    {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting"}
    | {"taiwaneseCountingThousand", "chineseLegalSimplified"}
)
_LEGAL = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
_MOST_HEBREW, _MOST_CHINESE, _MOST_CIRCLED, _LONGEST = 499, 9_999, 20, 20


def counted(count: int, form: str) -> str:
    """A number in a numbering format of Word ("lowerRoman", "upperLetter" ...); in digits if the format is unknown."""
    if form == "none":
        return ""
    if form in ("lowerLetter", "upperLetter") and 0 < count <= _MOST_LETTERS:
        text = letters(count, doubles=True)
    elif form in ("lowerRoman", "upperRoman") and 0 < count <= _MOST_ROMAN:
        text = roman(count)
    elif count > 0 and (text := _elsewhere(count, form)):
        return text
    else:
        return f"{count:02}" if form == "decimalZero" else str(count)
    return text.upper() if form.startswith("upper") else text


def _elsewhere(count: int, form: str) -> str:
    """A number in a script other than Latin; "" if the format is unknown."""
    if (alphabet := _ALPHABETS.get(form)) is not None:
        return alphabet[(count - 1) % len(alphabet)] * min(_LONGEST, (count - 1) // len(alphabet) + 1)
    if (digits := _DIGITS.get(form)) is not None:
        return "".join(digits[int(digit)] for digit in str(count))
    if form in _CHINESE and count <= _MOST_CHINESE:
        return chinese(count).translate(_LEGAL if "Legal" in form else {})
    if form == "hebrew1" and count <= _MOST_HEBREW:
        return hebrew(count)
    if form == "decimalEnclosedCircle" and count <= _MOST_CIRCLED:
        return chr(0x2460 + count - 1)
    return ""
