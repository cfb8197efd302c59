"""The pages for people: /dashboard and /docs."""
