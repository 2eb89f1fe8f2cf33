"""Loads what child processes need only once, in the process that forks them, so that it costs each child nothing.

Only that process imports this module: see adapters/children.py.
"""

import os
from contextlib import suppress

import lethe.parsers  # noqa: F401
from lethe.adapters.embedders import OpenAIModel, parse_embedder
from lethe.adapters.embedders.cpu import load
from lethe.domain.errors import OperatorError
from lethe.text.blocks import split_parts
from lethe.text.chunking import chunks
from lethe.text.languages import STOP_WORDS
from lethe.text.lexemes import analyse

# The first use loads the tokenizer (42 MB), the stemmers and the parser.
for _chunk in chunks(split_parts("# Title\n\nText.\n"), 10):
    for _language in STOP_WORDS:
        analyse(_chunk.text, _language)

with suppress(OperatorError):  # raised again when the model is opened
    _spec = parse_embedder(os.environ.get("LETHE_EMBEDDER", ""))  # loading the settings would take 0.3 s
    if not isinstance(_spec, OpenAIModel):
        load(_spec)
