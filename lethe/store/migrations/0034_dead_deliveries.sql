-- The deliveries that were given up, for /metrics: among all that have ended in 30 days they are few.
CREATE INDEX webhook_delivery_dead ON webhook_delivery (created_at) WHERE status = 'dead';
