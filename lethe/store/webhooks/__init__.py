"""Webhooks (`subscriptions`), the deliveries to them and to callbacks (`deliveries`), and sending these (`sending`)."""
