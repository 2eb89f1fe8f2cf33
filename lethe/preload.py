"""Loads what child processes need once, in the server that forks them, so that it costs each child nothing.

Imported only by that server: see adapters/children.py.
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

# First use loads the tokenizer (42 MB), the stemmers and the parser.
for _chunk in chunks(split_parts("# Title\n\nText.\n"), 10):
    for _language in STOP_WORDS:
        analyse(_chunk.text, _language)

with suppress(OperatorError):  # whoever opens the model gets the error
    _spec = parse_embedder(os.environ.get("LETHE_EMBEDDER", ""))  # loading the settings would take 0.3 s
    if not isinstance(_spec, OpenAIModel):
        load(_spec)
