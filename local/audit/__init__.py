"""`make audit`: known faults of the dependencies, forgotten secrets, careless infrastructure.

Each part ends as `clean`, with what it found, or as NOT AUDITED with the reason. Advisories come
from services that not every network reaches, and silence would look like a clean bill.
"""
