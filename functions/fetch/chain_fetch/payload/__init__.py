"""What the parsers of all sources share: types of JSON numbers, validation, errors with a place."""
