"""What the server that forks child processes loads once, so that each child has it at no cost.

Imported by that server alone, see adapters/children.py.
"""

import os
from contextlib import suppress

import lethe.adapters.parsers  # noqa: F401
from lethe.adapters.embedders import OpenAIModel, parse_embedder
from lethe.adapters.embedders.cpu import load
from lethe.domain.errors import OperatorError
from lethe.text.blocks import split_parts
from lethe.text.chunking import chunks
from lethe.text.languages import STOP_WORDS
from lethe.text.lexemes import analyse

# Each of these loads something when it is first used: the tokenizer's 42 MB, the stemmers, the parser.
for _chunk in chunks(split_parts("# Title\n\nText.\n"), 10):
    for _language in STOP_WORDS:
        analyse(_chunk.text, _language)

with suppress(OperatorError):  # no model is asked for, or whoever asks for it is told why there is none
    _spec = parse_embedder(os.environ.get("LETHE_EMBEDDER", ""))  # the settings would take 0.3 s to load
    if not isinstance(_spec, OpenAIModel):
        load(_spec)
