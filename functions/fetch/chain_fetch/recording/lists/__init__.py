"""The exchange's lists, and what of them is believed: holidays, symbols, expiries, contracts."""
