"""subscriptions: a company's webhooks; deliveries: what they and callbacks are told; sending: the tries."""
