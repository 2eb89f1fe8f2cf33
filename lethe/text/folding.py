"""Folds characters for comparison, so that letters that people regard as the same become the same.

`Código`, `CODIGO` and `codigo` are one word, as are `ﬁnance` and `finance`, `Straße` and `STRASSE`, `Łódź` and
`lodz`, `ＡＢＣ` and `abc`, and a word with and without a soft hyphen or a joiner in it.
"""

import re
import unicodedata

_MARKUP = re.compile(r"</?(su[bp])>", re.IGNORECASE)
_RAISED = re.compile(
    "[\u00b2\u00b3\u00b9\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d61\u1d78\u1d9b-\u1dbf\u2070-\u207f\u2120\u2122"
    "\u2460-\u24ff\u2776-\u2793]+"
)
_LOWERED = re.compile("[\u1d62-\u1d6a\u2080-\u209c\u2c7c]+")
# The rare character comes first: searching for it is five times as fast as looking behind every position.
_FRACTION = re.compile("[\u00bc-\u00be\u2150-\u215e](?<=\\d.)")
_GROUPED = re.compile("[\u00a0\u2007\u2009\u202f](?<=\\d.)(?=\\d{3}(?!\\d))")
_BROKEN = re.compile("\u00ad[ \\t]*\\n[ \\t]*")
_IGNORED = re.compile(
    # accents; Cyrillic, Hebrew and Arabic points, Arabic lengthening
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    # soft hyphen, joiners, marks of direction, word joiner, byte order mark, fillers
    "\u00ad\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    # how a character should look: variation, skin, tag
    "\ufe00-\ufe0f\U000e0000-\U000e01ef\U0001f3fb-\U0001f3ff]+"
)
_FOREIGN_DIGIT = re.compile("[^\\D0-9]|[\u2776-\u277e\u2780-\u2788\u278a-\u2792]")
_SAME = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\u2043", "-"),
    **dict.fromkeys("\u2018\u2019\u201b\u02bb\u02bc\u2032\u00b4", "'"),
    "\u2044": "/",
    "œ": "oe",
    "æ": "ae",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ŧ": "t",
    "þ": "th",
    "ı": "i",
    "ŋ": "n",
    "\u0649": "\u064a",  # Arabic letters written for one another, and their Persian forms
    "\u06cc": "\u064a",
    "\u06a9": "\u0643",
    "\u0629": "\u0647",
}
_OTHERWISE = re.compile(f"[{''.join(_SAME)}]")
_PLAIN = re.compile("[\\0-\x7f¡¿«»“”—…À-ÅÇ-ÖÙ-Ýà-åç-öù-ýÿ]*")

IGNORED = _IGNORED.pattern[1:-2]
"""The inside of a character class: characters that are ignored inside a word."""


def fold(text: str) -> str:
    """`text` in lower case and plain characters: without accents, format characters and ligatures.

    Superscripts and subscripts are marked as in Markdown, `10⁶` as `10^6^` and `H₂O` as `h~2~o`, since a
    superscript digit is not part of the number before it. Typographic hyphens and apostrophes become plain ones.
    """
    if "<" in text:
        text = _MARKUP.sub(lambda tag: "~" if tag[1].lower() == "sub" else "^", text)
    if text.isascii():
        return text.lower()
    if _PLAIN.fullmatch(text):
        return _IGNORED.sub("", unicodedata.normalize("NFD", text)).lower()
    text = _RAISED.sub(r"^\g<0>^", text)
    text = _LOWERED.sub(r"~\g<0>~", text)
    text = _GROUPED.sub(",", _FRACTION.sub(r" \g<0>", _BROKEN.sub("", text)))
    text = _IGNORED.sub("", unicodedata.normalize("NFKD", text)).casefold()
    text = _OTHERWISE.sub(lambda odd: _SAME[odd[0]], text)
    text = _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0], digit[0])), text)
    return unicodedata.normalize("NFC", text)
