"""Writes the OpenAPI document and its examples: make openapi."""
