"""The archive function: seals the days of MongoDB into Parquet files, and brings them back."""
