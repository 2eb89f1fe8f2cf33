"""Webhooks. manage: what a company does with them; events: telling them; sending: the tries; signing, secrets."""
