"""`make costs`: the requests, the stored bytes and the monthly costs of recording."""
