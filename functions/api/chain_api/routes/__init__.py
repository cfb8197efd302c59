"""The routes, grouped as the OpenAPI document tags them."""
