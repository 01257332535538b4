"""The media types that contracts and services know."""

JSON = "application/json"
PROBLEM = "application/problem+json"  # RFC 9457
