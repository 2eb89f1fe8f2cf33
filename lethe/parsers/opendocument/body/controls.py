"""The text that a form control shows."""

from xml.etree.ElementTree import Element

CHECKED, UNCHECKED = "☒", "☐"
_VALUES = ("form:current-value", "form:value", "office:string-value", "office:value", "office:date-value")
_NOT_SHOWN = frozenset({"form:hidden", "form:password", "form:file", "form:image", "form:grid"})


def shown(control: Element) -> str:
    """The control's text as a person sees it: its value or label, the chosen options, or whether it is checked."""
    kind, label = control.tag, control.get("form:label", "")
    if kind in _NOT_SHOWN:
        return ""
    if kind in ("form:checkbox", "form:radio"):
        if kind == "form:radio":
            state = control.get("form:current-selected", control.get("form:selected", "false"))
        else:
            state = control.get("form:current-state", control.get("form:state", "unchecked"))
        return f"{CHECKED if state in ('checked', 'true') else UNCHECKED} {label}".strip()
    if kind == "form:listbox":
        options = control.findall("form:option")
        chosen = [option for option in options if option.get("form:current-selected") == "true"] or [
            option for option in options if option.get("form:selected") == "true"
        ]
        return ", ".join(option.get("form:label", option.get("form:value", "")) for option in chosen)
    if kind == "form:textarea":
        paragraphs = ["".join(below.itertext()) for below in control.iter("text:p")]
        if any(paragraphs):
            return "\n".join(paragraphs)
    return next((control.attrib[key] for key in _VALUES if control.get(key)), label)


def field_mark(element: Element) -> str:
    """The text of a form field imported from Word: a check box, or the chosen entry of a list."""
    values: dict[str, list[str]] = {}
    for parameter in element.iter("field:param"):
        values.setdefault(parameter.get("field:name", ""), []).append(parameter.get("field:value", ""))
    kind = element.get("field:type", "").rpartition(".")[2].upper()
    if "CHECKBOX" in kind:
        return CHECKED if values.get("Checkbox_Checked", [""])[0] in ("true", "1") else UNCHECKED
    entries, chosen = values.get("Dropdown_ListEntry", []), values.get("Dropdown_Selected", ["0"])[0]
    if "DROPDOWN" in kind and chosen.isascii() and chosen.isdigit() and int(chosen[:6]) < len(entries):
        return entries[int(chosen[:6])]
    return ""
