"""What a request names, looked up in the store: headers, contracts, candles."""
