"""Writes rental-policy.pdf beside itself: the rental terms of an invented shop, as a PDF with a ruled table.

Run it with the development dependencies installed: python examples/make_examples.py
"""

from datetime import UTC, datetime
from pathlib import Path

import fpdf
from fpdf.fonts import FontFace

TITLE = "Rental and returns policy"
SECTIONS = [
    (
        "1. What this policy covers",
        [
            "Northwind Cycles rents bicycles, trailers and helmets from four shops on the coast. This policy tells "
            "what you pay, what you may cancel, and what happens when something breaks. It applies to rentals that "
            "begin on 1 March 2026 or later.",
            "A rental begins when you collect the bicycle and ends when a member of the staff has checked it in. "
            "A bicycle that is left outside a closed shop counts as rented until the shop opens again.",
        ],
    ),
    (
        "2. Cancelling before you collect",
        [
            "You may cancel a booking on the web, by telephone or at the counter. What you get back depends on how "
            "early you tell us; the hours count from the moment the cancellation reaches us to the start of the "
            "booking. The table shows the fees.",
        ],
    ),
    (
        "3. Bringing it back late",
        [
            "The first thirty minutes are free. After that we charge a quarter of the day's price for each hour that "
            "has begun, and never more than one whole day for each day. Call the shop if you are stuck: where the "
            "weather or a fault of the bicycle is the reason, the fee is waived.",
            "If we have not heard from you for 48 hours after the agreed end, we report the bicycle as missing and "
            "keep the deposit.",
        ],
    ),
    (
        "4. Damage and theft",
        [
            "Normal wear is ours: chains, tyres, brake pads and cables are replaced at no charge. For damage from a "
            "fall or an accident you pay the repair up to the excess of 120 euros. The theft cover, at 3 euros a "
            "day, lowers the excess for theft from 600 to 150 euros, provided that the frame was locked to a fixed "
            "object and you hand in the key.",
            "Report a theft to the police and to us within 24 hours. We need the number of the report.",
        ],
    ),
    (
        "5. Deposits and refunds",
        [
            "The deposit is 80 euros for a bicycle and 150 euros for an electric one. We release it on the day of "
            "the return; your bank may take up to five working days to show it. Refunds go to the card that paid.",
            "If you bought a helmet or a lock from us, you may return it unused within 30 days with the receipt. "
            "Helmets that were worn outdoors cannot be returned, for reasons of safety.",
        ],
    ),
    (
        "6. Questions and complaints",
        [
            "Write to rentals@northwind-cycles.example. We answer within two working days. If our answer does not "
            "satisfy you, ask for a review by the manager of another shop; their decision binds us, not you.",
        ],
    ),
]
FEES = [
    ("Cancelled", "City bicycle", "Electric bicycle", "Trailer"),
    ("more than 72 hours before", "free", "free", "free"),
    ("24 to 72 hours before", "4 EUR", "9 EUR", "2 EUR"),
    ("2 to 24 hours before", "50 %", "50 %", "5 EUR"),
    ("less than 2 hours before", "100 %", "100 %", "100 %"),
]


class Policy(fpdf.FPDF):
    """Pages with a number at the foot."""

    def footer(self) -> None:
        """Called by fpdf at the end of each page."""
        self.set_y(-15)
        self.set_font("helvetica", size=8)
        self.cell(0, 10, f"Page {self.page_no()}", align="C")


def main() -> None:
    """Writes the PDF, always with the same bytes."""
    policy = Policy()
    policy.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    policy.set_title(TITLE)
    policy.set_margins(25, 25)
    policy.set_auto_page_break(True, 40)
    policy.add_page()
    policy.set_font("helvetica", "B", 22)
    policy.cell(0, 14, TITLE, new_x="LMARGIN", new_y="NEXT")
    for heading, paragraphs in SECTIONS:
        policy.ln(6)
        policy.set_font("helvetica", "B", 15)
        policy.cell(0, 10, heading, new_x="LMARGIN", new_y="NEXT")
        policy.set_font("helvetica", size=11)
        for paragraph in paragraphs:
            policy.multi_cell(0, 6, paragraph, new_x="LMARGIN", new_y="NEXT")
            policy.ln(3)
        if heading.startswith("2."):
            with policy.table(headings_style=FontFace(emphasis="BOLD"), col_widths=(4, 2, 2, 2)) as table:
                for row in FEES:
                    table.row(row)
    policy.output(str(Path(__file__).with_name("rental-policy.pdf")))


if __name__ == "__main__":
    main()
