"""What a request carries: token, query, body, form, Idempotency-Key."""
