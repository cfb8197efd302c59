"""The sealed past: days of MongoDB in Parquet files, in a folder or in a bucket of S3."""
