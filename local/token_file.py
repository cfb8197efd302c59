"""The file in which `make token` keeps tokens and `make run` finds them."""

TOKEN_FILE = "source_tokens.json"  # noqa: S105  (the name of a file)
"""Its name in the folder of the data: JSON by source. SOURCE_TOKENS takes its place."""
