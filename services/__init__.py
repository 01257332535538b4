"""The shop's services, one package each, and the chassis they stand on."""

VERSION = "1.0.0"
