"""Requests that no client sends, and what the server makes of them: security.md, sections 2 to 5, 9 and 10."""
