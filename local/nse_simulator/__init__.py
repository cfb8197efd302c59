"""A stand-in for the exchange: answers, refuses and misbehaves over HTTP as NSE does."""
