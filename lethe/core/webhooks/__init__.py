"""Webhooks. manage: creating and changing them; events: queueing deliveries; sending: attempts; signing, secrets."""
