"""The shop's services, one package each."""

VERSION = "1.0.0"
