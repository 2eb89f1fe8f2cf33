"""Words and sentences that come from the core, marked here for the catalogues and shown translated."""


def _(text: str) -> str:
    return text


KINDS = {
    "ingest": _("Reading"),
    "delete": _("Erasing"),
    "trash": _("Leaving the indexes"),
    "restore": _("Indexing again"),
    "filter": _("Deleting by filter"),
    "batch": _("Reading many at once"),
}
"""What a task does, by its kind."""

STEPS = {
    "Validation": _("Checking"),
    "Parse": _("Reading"),
    "Storage": _("Indexing"),
    "Removal": _("Removing"),
}

PLACES = {"page": _("Page"), "slide": _("Slide"), "sheet": _("Sheet"), "part": _("Part")}

LANGUAGES = {
    "es": _("Spanish"),
    "en": _("English"),
    "pt": _("Portuguese"),
    "fr": _("French"),
    "de": _("German"),
    "it": _("Italian"),
    "simple": _("another language"),
    "unknown": _("too little text to tell"),
}
"""The languages of documents."""

SUBJECTS = {
    "document": _("a document"),
    "folder": _("a folder"),
    "node": _("a folder or document"),
    "collection": _("a collection"),
    "filter": _("what matched a filter"),
}
"""What a receipt is about."""

EXCEPTIONS = {
    "backups and replicas of the database and the blob store made before erased_at, until they expire": _(
        "Backups and replicas that were made before the erasure, until they expire."
    ),
    "copies that callers took": _("Copies that people or programs took before."),
    "bytes of deleted rows and files that the disk still holds, until `lethe scrub`": _(
        "Bytes that the disk still holds below what Lethe reads, until the operator runs “lethe scrub”."
    ),
}
"""What a receipt does not cover, by the signed sentence."""

MEANINGS = {
    "knowledge:read": _("See folders, documents and tasks"),
    "knowledge:query": _("Search"),
    "knowledge:write": _("Upload, change and restore"),
    "knowledge:delete": _("Delete and erase, and see receipts"),
    "knowledge:assign": _("Give documents to assistants"),
    "assistants:read": _("See assistants"),
    "webhooks:read": _("See webhooks"),
    "webhooks:manage": _("Make and remove webhooks"),
}
"""What a scope permits."""

SENTENCES = (
    _("Choose at least one thing that the token may do."),
    _("You are signed in with this token: sign in with another one to revoke it."),
    _("There is nothing at this address."),
    _("Something went wrong on the server; its log says why. Try again, or go back to the start."),
    _("There is no assistant with this id."),
    _("There is no deletion with this id."),
    _("Task with specified ID not found"),
    _("Give a folder, a collection or a condition: an empty filter would mean every document."),
    _("Invalid condition: choose how to compare, with at most 200 characters."),
    _("A condition needs a value."),
    _("Too many conditions."),
    _("Sign in first."),
    _("You are not signed in any more."),
    _("This token is not valid: it is mistyped, revoked or expired."),
    _("This address has been used or is too old: sign in with a token."),
    _("This request comes from another site."),
    _("The page is out of date: reload it."),
    _("There is no node with this id."),
    _("Your token is bound to some folders, and may not change this: use one with wider bounds."),
    _(
        "This call concerns the whole company, but your token is bound to folders: use a token without bounds."
    ),
    _("There is no node with this id in the trash."),
    _("A collection of this name already exists: choose another title."),
    _("A folder cannot be moved into itself or into a folder below it."),
    _("A title must not contain control characters."),
    _("The document was deleted."),
    _("Too many pages are open: close some."),
)
"""Whole sentences of the console and the core. Those with values in them are in frame/sentences.py."""
