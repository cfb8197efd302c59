"""`make audit`: vulnerable dependencies, forgotten secrets and insecure infrastructure.

Each part ends as `clean`, with its findings, or as NOT AUDITED with the reason. Advisories come
from services that not every network reaches, and a part that says nothing would look clean.
"""
