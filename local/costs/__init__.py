"""`make costs`: what recording asks of the exchange, leaves in the database and costs a month."""
