"""The media types that contracts and services know."""

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"  # RFC 9457
HTML = "text/html"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
